import { attempt, type ValueSource } from './attempt';
import type { Decision } from './decision';
import { isUnsettled } from './due';
import { RotationError } from './errors';
import { countsAfter } from './giving-up';
import { heldBy } from './grants';
import { decideRotation, waitForGrace } from './policy';
import type { VendorAnswer } from './provider';
import { clearTheWay } from './revocation';
import { type Context, ended, type Next, type Outcome, waitsForAccount } from './rotation-context';
import type { Observation } from './secret-store';
import { grantIn } from './stored-value';
import type { Instant } from './types';
import { type Settled, whenSettled } from './unfinished';
import { waitsForQuota } from './version-quota';

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
  if (await isBefore(context, imported, seen)) return { outcome: 'refused', reason: 'the-value-before-holds-it' };
  if (context.stopping()) return { outcome: 'waits', reason: 'stopping' };
  if (isUnsettled(seen)) return settleFirst(context, input, decision);
  const full = await waitsForQuota(context, seen);
  if (full !== undefined) return full;
  await context.reserveWrites(3);
  return attempt(context, seen, countsAfter(lastAttempt, seen), sourceOf(imported, memory));
}

/** Is it the grant of AWSPREVIOUS, which was revoked, or would be to clear the way for it? */
async function isBefore(context: Context, { answer }: Imported, { current, previous, tags }: Observation) {
  const { provider, credential } = context;
  const grant = grantIn(credential.kind, answer);
  if (!provider.traits.revocable || grant === undefined || previous === undefined) return false;
  if (tags.revoked.includes(previous.id) && tags.unrevoked.includes(previous.id)) return false;
  if ((await heldBy(context, previous.id)).grant !== grant) return false;
  return (await heldBy(context, current?.id)).grant !== grant;
}

/** Where there is a grant to revoke it waits for the grace, as a rotation does, and for the account. */
async function settleFirst(context: Context, input: Settled, decision: Decision): Promise<Next> {
  if (!context.provider.traits.revocable) return clearTheWay(context, input.seen);
  const grace = waitForGrace(input, decision);
  if (grace !== undefined) return { ...ended(grace), outcome: 'waits' };
  return (await waitsForAccount(context)) ?? clearTheWay(context, input.seen);
}

const sourceOf = ({ answer, expiresAt }: Imported, memory: Memory): ValueSource => ({
  call: 'import',
  expiresAt,
  async obtain() {
    memory.given = true;
    return { answer };
  },
});
