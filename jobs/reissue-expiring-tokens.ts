import type { SweepPlan } from '../src/sweep';

/**
 * Finds the AuthSecrets and access keys that are due or expire soon, or whose rotation is unfinished. Of Finout tokens, which
 * a person makes: asks for a new one ahead of time, and settles the one that was replaced.
 */
export const reissueExpiringTokens: SweepPlan = {
  name: 'reissue-expiring-tokens',
  kinds: ['flinks-auth-secret', 'finicity-access-key', 'finout-api-token'],
  does: 'rotate',
  settles: ['finout-api-token'],
};
