import type { SweepPlan } from '../src/sweep';

/** Finds the AuthSecrets, access keys and partner secrets that are due or expire soon, or whose rotation is unfinished. */
export const reissueExpiringTokens: SweepPlan = {
  name: 'reissue-expiring-tokens',
  kinds: ['flinks-auth-secret', 'finicity-access-key', 'finicity-partner-secret'],
  does: 'rotate',
};
