import { attempt, type ValueSource } from './attempt';
import { graceEndsAt, graceIsOver, isCompromised, isUnsettled } from './due';
import { RotationError } from './errors';
import { countsAfter } from './giving-up';
import { decideRotation } from './policy';
import type { VendorAnswer } from './provider';
import { settlePrevious } from './revocation';
import { AGAIN, type Context, ended, type Next, type Outcome } from './rotation-context';
import type { Observation } from './secret-store';
import type { Instant } from './types';
import { type Settled, whenSettled } from './unfinished';
import { tooManyVersions } from './version-quota';

export interface Imported {
  /** As the vendor would have answered it; its fields have been checked (`missingFields`). */
  readonly answer: VendorAnswer;
  readonly expiresAt: Instant | undefined;
}

/** What this import has done: the value is staged once, whatever else there is to finish before and after. */
interface Memory {
  given: boolean;
}

/** What others have left unfinished ends by a promotion of theirs: so often this one begins again. */
const MOST_RUNS = 5;
const HOUR_MS = 60 * 60_000;

/**
 * Makes a value that a person has obtained current: staged, verified where the kind can, promoted. What is unfinished is
 * finished first. Killed anywhere, a worker that finds the staged value goes on; an intent alone is given up.
 * @returns `promoted`, or why not: `failed` refused by the vendor; `blocked` for a person; `waits` not now, or (reason
 * `staged`) left to the worker
 */
export async function importValue(context: Context, imported: Imported): Promise<Outcome> {
  const memory: Memory = { given: false };
  try {
    return await untilGiven(context, imported, memory);
  } catch (error) {
    if (!memory.given || !(error instanceof RotationError && error.retryable)) throw error;
    context.log.warn({ step: 'import', error: error.code }, error.message);
    return { outcome: 'waits', reason: 'staged' };
  }
}

async function untilGiven(context: Context, imported: Imported, memory: Memory): Promise<Outcome> {
  for (let n = 1; ; n += 1) {
    const outcome = await whenSettled(context, {
      wish: 'none',
      creates: true,
      imports: true,
      begin: (input) => begin(context, imported, memory, input),
    });
    if (memory.given || outcome.outcome !== 'promoted' || n === MOST_RUNS) return notOurs(outcome, memory);
  }
}

/** A promotion without this import having begun is somebody else's. */
const notOurs = (outcome: Outcome, { given }: Memory): Outcome =>
  given || outcome.outcome !== 'promoted' ? outcome : { outcome: 'waits', reason: 'another-worker-is-at-work' };

/** What has to be resolved or mapped first, or wants no value any more. */
const TAKES_NO_VALUE: readonly string[] = ['blocked', 'unmapped', 'retiring', 'retired'];

async function begin(context: Context, imported: Imported, memory: Memory, input: Settled): Promise<Next> {
  const { seen, lastAttempt } = input;
  if (memory.given) return { outcome: 'failed', reason: lastAttempt?.because ?? 'another-version-is-current' };
  const decision = decideRotation(input);
  if (TAKES_NO_VALUE.includes(decision.state)) return ended(decision);
  const suspended = context.credential.policy.suspendUntil ?? 0;
  if (suspended > context.clock.now()) return { outcome: 'waits', reason: 'suspended', retryAt: suspended };
  if (isUnsettled(seen)) return clearTheWay(context, seen);
  if (await tooManyVersions(context, seen)) {
    return { outcome: 'waits', reason: 'sixty-versions-in-a-day', retryAt: context.clock.now() + HOUR_MS };
  }
  await context.reserveWrites(3);
  return attempt(context, seen, countsAfter(lastAttempt, seen), sourceOf(imported, memory));
}

/** At most two grants are alive: that of AWSPREVIOUS is revoked first, where its grace is over or there is nothing to revoke. */
async function clearTheWay(context: Context, seen: Observation): Promise<Next> {
  const { credential, clock, provider } = context;
  const now = clock.now();
  const free = graceIsOver(credential, seen, now) || isCompromised(seen, seen.current) || !provider.traits.revocable;
  if (free) {
    const outcome = await settlePrevious(context, seen);
    return outcome.outcome === 'settled' ? AGAIN : outcome;
  }
  const ends = graceEndsAt(credential, seen, now);
  if (ends === 'never') return { outcome: 'waits', reason: 'previous-awaits-confirmation' };
  return { outcome: 'waits', reason: 'previous-in-grace', retryAt: ends };
}

const sourceOf = ({ answer, expiresAt }: Imported, memory: Memory): ValueSource => ({
  call: 'import',
  expiresAt,
  async obtain() {
    memory.given = true;
    return { answer };
  },
});
