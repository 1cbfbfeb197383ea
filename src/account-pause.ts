import type { Observation } from './secret-store';
import type { Instant } from './types';

// An account at a vendor that keeps failing, or whose own credential is refused, is paused: nothing is begun there. When a
// pause is over, one run is let in to try, the canary; it ends the pause or prolongs it. Pure: the same rules over Redis
// and in a process that has lost it.

export interface AccountState {
  /** Runs in a row that failed at the vendor. */
  readonly failures: number;
  readonly pause?: Pause;
  /** When the last pause ended: a tag that is older speaks of the past. */
  readonly endedAt?: Instant;
}

export interface Pause {
  readonly since: Instant;
  /** From then on one run may try. */
  readonly until: Instant;
  /** The n-th in a row; they grow. */
  readonly nth: number;
  readonly reason: string;
  /** The secret whose tag holds the pause. */
  readonly secretName: string;
  /** The secrets that it was tried with, the latest last: a lost issue leaves a suspect, so others go first. */
  readonly tried: readonly string[];
  /** The run that tries; it has so long. */
  readonly canary?: { readonly run: string; readonly until: Instant };
}

export interface PauseRules {
  /** So many failures in a row pause. */
  readonly pauseAfter: number;
  readonly pauseForMs: number;
}

export interface Failure {
  readonly run: string;
  readonly reason: string;
  /** The worker's own credential is refused: it pauses at once. */
  readonly ownCredential: boolean;
  readonly secretName: string;
  readonly now: Instant;
  readonly random: () => number;
}

export const HEALTHY: AccountState = { failures: 0 };

const LONGEST_MS = 30 * 60_000;

/** Doubles up to half an hour; at random in its last quarter, so that accounts that failed together do not come together. */
export function pauseMs(nth: number, { pauseForMs }: PauseRules, random: () => number): number {
  const whole = Math.min(pauseForMs * 2 ** Math.min(nth - 1, 20), LONGEST_MS);
  return Math.round(whole * (0.75 + random() / 4));
}

/** Of a run that was under way when the pause began nothing follows: it says nothing new. */
export function afterFailure(state: AccountState, failure: Failure, rules: PauseRules): AccountState {
  const { run, reason, ownCredential, secretName, now, random } = failure;
  const { pause } = state;
  if (pause === undefined) {
    const failures = state.failures + 1;
    if (!ownCredential && failures < rules.pauseAfter) return { ...state, failures };
    const until = now + pauseMs(1, rules, random);
    return { ...state, failures, pause: { since: now, until, nth: 1, reason, secretName, tried: [secretName] } };
  }
  if (pause.canary?.run !== run) return state;
  const { canary, ...before } = pause;
  const nth = pause.nth + 1;
  return { ...state, pause: { ...before, nth, reason, until: now + pauseMs(nth, rules, random) } };
}

export interface Asking {
  readonly run: string;
  readonly secretName: string;
  readonly now: Instant;
  /** So long it may take. */
  readonly canaryMs: number;
  /** So long one steps back that has tried before. */
  readonly stepBackMs: number;
}

const MOST_REMEMBERED = 50;

/** A run asks to be let in: it becomes the canary where the pause is over and nobody else tries. */
export function asking(state: AccountState, { run, secretName, now, canaryMs, stepBackMs }: Asking): AccountState {
  const { pause } = state;
  if (pause === undefined || (pause.canary !== undefined && pause.canary.until > now)) return state;
  const opens = pause.until + (pause.tried.includes(secretName) ? stepBackMs : 0);
  if (opens > now) return state;
  const tried = [...pause.tried.filter((name) => name !== secretName), secretName].slice(-MOST_REMEMBERED);
  return { ...state, pause: { ...pause, tried, canary: { run, until: now + canaryMs } } };
}

/** The canary's run is over and met no failure: with an answer of the vendor the pause ends, else the next one tries. */
export function afterCanary(state: AccountState, run: string, answered: boolean, now: Instant): AccountState {
  const { pause } = state;
  if (pause?.canary?.run !== run) return state;
  if (answered) return { failures: 0, endedAt: now };
  const { canary, ...rest } = pause;
  return { ...state, pause: rest };
}

/** The vendor has carried something out. */
export const afterSuccess = (state: AccountState): AccountState =>
  state.pause === undefined && state.failures > 0 ? { ...state, failures: 0 } : state;

export interface PausedTag {
  readonly since: Instant;
  readonly reason: string;
  readonly secretName: string;
}

/** The accounts that the tags of these secrets call paused, by name. */
export function pausesIn(fleet: readonly Observation[]): ReadonlyMap<string, PausedTag> {
  const found = new Map<string, PausedTag>();
  for (const { secretName, tags } of fleet) {
    if (tags.paused === undefined) continue;
    const { account, since, reason } = tags.paused;
    found.set(account, { since, reason, secretName });
  }
  return found;
}

/** Does the tag speak of a pause that has ended? */
export const isPast = ({ pause, endedAt }: AccountState, { since }: PausedTag): boolean =>
  pause === undefined && endedAt !== undefined && endedAt >= since;

/** What a tag says of an account of which nothing else is known: it rests before it is tried. */
export function restored(
  state: AccountState,
  tag: PausedTag,
  rules: PauseRules,
  { now, random }: { readonly now: Instant; readonly random: () => number },
): AccountState {
  if (state.pause !== undefined || isPast(state, tag)) return state;
  return { ...state, pause: { ...tag, until: now + pauseMs(1, rules, random), nth: 1, tried: [tag.secretName] } };
}
