import { z } from 'zod';
import { finicitySeed, type SeededFinicity } from './finicity/seed';
import { finoutSeed, type SeededFinout } from './finout/seed';
import { flinksDataSharingSeed, type SeededFlinksDataSharing } from './flinks-data-sharing/seed';
import { flinksOutboundSeed, type SeededFlinksOutbound } from './flinks-outbound/seed';

/** What to put into the vendors beforehand. */
export const seedSchema = z.strictObject({
  flinksOutbound: flinksOutboundSeed.prefault({}),
  flinksDataSharing: flinksDataSharingSeed.prefault({}),
  finicity: finicitySeed.prefault({}),
  finout: finoutSeed.prefault({}),
});
export type Seed = z.input<typeof seedSchema>;

/** What was put there, with everything that was made up. */
export interface Seeded {
  readonly flinksOutbound: SeededFlinksOutbound;
  readonly flinksDataSharing: SeededFlinksDataSharing;
  readonly finicity: SeededFinicity;
  readonly finout: SeededFinout;
}
