import { seedFinicity } from './finicity/seed';
import { type FinicityState, makeFinicityState } from './finicity/state';
import { finicitySwitches } from './finicity/switches';
import { seedFinout } from './finout/seed';
import { type FinoutState, makeFinoutState } from './finout/state';
import { finoutSwitches } from './finout/switches';
import { seedFlinksDataSharing } from './flinks-data-sharing/seed';
import { type FlinksDataSharingState, makeFlinksDataSharingState } from './flinks-data-sharing/state';
import { flinksDataSharingSwitches } from './flinks-data-sharing/switches';
import { seedFlinksOutbound } from './flinks-outbound/seed';
import { type FlinksOutboundState, makeFlinksOutboundState } from './flinks-outbound/state';
import { flinksOutboundSwitches } from './flinks-outbound/switches';
import { type Seed, type Seeded, seedSchema } from './seed';
import { type Switches, type SwitchesInput, switchesSchema } from './switches';
import type { World } from './world';

/** The state of every vendor. */
export interface Vendors {
  readonly flinksOutbound: FlinksOutboundState;
  readonly flinksDataSharing: FlinksDataSharingState;
  readonly finicity: FinicityState;
  readonly finout: FinoutState;
}

export const makeVendors = (world: World): Vendors => ({
  flinksOutbound: makeFlinksOutboundState(world),
  flinksDataSharing: makeFlinksDataSharingState(world),
  finicity: makeFinicityState(world),
  finout: makeFinoutState(world),
});

export const switchesOf = ({ flinksOutbound, flinksDataSharing, finicity, finout }: Vendors): Switches => ({
  flinksOutbound: { ...flinksOutbound.switches },
  flinksDataSharing: { ...flinksDataSharing.switches },
  finicity: { ...finicity.switches },
  finout: { ...finout.switches },
});

/** Sets the switches that are given; checks all of them before it sets any. */
export function setSwitches(vendors: Vendors, given: SwitchesInput): void {
  const now = switchesOf(vendors);
  const wanted = switchesSchema.parse({
    flinksOutbound: { ...now.flinksOutbound, ...given.flinksOutbound },
    flinksDataSharing: { ...now.flinksDataSharing, ...given.flinksDataSharing },
    finicity: { ...now.finicity, ...given.finicity },
    finout: { ...now.finout, ...given.finout },
  });
  vendors.flinksOutbound.switches = wanted.flinksOutbound;
  vendors.flinksDataSharing.switches = wanted.flinksDataSharing;
  vendors.finicity.switches = wanted.finicity;
  vendors.finout.switches = wanted.finout;
}

export function plant(vendors: Vendors, seed: Seed): Seeded {
  const parsed = seedSchema.parse(seed);
  return {
    flinksOutbound: seedFlinksOutbound(vendors.flinksOutbound, parsed.flinksOutbound),
    flinksDataSharing: seedFlinksDataSharing(vendors.flinksDataSharing, parsed.flinksDataSharing),
    finicity: seedFinicity(vendors.finicity, parsed.finicity),
    finout: seedFinout(vendors.finout, parsed.finout),
  };
}

/** Empties every vendor and puts its switches back. */
export function clearVendors({ flinksOutbound, flinksDataSharing, finicity, finout }: Vendors): void {
  for (const map of [flinksOutbound.partners, flinksOutbound.recipients, flinksOutbound.tokens]) map.clear();
  flinksDataSharing.environments.clear();
  for (const map of [finicity.partners, finicity.tokens, finicity.receipts, finicity.pseudoIds]) map.clear();
  flinksOutbound.switches = flinksOutboundSwitches.parse({});
  flinksDataSharing.switches = flinksDataSharingSwitches.parse({});
  finicity.switches = finicitySwitches.parse({});
  finout.withoutPermission.clear();
  finout.mostAtOnce = 0;
  finout.switches = finoutSwitches.parse({});
}
