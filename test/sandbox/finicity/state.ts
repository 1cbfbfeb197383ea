import type { Grant } from '../grants';
import type { World } from '../world';
import { type FinicitySwitches, finicitySwitches } from './switches';

/** A partner (recipient). Its secrets are in the ledger; `customers` null means that any customer id is its own. */
export interface FinicityPartner {
  readonly partnerId: string;
  readonly appKey: string;
  readonly customers: ReadonlySet<string> | null;
  strikes: number;
  locked: boolean;
}

interface AppToken {
  readonly partnerId: string;
  readonly expiresAt: number;
}

/** What a receipt stands for, by its real ids; the grant itself is in the ledger. */
export interface StoredReceipt {
  readonly partnerId: string;
  readonly customerId: string;
  readonly thirdPartyPartnerId: string;
  revision: number;
  readonly grant: Grant;
}

export interface FinicityState {
  readonly world: World;
  switches: FinicitySwitches;
  readonly partners: Map<string, FinicityPartner>;
  readonly tokens: Map<string, AppToken>;
  readonly receipts: Map<string, StoredReceipt>;
  /** Real id -> pseudo id: the same for every receipt of one third party. */
  readonly pseudoIds: Map<string, string>;
}

export const makeFinicityState = (world: World): FinicityState => ({
  world,
  switches: finicitySwitches.parse({}),
  partners: new Map(),
  tokens: new Map(),
  receipts: new Map(),
  pseudoIds: new Map(),
});

export const PARTNER_SECRET = 'finicity-partner-secret';

export function addPartnerSecret(state: FinicityState, partnerId: string, secret: string): Grant {
  return state.world.ledger.add({
    kind: PARTNER_SECRET,
    account: partnerId,
    subject: partnerId,
    grantId: null,
    secret,
    issuedAt: state.world.clock.now(),
  });
}

/** Whether the partner may log in with this secret right now. */
export function secretWorks(state: FinicityState, partnerId: string, secret: string): boolean {
  return state.world.ledger.works({ kind: PARTNER_SECRET, subject: partnerId, secret }, state.world.clock.now());
}

/** The secrets of a partner that work, oldest first: more than one only during grace. */
export function liveSecrets(state: FinicityState, partnerId: string): Grant[] {
  return state.world.ledger.alive({ kind: PARTNER_SECRET, subject: partnerId }, state.world.clock.now());
}
