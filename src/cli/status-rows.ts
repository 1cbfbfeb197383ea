import type { PausedTag } from '../account-pause';
import type { Tombstone } from '../attempt-record';
import type { Collaborators } from '../collaborators';
import { ownerLimitMs } from '../decision';
import { expiryOf, issuedAt } from '../due';
import { OWN_CREDENTIAL_REFUSED } from '../errors';
import { stateOf } from '../policy';
import { NEEDS_A_PERSON } from '../rotation-context';
import { isOpen } from '../rotation-tags';
import type { Observation } from '../secret-store';
import { isAbsent } from '../situation';
import type { Credential, Instant } from '../types';
import type { Shown } from './words';

/** How the last attempt ended, as far as the labels say it; why it was given up says the tombstone (`status ID`). */
type LastOutcome = 'none' | 'promoted' | 'given-up' | 'in-flight' | 'staged' | 'undone' | 'by-hand';

/** One credential of the status. */
export interface Row {
  readonly credential: Credential;
  readonly seen: Observation | undefined;
  readonly decision: Shown;
  /** The pause of its account, where that holds it up. */
  readonly pause: PausedTag | undefined;
  readonly needsAPerson: boolean;
  readonly issuedAt: Instant | undefined;
  readonly expiresAt: Instant | undefined;
  readonly lastOutcome: LastOutcome;
  /** What a person has to look into, whatever the state. */
  readonly open: { readonly suspects: number; readonly unrevoked: number; readonly stillAlive: number };
}

type Deps = Pick<Collaborators, 'clock' | 'providerOf' | 'accountOf'>;

/** By the names of accounts, as tags say. */
export type Pauses = ReadonlyMap<string, PausedTag>;

/** @param seen `unreadable`: Secrets Manager did not answer */
export function rowOf(
  { clock, providerOf, accountOf }: Deps,
  credential: Credential,
  seen: Observation | undefined | 'unreadable',
  pauses: Pauses,
  lastAttempt?: Tombstone,
): Row {
  if (seen === 'unreadable') return unreadable(credential);
  const now = clock.now();
  const found = pauses.get(credential.account);
  const decision = stateOf({
    credential,
    traits: providerOf(credential).traits,
    seen,
    now,
    ownerLimitMs: ownerLimitMs(accountOf(credential).timeoutMs),
    lastAttempt,
    pausedUntil: found === undefined ? undefined : 'unknown',
  });
  const pause = decision.state === 'paused' ? found : undefined;
  const open = {
    suspects: seen?.tags.suspects.filter((suspect) => isOpen(suspect, now)).length ?? 0,
    unrevoked: seen?.tags.unrevoked.length ?? 0,
    stillAlive: seen?.tags.stillAlive.length ?? 0,
  };
  return {
    ...{ credential, seen, decision, pause, open },
    needsAPerson:
      isForAPerson(decision) || waitsForOwnCredential(pause) || open.suspects + open.unrevoked + open.stillAlive > 0,
    issuedAt: isAbsent(seen) || seen === undefined ? undefined : issuedAt(seen.current, seen),
    expiresAt: expiryOf(seen?.current),
    lastOutcome: lastOutcome(seen),
  };
}

const unreadable = (credential: Credential): Row => ({
  credential,
  seen: undefined,
  decision: { state: 'unreadable', action: 'none', reason: 'secrets-manager-refused' },
  pause: undefined,
  needsAPerson: true,
  issuedAt: undefined,
  expiresAt: undefined,
  lastOutcome: 'none',
  open: { suspects: 0, unrevoked: 0, stillAlive: 0 },
});

/** The worker's own credential is refused, or is not there. */
const waitsForOwnCredential = (pause: PausedTag | undefined): boolean => pause?.reason === OWN_CREDENTIAL_REFUSED;

const isForAPerson = ({ state, reason }: Shown): boolean =>
  state === 'suspected' || reason === 'previous-awaits-confirmation' || NEEDS_A_PERSON.some((one) => one === state);

function lastOutcome(seen: Observation | undefined): LastOutcome {
  if (seen === undefined) return 'none';
  const { pending, current, previous, givenUp } = seen;
  if (pending?.id === givenUp && pending !== undefined) return 'given-up';
  if (pending === undefined || pending.id === current?.id) return settledOutcome(seen);
  if (pending.is === 'intent') return 'in-flight';
  return pending.id === previous?.id ? 'undone' : 'staged';
}

function settledOutcome({ current }: Observation): LastOutcome {
  if (current === undefined || current.is === 'intent') return 'none';
  return current.is === 'value' ? 'promoted' : 'by-hand';
}
