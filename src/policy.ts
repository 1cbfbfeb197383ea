import type { Tombstone } from './attempt-record';
import { decideImport } from './by-hand';
import {
  type Decision,
  MOST_FAILURES,
  NOT_PERMITTED,
  nothing,
  type PausedUntil,
  type PolicyInput,
  paused,
} from './decision';
import { dueTime, graceEnds, graceEndsAt, graceIsOver, isCompromised, isUnsettled, tooSoon } from './due';
import { parametersChanged } from './parameters';
import { countsAsDead, isOutlived, whenDead, whenRetired, whenUnused } from './retired';
import { isListed, isOpen, openSuspects } from './rotation-tags';
import type { Observation } from './secret-store';
import { isAbsent, type Situation, situation } from './situation';
import type { Credential, Instant, Policy } from './types';
import { unmapped } from './value-fit';
import { baseHash } from './version-ids';
import { nextInWindow } from './window';

// Pure decisions: (credential, what the labels and tags say, now) -> what to do, when, and a named reason.

const MOST_SUSPECTS = 5;

type Seen = PolicyInput & { readonly seen: Observation };

/** What rotation has to do with this credential. */
export function decideRotation(input: PolicyInput): Decision {
  const { credential, seen } = input;
  const here = situation(credential, seen);
  return whenRetired(here, input) ?? unfinishedFirst(here, input) ?? begin(input);
}

/** What is not settled is finished first; what is not ours, or doubtful, is left alone. */
function unfinishedFirst(here: Situation, input: PolicyInput): Decision | undefined {
  switch (here.is) {
    case 'missing':
      return input.credential.policy.create ? undefined : nothing('missing', 'secret-missing-and-may-not-be-created');
    case 'being-deleted':
      return nothing('being-deleted', 'secret-scheduled-for-deletion');
    case 'foreign':
      return nothing('foreign', here.reason);
    case 'doubtful':
      return nothing('blocked', here.reason);
    case 'adoptable':
      return { state: 'interrupted', action: 'resume', reason: 'to-be-adopted' };
    case 'hand-made':
      if (input.seen?.tags.blocked !== undefined) return nothing('blocked', input.seen.tags.blocked);
      return { state: 'interrupted', action: 'resume', reason: 'a-person-made-a-version-current' };
    case 'detached':
      if (input.seen?.tags.blocked !== undefined) return nothing('blocked', input.seen.tags.blocked);
      return { state: 'interrupted', action: 'resume', reason: 'awspending-is-nowhere' };
    case 'intent':
      return ownersTurn(input);
    case 'staged':
      if (input.seen?.tags.blocked === NOT_PERMITTED) return nothing('blocked', NOT_PERMITTED);
      return chosenTurn(input) ?? { state: 'staged', action: 'resume', reason: 'value-is-staged' };
    case 'superseded':
      if (input.seen?.tags.blocked !== undefined) return nothing('blocked', input.seen.tags.blocked);
      return { state: 'superseded', action: 'resume', reason: 'base-is-no-longer-current' };
    case 'settled':
    case 'unclaimed':
      return undefined;
  }
}

/** An intent is left to its owner until the owner can no longer act. Its age counts from the last change: late, never early. */
function ownersTurn({ seen, now, ownerLimitMs: limit }: PolicyInput): Decision {
  const at = (seen?.lastChangedAt ?? now) + limit;
  return at <= now
    ? { state: 'interrupted', action: 'resume', reason: 'owner-is-gone', at }
    : { state: 'in-flight', action: 'resume', reason: 'owner-may-act', at };
}

/**
 * What is in force of a value that we have chosen, logins tell that may fail: it is left to its owner, who may make two calls
 * and a pause between two of its writes; and to a person once it is blocked.
 */
function chosenTurn({ traits, seen, now, ownerLimitMs: limit }: PolicyInput): Decision | undefined {
  if (traits.issuedBy !== 'us' || seen === undefined) return undefined;
  const at = seen.lastChangedAt + 2 * limit;
  if (seen.tags.blocked !== undefined) return nothing('blocked', seen.tags.blocked);
  return at <= now ? undefined : { state: 'in-flight', action: 'resume', reason: 'owner-may-act', at };
}

function begin(input: PolicyInput): Decision {
  const { seen, now, traits } = input;
  if (traits.issuedBy === 'person') return askAPerson(input);
  if (traits.issuedBy === 'us' && isAbsent(seen)) return nothing('needs-import', 'first-value-comes-by-import');
  if (seen === undefined) return mayBegin(input, noValueYet);
  const found =
    blocked({ ...input, seen }) ?? waitsForMapping({ ...input, seen }) ?? mayBegin(input, whenDue({ ...input, seen }));
  if (found.action !== 'none') return found;
  if (isUnread({ ...input, seen })) {
    const reason = found.state === 'blocked' ? found.reason : 'last-attempt-unread';
    return { ...found, action: 'resume', reason, at: now };
  }
  if (isOutlived(seen)) return { ...found, action: 'resume', at: now };
  if (found.state === 'blocked' || found.reason === 'backing-off' || !mayBeDead(input)) return found;
  if (input.pausedUntil !== undefined) return paused(input.pausedUntil);
  return { ...found, action: 'verify', reason: 'a-lost-call-may-have-killed-it', at: now };
}

function askAPerson(input: PolicyInput): Decision {
  const { seen, now } = input;
  if (seen === undefined) return decideImport(input);
  const found = waitsForMapping({ ...input, seen }) ?? decideImport(input);
  return found.action === 'none' && isOutlived(seen) ? { ...found, action: 'resume', at: now } : found;
}

/**
 * Whoever gave the last attempt up may have died before listing it as suspect: labels do not tell why it was given up.
 */
function isUnread({ seen, traits, now, lastAttempt }: Seen): boolean {
  const { pending, givenUp, tags } = seen;
  if (lastAttempt !== undefined || pending?.is !== 'value' || pending.id !== givenUp) return false;
  const until = traits.suspectUntil(pending.issuedAt, pending.expiresAt);
  return (until === 'never' || until > now) && !isListed(tags, pending);
}

const noValueYet: Decision = { state: 'absent', action: 'rotate', reason: 'no-value-yet' };

/** While a suspect is open its lost call may still take effect: AWSCURRENT is verified where the kind can. */
export const mayBeDead = ({ traits, seen, now, dead }: PolicyInput): boolean =>
  dead === undefined && traits.verifiable && seen !== undefined && !isAbsent(seen) && openSuspects(seen.tags, now) > 0;

/** What only a person, or time, can resolve. */
function blocked(input: Seen): Decision | undefined {
  const { seen, now, credential, dead } = input;
  if (seen.tags.blocked !== undefined) return nothing('blocked', seen.tags.blocked);
  if (openSuspects(seen.tags, now) >= MOST_SUSPECTS) return nothing('blocked', 'five-suspected-orphans');
  if (credential.policy.reissueAfterUnknown || dead === true || !lastIsOpen(seen, now)) return undefined;
  return nothing('suspected', 'outcome-of-the-last-attempt-unknown');
}

/** Is the last attempt on AWSCURRENT a suspect that is still open? */
function lastIsOpen({ pending, current, givenUp, tags }: Observation, now: Instant): boolean {
  if (pending?.is !== 'value' || pending.id !== givenUp || current === undefined) return false;
  if (pending.baseHash !== baseHash(current.id)) return false;
  return tags.suspects.some((suspect) => suspect.rotationId === pending.rotationId && isOpen(suspect, now));
}

/** An adopted value is not replaced by one that has other fields; while its own are unknown it may hold any grant. */
function waitsForMapping({ credential, seen }: Pick<Seen, 'credential' | 'seen'>): Decision | undefined {
  const found = unmapped(credential, seen);
  if (found === undefined) return undefined;
  const decision = nothing('unmapped', found.why);
  return found.outdated ? { ...decision, action: 'resume' } : decision;
}

/** Is it due at all? `at` is the due time of a credential that is not. */
function whenDue({ credential, seen, now, wish, dead }: Seen): Decision {
  if (isAbsent(seen)) return noValueYet;
  if (isCompromised(seen, seen.current)) return { state: 'due', action: 'rotate', reason: 'compromised' };
  if (dead === true) return { state: 'due', action: 'rotate', reason: 'current-is-dead' };
  if (countsAsDead(seen)) return whenDead(seen, wish);
  const due = dueTime(credential, seen, now);
  if (due !== undefined && due.at <= now) return { state: 'due', action: 'rotate', reason: due.why, at: due.at };
  if (wish === 'normal' && tooSoon(credential, seen, now, wish) === undefined)
    return { state: 'due', action: 'rotate', reason: 'on-demand' };
  if (parametersChanged(credential, seen)) return changedDue(credential, seen, now);
  return due !== undefined && due.from <= now
    ? nothing('due', 'outside-window', due.at)
    : nothing('fresh', 'young', due?.at);
}

/** What changed in the entry is sent in the window, and no more often than messages may ask for a rotation. */
function changedDue(credential: Credential, seen: Observation, now: Instant): Decision {
  const reason = 'parameters-changed';
  const at = nextInWindow(credential.policy.window, tooSoon(credential, seen, now, 'normal') ?? now);
  return at > now ? nothing('due', reason, at) : { state: 'due', action: 'rotate', reason, at };
}

/** What is due begins, unless it is suspended, rests after a failed attempt, or waits for a grace period to end. */
function mayBegin(input: PolicyInput, due: Decision): Decision {
  const { credential, seen, now, dead, pausedUntil } = input;
  if (due.action === 'none') return due;
  const suspended = credential.policy.suspendUntil ?? now;
  if (suspended > now && dead !== true) return nothing('suspended', 'suspended', suspended);
  if (pausedUntil !== undefined) return paused(pausedUntil);
  const rests = seen === undefined ? now : restsUntil({ ...input, seen });
  if (rests > now) return nothing(due.state, 'backing-off', rests);
  return (seen === undefined ? undefined : waitForGrace({ ...input, seen }, due)) ?? due;
}

/** A wish newer than the failure does not rest, nor does what a person has unblocked; the vendor's own word is kept. */
function restsUntil({ credential, seen, lastAttempt: last }: Seen): Instant {
  if (last === undefined || last.base !== seen.current?.id || last.because === 'grant-ended') return 0;
  const asked = seen.tags.compromised.get(last.base) ?? 0;
  if (asked > last.at || last.failures >= MOST_FAILURES) return last.retryAt ?? 0;
  return nextAttemptAt(credential.policy, last);
}

/** Failed attempts rest by the policy's list; those that did nothing as well, or as long as the vendor said. */
export function nextAttemptAt({ retryAfterMs }: Policy, last: Tombstone): Instant {
  const nth = last.failures + last.undone;
  const pause = nth === 0 ? 0 : (retryAfterMs[Math.min(nth, retryAfterMs.length) - 1] ?? 0);
  return Math.max(last.at + pause, last.retryAt ?? 0);
}

/**
 * Nothing is promoted over an AWSPREVIOUS whose grant still lives: at most two grants are alive. Its window is not waited for:
 * what is due is in it, or yields to an expiry.
 */
export function waitForGrace({ credential, now, seen, dead }: Seen, due: Decision): Decision | undefined {
  if (!isUnsettled(seen) || dead === true || countsAsDead(seen) || isCompromised(seen, seen.current)) return undefined;
  if (isCompromised(seen, seen.previous)) return undefined;
  const ends = graceEnds(credential, seen);
  if (ends === 'never') return nothing(due.state, 'previous-awaits-confirmation');
  if (ends <= now) return undefined;
  return nothing(due.state, 'previous-in-grace', ends);
}

/** Nothing is begun at a vendor whose account is paused. */
function heldUp(decision: Decision | undefined, pausedUntil: PausedUntil | undefined): Decision | undefined {
  const begins = decision?.action === 'retire' || decision?.action === 'settle';
  return begins && pausedUntil !== undefined ? paused(pausedUntil) : decision;
}

/** What revocation has to do with AWSPREVIOUS. While an attempt is unfinished it leaves the credential alone. */
export function decideRevocation(
  input: Omit<PolicyInput, 'wish' | 'lastAttempt' | 'dead'> & { readonly graceEnded?: boolean },
): Decision {
  const { credential, seen, now, graceEnded, pausedUntil } = input;
  const here = situation(credential, seen);
  const unfinished = heldUp(whenRetired(here, input), pausedUntil) ?? unfinishedFirst(here, input);
  if (unfinished !== undefined) return unfinished;
  if (seen === undefined) return nothing('fresh', 'settled');
  if (!isUnsettled(seen)) return heldUp(whenUnused({ ...input, seen }), pausedUntil) ?? nothing('fresh', 'settled');
  if (seen.tags.blocked !== undefined) return nothing('blocked', seen.tags.blocked);
  const suspended = credential.policy.suspendUntil ?? now;
  if (suspended > now) return nothing('suspended', 'suspended', suspended);
  const waits = waitsForMapping({ credential, seen });
  if (waits !== undefined) return waits;
  if (graceIsOver(credential, seen, now, graceEnded)) {
    if (pausedUntil !== undefined) return paused(pausedUntil);
    const reason = isCompromised(seen, seen.previous) ? 'compromised' : 'grace-is-over';
    return { state: 'stale', action: 'settle', reason };
  }
  const ends = graceEndsAt(credential, seen, now);
  return ends === 'never' ? nothing('in-grace', 'awaits-confirmation') : nothing('in-grace', 'in-grace', ends);
}

/** The one named state of a credential, for people. */
export function stateOf(input: Omit<PolicyInput, 'wish'>): Decision {
  const rotation = decideRotation(input);
  if (rotation.state !== 'fresh' && rotation.state !== 'unused') return rotation;
  const revocation = decideRevocation(input);
  return revocation.state === 'fresh' ? rotation : revocation;
}
