import type { Fault, FaultInput } from './faults';
import { deleteToken, generateToken, permitToken, type ShownToken, type TokenForm } from './finout/state';
import type { GrantKind, GrantQuery } from './grants';
import { type GrantView, viewGrant } from './inspection/grant-view';
import { queryOfStoredValue } from './inspection/stored-value';
import {
  type PartnerView,
  type RecipientView,
  type TokenView,
  viewPartners,
  viewRecipients,
  viewTokens,
} from './inspection/views';
import type { Counters, Deviation, SeenRequest } from './journal';
import type { Seed, Seeded } from './seed';
import type { Switches, SwitchesInput } from './switches';
import { clearVendors, plant, setSwitches, switchesOf, type Vendors } from './vendors';
import { clearWorld, type World } from './world';

/** Tokens are generated and deleted here, and nowhere else (S3). */
interface AdminPortal {
  generate(form: TokenForm): ShownToken;
  delete(clientId: string): void;
  /** Gives a token that had none a role that may list views. */
  permit(clientId: string): void;
  /** The most requests that Finout had under way at once. */
  mostAtOnce(): number;
}

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
  /** Access tokens that are good right now. */
  tokens(): TokenView[];
  /** Every secret value that a vendor was given or gave out since the last reset, dead ones too: for leak searches. */
  secretValues(): string[];
  counters(): Counters;
  deviations(): readonly Deviation[];
  clearDeviations(): void;
  requests(): readonly SeenRequest[];
  faults(): readonly Fault[];
  addFaults(...faults: readonly FaultInput[]): void;
  replaceFaults(faults: readonly FaultInput[]): void;
  clearFaults(): void;
  /** What a fault holds back, or lets take effect later, takes effect now. */
  runLate(): void;
  switches(): Switches;
  /** Sets the switches that are given. */
  setSwitches(switches: SwitchesInput): void;
  seed(seed: Seed): Seeded;
  /** What a person does in Finout's Admin Portal. */
  readonly adminPortal: AdminPortal;
  now(): Date;
  /** Moves the vendors' clock ahead: tokens, overlaps, graces and receipts end by it. */
  advanceClock(ms: number): void;
  /** Forgets everything: state, grants, faults, switches, counters, deviations, pending effects, clock. */
  reset(): void;
}

export function makeControl(world: World, vendors: Vendors): Control {
  const { clock, ledger, faults, journal, later } = world;
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
    recipients: () => viewRecipients(vendors),
    partners: () => viewPartners(vendors),
    tokens: () => viewTokens(vendors),
    secretValues: () => [...world.secretValues],
    counters: journal.counters,
    deviations: journal.deviations,
    clearDeviations: journal.clearDeviations,
    requests: journal.requests,
    faults: faults.list,
    addFaults: faults.add,
    replaceFaults: faults.replace,
    clearFaults: faults.clear,
    runLate: later.runAll,
    switches: () => switchesOf(vendors),
    setSwitches: (given) => setSwitches(vendors, given),
    seed: (seed) => plant(vendors, seed),
    adminPortal: {
      generate: (form) => generateToken(vendors.finout, form),
      delete: (clientId) => deleteToken(vendors.finout, clientId),
      permit: (clientId) => permitToken(vendors.finout, clientId),
      mostAtOnce: () => vendors.finout.mostAtOnce,
    },
    now: () => new Date(clock.now()),
    advanceClock: clock.advance,
    reset: () => {
      clearWorld(world);
      clearVendors(vendors);
    },
  };
}
