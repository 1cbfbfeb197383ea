import type { Fault, FaultInput } from './faults';
import { seedFinicity } from './finicity/seed';
import type { FinicityState } from './finicity/state';
import { finicitySwitches } from './finicity/switches';
import { seedFlinksDataSharing } from './flinks-data-sharing/seed';
import type { FlinksDataSharingState } from './flinks-data-sharing/state';
import { flinksDataSharingSwitches } from './flinks-data-sharing/switches';
import { seedFlinksOutbound } from './flinks-outbound/seed';
import type { FlinksOutboundState } from './flinks-outbound/state';
import { flinksOutboundSwitches } from './flinks-outbound/switches';
import type { GrantKind, GrantQuery } from './grants';
import { type GrantView, viewGrant } from './inspection/grant-view';
import { queryOfStoredValue } from './inspection/stored-value';
import type { Counters, Deviation, SeenRequest } from './journal';
import { type Seed, type Seeded, seedSchema } from './seed';
import { type Switches, type SwitchesInput, switchesSchema } from './switches';
import { clearWorld, type World } from './world';

/** The door beside the wire: what a test asks of the vendors and does to them, in the same process. */
export interface Control {
  /** Grants that match, dead ones too; `alive` narrows them down. */
  grants(query?: GrantQuery & { readonly alive?: boolean | undefined }): GrantView[];
  /** Whether a grant with this id, secret and subject (those that are given) works right now. */
  works(kind: GrantKind, by: Omit<GrantQuery, 'kind'>): boolean;
  /** The same for a vendor's answer as it was stored, verbatim. False where it has not the vendor's fields. */
  storedValueWorks(kind: GrantKind, value: unknown): boolean;
  recipients(): RecipientView[];
  partners(): PartnerView[];
  counters(): Counters;
  deviations(): readonly Deviation[];
  clearDeviations(): void;
  requests(): readonly SeenRequest[];
  faults(): readonly Fault[];
  addFaults(...faults: readonly FaultInput[]): void;
  replaceFaults(faults: readonly FaultInput[]): void;
  clearFaults(): void;
  switches(): Switches;
  /** Sets the switches that are given. */
  setSwitches(switches: SwitchesInput): void;
  seed(seed: Seed): Seeded;
  now(): Date;
  /** Moves the vendors' clock ahead: tokens, overlaps, graces and receipts end by it. */
  advanceClock(ms: number): void;
  /** Forgets everything: state, grants, faults, switches, counters, deviations, pending effects, clock. */
  reset(): void;
}

export interface RecipientView {
  readonly clientId: string;
  readonly partner: string;
  readonly name: string;
  /** The secrets that work right now. */
  readonly secrets: readonly string[];
}

/** A Finicity partner's lock. */
export interface PartnerView {
  readonly partnerId: string;
  readonly strikes: number;
  readonly locked: boolean;
}

export interface Vendors {
  readonly flinksOutbound: FlinksOutboundState;
  readonly flinksDataSharing: FlinksDataSharingState;
  readonly finicity: FinicityState;
}

export function makeControl(world: World, vendors: Vendors): Control {
  const { clock, ledger, faults, journal } = world;
  const works = (query: GrantQuery): boolean => ledger.works(query, clock.now());
  return {
    grants: ({ alive, ...query } = {}) =>
      ledger
        .find(query)
        .map((grant) => viewGrant(grant, clock.now()))
        .filter((grant) => alive === undefined || grant.alive === alive),
    works: (kind, by) => works({ ...by, kind }),
    storedValueWorks: (kind, value) => {
      const query = queryOfStoredValue(kind, value);
      return query !== null && works(query);
    },
    recipients: () => viewRecipients(world, vendors.flinksOutbound),
    partners: () =>
      [...vendors.finicity.partners.values()].map(({ partnerId, strikes, locked }) => ({ partnerId, strikes, locked })),
    counters: journal.counters,
    deviations: journal.deviations,
    clearDeviations: journal.clearDeviations,
    requests: journal.requests,
    faults: faults.list,
    addFaults: faults.add,
    replaceFaults: faults.replace,
    clearFaults: faults.clear,
    switches: () => switchesOf(vendors),
    setSwitches: (given) => setSwitches(vendors, given),
    seed: (seed) => plant(vendors, seed),
    now: () => new Date(clock.now()),
    advanceClock: clock.advance,
    reset: () => {
      clearWorld(world);
      clearVendors(vendors);
    },
  };
}

function viewRecipients(world: World, { recipients }: FlinksOutboundState): RecipientView[] {
  const now = world.clock.now();
  return [...recipients.values()].map(({ clientId, partnerId, name }) => {
    const query = { kind: 'flinks-outbound-recipient', subject: clientId } as const;
    const secrets = world.ledger
      .alive(query, now)
      .filter(({ usableFrom }) => now >= usableFrom)
      .map(({ secret }) => secret);
    return { clientId, partner: partnerId, name, secrets };
  });
}

const switchesOf = ({ flinksOutbound, flinksDataSharing, finicity }: Vendors): Switches => ({
  flinksOutbound: { ...flinksOutbound.switches },
  flinksDataSharing: { ...flinksDataSharing.switches },
  finicity: { ...finicity.switches },
});

/** Checks all of them before it sets any. */
function setSwitches(vendors: Vendors, given: SwitchesInput): void {
  const now = switchesOf(vendors);
  const wanted = switchesSchema.parse({
    flinksOutbound: { ...now.flinksOutbound, ...given.flinksOutbound },
    flinksDataSharing: { ...now.flinksDataSharing, ...given.flinksDataSharing },
    finicity: { ...now.finicity, ...given.finicity },
  });
  vendors.flinksOutbound.switches = wanted.flinksOutbound;
  vendors.flinksDataSharing.switches = wanted.flinksDataSharing;
  vendors.finicity.switches = wanted.finicity;
}

function plant(vendors: Vendors, seed: Seed): Seeded {
  const parsed = seedSchema.parse(seed);
  return {
    flinksOutbound: seedFlinksOutbound(vendors.flinksOutbound, parsed.flinksOutbound),
    flinksDataSharing: seedFlinksDataSharing(vendors.flinksDataSharing, parsed.flinksDataSharing),
    finicity: seedFinicity(vendors.finicity, parsed.finicity),
  };
}

function clearVendors({ flinksOutbound, flinksDataSharing, finicity }: Vendors): void {
  for (const map of [flinksOutbound.partners, flinksOutbound.recipients, flinksOutbound.tokens]) map.clear();
  flinksDataSharing.environments.clear();
  for (const map of [finicity.partners, finicity.tokens, finicity.receipts, finicity.pseudoIds]) map.clear();
  flinksOutbound.switches = flinksOutboundSwitches.parse({});
  flinksDataSharing.switches = flinksDataSharingSwitches.parse({});
  finicity.switches = finicitySwitches.parse({});
}
