import { z } from 'zod';
import { finicitySwitches } from './finicity/switches';
import { finoutSwitches } from './finout/switches';
import { flinksDataSharingSwitches } from './flinks-data-sharing/switches';
import { flinksOutboundSwitches } from './flinks-outbound/switches';

/** The switches of every vendor. */
export const switchesSchema = z.strictObject({
  flinksOutbound: flinksOutboundSwitches,
  flinksDataSharing: flinksDataSharingSwitches,
  finicity: finicitySwitches,
  finout: finoutSwitches,
});
export type Switches = z.output<typeof switchesSchema>;

/** Some switches, as a test sets them: the others stay as they are. */
export type SwitchesInput = { readonly [Vendor in keyof Switches]?: Partial<Switches[Vendor]> };

export const switchesInputSchema = z.strictObject({
  flinksOutbound: z.record(z.string(), z.unknown()).default({}),
  flinksDataSharing: z.record(z.string(), z.unknown()).default({}),
  finicity: z.record(z.string(), z.unknown()).default({}),
  finout: z.record(z.string(), z.unknown()).default({}),
});
