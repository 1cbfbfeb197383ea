import type { SweepPlan } from '../src/sweep';

/** Finds the replaced Finicity consent receipts past their grace. */
export const revokeStaleFinicityReceipts: SweepPlan = {
  name: 'revoke-stale-finicity-receipts',
  kinds: ['finicity-access-key'],
  does: 'revoke',
};
