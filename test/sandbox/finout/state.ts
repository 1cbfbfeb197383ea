import { unique } from '../ids';
import type { World } from '../world';
import { type FinoutSwitches, finoutSwitches } from './switches';

export interface FinoutState {
  readonly world: World;
  switches: FinoutSwitches;
  /** Client ids of tokens whose role may not list views. */
  readonly withoutPermission: Set<string>;
  /** Requests under way, by client id. */
  readonly underWay: Map<string, number>;
  /** The most requests that were under way at once, of all tokens together. */
  mostAtOnce: number;
}

export const makeFinoutState = (world: World): FinoutState => ({
  world,
  switches: finoutSwitches.parse({}),
  withoutPermission: new Set(),
  underWay: new Map(),
  mostAtOnce: 0,
});

export const TOKEN = 'finout-api-token';

/** What a person fills in (S3, step 5). Finout publishes no list of expirations: any number of milliseconds here. */
export interface TokenForm {
  /** The description, by which people tell tokens apart; several may have the same. */
  readonly name: string;
  readonly expiresInMs?: number | undefined;
  /** Whether its role may list views; it may by default. */
  readonly permitted?: boolean | undefined;
}

/** What the portal shows, once (S3, step 6). */
export interface ShownToken {
  readonly clientId: string;
  readonly secretKey: string;
  readonly expiresAt: Date | null;
}

/** A person generates a token in the Admin Portal. The tokens that are there live on. */
export function generateToken(state: FinoutState, { name, expiresInMs, permitted = true }: TokenForm): ShownToken {
  const { clock, ledger } = state.world;
  const now = clock.now();
  const clientId = unique('fo-client-');
  const secretKey = unique('fo-secret-');
  const endsAt = expiresInMs === undefined ? null : now + expiresInMs;
  ledger.add({
    ...{ kind: TOKEN, account: 'finout', subject: name, grantId: clientId, secret: secretKey },
    issuedAt: now,
    usableFrom: now + state.switches.newTokenWorksAfterMs,
    end: endsAt === null ? null : { at: endsAt, why: 'expired' },
  });
  if (!permitted) state.withoutPermission.add(clientId);
  return { clientId, secretKey, expiresAt: endsAt === null ? null : new Date(endsAt) };
}

/** A person deletes a token in the Admin Portal. */
export function deleteToken({ world, switches }: FinoutState, clientId: string): void {
  const now = world.clock.now();
  world.ledger.end({ kind: TOKEN, grantId: clientId }, now, now + switches.deletedTokenLivesMs, 'deleted by a person');
}

/** A person gives a token a role that may list views. */
export const permitToken = ({ withoutPermission }: FinoutState, clientId: string): void =>
  void withoutPermission.delete(clientId);
