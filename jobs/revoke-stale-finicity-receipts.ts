import type { SweepPlan } from '../src/sweep';

/** Finds the replaced Finicity consent receipts past their grace, and the partner secrets past that of the vendor. */
export const revokeStaleFinicityReceipts: SweepPlan = {
  name: 'revoke-stale-finicity-receipts',
  kinds: ['finicity-access-key', 'finicity-partner-secret'],
  does: 'revoke',
};
