import type { SweepPlan } from '../src/sweep';

/** Finds the Flinks Outbound recipients whose secret is due, or whose rotation is unfinished. */
export const regenerateOutboundSecrets: SweepPlan = {
  name: 'regenerate-outbound-secrets',
  kinds: ['flinks-outbound-recipient'],
  does: 'rotate',
};
