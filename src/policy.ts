import { createHash } from 'node:crypto';
import type { Tombstone } from './attempt-record';
import type { ProviderTraits } from './provider';
import type { Observation } from './secret-store';
import { isAbsent, type Situation, situation } from './situation';
import type { Credential, Instant, Policy } from './types';
import type { VersionId } from './version-ids';
import { nextInWindow } from './window';

// Pure decisions: (credential, what the labels and tags say, now) -> what to do, when, and a named reason. The same
// reason stands in the log, the job's result and the status.

export type Wish = 'none' | 'normal' | 'compromised';

export type State =
  | 'missing'
  | 'absent'
  | 'fresh'
  | 'due'
  | 'in-flight'
  | 'interrupted'
  | 'staged'
  | 'superseded'
  | 'in-grace'
  | 'stale'
  | 'suspended'
  | 'suspected'
  | 'blocked'
  | 'foreign'
  | 'being-deleted';

export interface Decision {
  readonly state: State;
  readonly action: 'none' | 'rotate' | 'resume' | 'verify' | 'settle';
  readonly reason: string;
  /** When the action falls due, or when to look again; absent: now, or not before something changes. */
  readonly at?: Instant;
}

export const MOST_SUSPECTS = 5;
export const MOST_FAILURES = 5;
/** An intent may lead to the issue call only while it is this young, by the monotonic clock. */
export const ISSUE_WINDOW_MS = 5_000;
const OWNER_MARGIN_MS = 5_000;
/** Due times are spread over this share of `rotateEvery`, before it, by a hash of the id. */
const SPREAD_SHARE = 0.1;

/** The longest that the owner of an intent can still act on it: the last call begins within the window, and ends. */
export const ownerLimitMs = (providerTimeoutMs: number): number =>
  ISSUE_WINDOW_MS + providerTimeoutMs + OWNER_MARGIN_MS;

/** A number in [0, 1) that belongs to the id: it spreads work, and no restart moves it. */
export const hashShare = (id: string): number => createHash('sha256').update(id).digest().readUInt32BE(0) / 2 ** 32;

/** When the current version was issued; a value made by a person counts from its creation. */
export function issuedAt(version: VersionId | undefined, seen: Observation): Instant | undefined {
  if (version?.is === 'value') return version.issuedAt;
  return version !== undefined && seen.tags.adopted?.version === version.id ? seen.tags.adopted.createdAt : undefined;
}

const expiryOf = (version: VersionId | undefined): Instant | undefined =>
  version?.is === 'value' ? version.expiresAt : undefined;

/** When AWSCURRENT falls due: by age or by expiry, whichever is first; in the window, which yields to expiry. */
export function dueAt(credential: Credential, seen: Observation): Instant | undefined {
  const { policy } = credential;
  const born = issuedAt(seen.current, seen);
  if (born === undefined) return undefined;
  const byAge = born + policy.rotateEveryMs * (1 - SPREAD_SHARE * hashShare(credential.id));
  const expiry = expiryOf(seen.current);
  const due = expiry === undefined ? byAge : Math.min(byAge, expiry - policy.renewBeforeMs);
  const opens = nextInWindow(policy.window, due);
  return expiry !== undefined && opens >= expiry ? due : opens;
}

/** The replaced grant's last moment by policy; `never`: only a `revoke` message ends its grace. */
export function graceEndsAt(credential: Credential, seen: Observation): Instant | 'never' {
  const { policy } = credential;
  const ends = expiryOf(seen.previous);
  if (policy.revokeAfter === 'confirmation') return ends ?? 'never';
  const promoted = seen.tags.promoted?.version === seen.current?.id ? seen.tags.promoted?.at : undefined;
  const from = promoted ?? issuedAt(seen.current, seen) ?? seen.lastChangedAt;
  return nextInWindow(policy.window, from + policy.graceMs);
}

/** Is AWSPREVIOUS a version whose grant may still live? */
export const isUnsettled = (seen: Observation): boolean =>
  seen.previous !== undefined &&
  seen.previous.is !== 'intent' &&
  seen.previous.is !== 'try' &&
  seen.tags.revoked !== seen.previous.id;

/** Has the grace of AWSPREVIOUS ended, by time, because it is compromised, or because a message says so? */
export function graceIsOver(credential: Credential, seen: Observation, now: Instant, ended = false): boolean {
  if (ended || (seen.previous !== undefined && seen.tags.compromised.includes(seen.previous.id))) return true;
  const ends = graceEndsAt(credential, seen);
  return ends !== 'never' && ends <= now;
}

const isCompromised = (seen: Observation | undefined): boolean =>
  seen?.current !== undefined && seen.tags.compromised.includes(seen.current.id);

export const openSuspects = (seen: Observation, now: Instant): number =>
  seen.tags.suspects.filter(({ until }) => until === 'never' || (until !== 'resolved' && until > now)).length;

interface Input {
  readonly credential: Credential;
  readonly traits: ProviderTraits;
  readonly seen: Observation | undefined;
  readonly now: Instant;
  readonly ownerLimitMs: number;
  readonly wish?: Wish;
  /** The last attempt's tombstone, when AWSPENDING is on one and it has been read. */
  readonly lastAttempt?: Tombstone | undefined;
}

/** What rotation has to do with this credential. */
export function decideRotation(input: Input): Decision {
  const { credential, seen, now } = input;
  const here = situation(credential, seen);
  return unfinishedFirst(here, input) ?? trouble(input) ?? begin({ ...input, seen, now });
}

function unfinishedFirst(here: Situation, { credential, seen, now, ownerLimitMs: limit }: Input): Decision | undefined {
  switch (here.is) {
    case 'missing':
      if (credential.policy.create) return undefined;
      return { state: 'missing', action: 'none', reason: 'secret-missing-and-may-not-be-created' };
    case 'being-deleted':
      return { state: 'being-deleted', action: 'none', reason: 'secret-scheduled-for-deletion' };
    case 'foreign':
      return { state: 'foreign', action: 'none', reason: here.reason };
    case 'doubtful':
      return { state: 'blocked', action: 'none', reason: here.reason };
    case 'foreign-current':
      return { state: 'foreign', action: 'resume', reason: 'a-person-made-a-version-current' };
    case 'intent': {
      const until = (seen?.lastChangedAt ?? now) + limit;
      const over = until <= now;
      return {
        state: over ? 'interrupted' : 'in-flight',
        action: 'resume',
        reason: over ? 'owner-is-gone' : 'owner-may-act',
        at: until,
      };
    }
    case 'staged':
    case 'superseded':
      return {
        state: here.is,
        action: 'resume',
        reason: here.is === 'staged' ? 'value-is-staged' : 'base-is-no-longer-current',
      };
    case 'settled':
    case 'unclaimed':
      return undefined;
  }
}

function trouble({ seen, traits, now, credential }: Input): Decision | undefined {
  if (seen === undefined) return undefined;
  if (seen.tags.blocked !== undefined) return { state: 'blocked', action: 'none', reason: seen.tags.blocked };
  const suspects = openSuspects(seen, now);
  if (suspects >= MOST_SUSPECTS) return { state: 'blocked', action: 'none', reason: 'five-suspected-orphans' };
  const last = seen.pending?.id === seen.givenUp && seen.pending?.is === 'value' ? seen.pending.rotationId : undefined;
  const open = seen.tags.suspects.some((s) => s.rotationId === last && s.until !== 'resolved');
  if (open && !credential.policy.reissueAfterUnknown && !traits.verifiable) {
    return { state: 'suspected', action: 'none', reason: 'outcome-of-the-last-attempt-unknown' };
  }
  return undefined;
}

function begin(input: Input): Decision {
  const { credential, seen, now, traits, lastAttempt } = input;
  const due = whenDue(input);
  if (due.action === 'none') {
    const mayBeDead = seen !== undefined && traits.verifiable && !isAbsent(seen) && openSuspects(seen, now) > 0;
    return mayBeDead ? { ...due, action: 'verify', reason: 'a-lost-call-may-have-killed-it', at: now } : due;
  }
  const suspended = credential.policy.suspendUntil;
  if (suspended !== undefined && suspended > now) {
    return { state: 'suspended', action: 'none', reason: 'suspended', at: suspended };
  }
  const resting = lastAttempt === undefined ? undefined : nextAttemptAt(credential.policy, lastAttempt);
  if (resting !== undefined && resting > now) return { ...due, action: 'none', reason: 'backing-off', at: resting };
  return seen === undefined ? due : (waitForGrace(input, seen, due) ?? due);
}

/** Is it due at all? `at` is the due time of a credential that is not. */
function whenDue({ credential, seen, now, wish }: Input): Decision {
  if (seen === undefined || isAbsent(seen)) return { state: 'absent', action: 'rotate', reason: 'no-value-yet' };
  if (isCompromised(seen)) return { state: 'due', action: 'rotate', reason: 'compromised' };
  const due = dueAt(credential, seen);
  if (due !== undefined && due <= now) {
    const byExpiry =
      expiryOf(seen.current) !== undefined && (expiryOf(seen.current) ?? 0) - credential.policy.renewBeforeMs <= now;
    return { state: 'due', action: 'rotate', reason: byExpiry ? 'expires-soon' : 'older-than-allowed', at: due };
  }
  if (wish === 'normal' && tooSoon(credential, seen, now, wish) === undefined) {
    return { state: 'due', action: 'rotate', reason: 'on-demand' };
  }
  return { state: 'fresh', action: 'none', reason: 'young', ...(due === undefined ? {} : { at: due }) };
}

/** A rotation does not promote over an AWSPREVIOUS whose grant still lives: at most two grants are alive. */
function waitForGrace({ credential, now }: Input, seen: Observation, due: Decision): Decision | undefined {
  if (!isUnsettled(seen) || isCompromised(seen) || graceIsOver(credential, seen, now)) return undefined;
  const ends = graceEndsAt(credential, seen);
  const reason = ends === 'never' ? 'previous-awaits-confirmation' : 'previous-in-grace';
  return { ...due, action: 'none', reason, ...(ends === 'never' ? {} : { at: ends }) };
}

/** Failed attempts rest by the policy's list; those that did nothing as well, or as long as the vendor said. */
export function nextAttemptAt(policy: Policy, last: Tombstone): Instant {
  const nth = last.failures + last.undone - 1;
  const pause = policy.retryAfterMs[Math.min(Math.max(nth, 0), policy.retryAfterMs.length - 1)] ?? 0;
  return Math.max(last.at + pause, last.retryAt ?? 0);
}

/** Does the request concern something that is too young to be replaced again? The minimum interval of its urgency. */
export function tooSoon(credential: Credential, seen: Observation, now: Instant, wish: Wish): Instant | undefined {
  const born = issuedAt(seen.current, seen);
  if (born === undefined || wish === 'none') return undefined;
  const { minIntervalMs, compromisedMinIntervalMs } = credential.policy;
  const free = born + (wish === 'compromised' ? compromisedMinIntervalMs : minIntervalMs);
  return free > now ? free : undefined;
}

/** What revocation has to do with AWSPREVIOUS. While an attempt is unfinished it leaves the credential alone. */
export function decideRevocation(
  input: Omit<Input, 'wish' | 'lastAttempt'> & { readonly graceEnded?: boolean },
): Decision {
  const { credential, seen, now, graceEnded } = input;
  const here = situation(credential, seen);
  const nothing = (state: State, reason: string): Decision => ({ state, action: 'none', reason });
  if (seen === undefined || (here.is !== 'settled' && here.is !== 'unclaimed')) return decideRotation(input);
  if (!isUnsettled(seen)) return nothing('fresh', 'settled');
  if (seen.tags.blocked !== undefined) return nothing('blocked', seen.tags.blocked);
  const { suspendUntil } = credential.policy;
  if (suspendUntil !== undefined && suspendUntil > now)
    return { ...nothing('suspended', 'suspended'), at: suspendUntil };
  if (graceIsOver(credential, seen, now, graceEnded))
    return { state: 'stale', action: 'settle', reason: 'grace-is-over' };
  const ends = graceEndsAt(credential, seen);
  if (ends === 'never') return nothing('in-grace', 'awaits-confirmation');
  return { state: 'in-grace', action: 'none', reason: 'in-grace', at: ends };
}

/** The one named state of a credential, for people. */
export function stateOf(input: Omit<Input, 'wish'>): Decision {
  const rotation = decideRotation(input);
  if (rotation.state !== 'fresh') return rotation;
  const revocation = decideRevocation(input);
  return revocation.state === 'fresh' ? rotation : revocation;
}
