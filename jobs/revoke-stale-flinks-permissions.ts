import type { SweepPlan } from '../src/sweep';

/** Finds the replaced Flinks grants past their grace; of an Outbound recipient the old secret is only proven dead. */
export const revokeStaleFlinksPermissions: SweepPlan = {
  name: 'revoke-stale-flinks-permissions',
  kinds: ['flinks-auth-secret', 'flinks-outbound-recipient'],
  does: 'revoke',
};
