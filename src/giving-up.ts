import { type AttemptCall, type GivenUpBecause, type Intent, OUTCOME_LOST, type Tombstone } from './attempt-record';
import { MOST_FAILURES, ownerLimitMs } from './decision';
import { InvariantError, SecretStoreError } from './errors';
import { AGAIN, type Context, type Next } from './rotation-context';
import { BLOCKED_TAG, tag } from './rotation-tags';
import type { Content, Observation } from './secret-store';
import type { Instant } from './types';
import { intentId, parseVersionId, type ValueId } from './version-ids';

/** How often the credential has failed since the last promotion; travels from tombstone to intent. */
export interface Counts {
  readonly failures: number;
  readonly undone: number;
}

/** A credential whose fifth failure has been cleared by a person begins to count anew. */
export function countsAfter(last: Tombstone | undefined, { current }: Observation): Counts {
  const goesOn = last !== undefined && last.base === current?.id && last.failures < MOST_FAILURES;
  return goesOn ? { failures: last.failures, undone: last.undone } : { failures: 0, undone: 0 };
}

/** An intent and the version id that it stands under. */
export interface Attempt extends Intent {
  readonly id: string;
}

interface How {
  /** What AWSPENDING is on now: a put of what is there already moves no label. */
  readonly from?: string | undefined;
  readonly retryAt?: Instant | undefined;
}

/**
 * Gives an attempt up: puts a tombstone under the id of its value, so that from then on only one of value and tombstone
 * can exist and a paused owner cannot come back. Where a value stands there already, the next pass goes on with it.
 */
export async function giveUp(
  context: Context,
  attempt: Attempt,
  because: GivenUpBecause,
  how: How = {},
): Promise<Next> {
  const from = 'from' in how ? how.from : attempt.id;
  const tombstone = tombstoneOf(context, attempt.call, because, attempt.base, attempt, how.retryAt);
  await putInPlace(context, attempt, from, attempt.value, tombstone);
  return AGAIN;
}

/**
 * Gives a staged value up: a tombstone under the id that the next intent would have takes AWSPENDING over, so that the
 * value is never promoted and the next attempt derives its intent from the tombstone.
 */
export async function seal(
  context: Context,
  staged: ValueId,
  because: 'value-refused' | 'not-done' | 'superseded',
  base: string,
  counts: Counts,
  { call = 'issue', retryAt }: { readonly call?: AttemptCall; readonly retryAt?: Instant | undefined } = {},
): Promise<Next> {
  const tombstone = tombstoneOf(context, call, because, base, counts, retryAt);
  await putInPlace(context, { call, rotationId: staged.rotationId }, staged.id, intentId(staged.id), tombstone);
  return AGAIN;
}

/** Puts the tombstone; where a version stands under its id already, AWSPENDING goes to that one. */
async function putInPlace(
  context: Context,
  attempt: Pick<Attempt, 'call' | 'rotationId'>,
  from: string | undefined,
  id: string,
  tombstone: Tombstone,
): Promise<void> {
  const { credential, store } = context;
  const blocks = await blockAfterTooMany(context, attempt.call, tombstone);
  if (await store.putTombstone(credential, id, tombstone)) return report(context, attempt, tombstone);
  const there = await pointPending(context, from, id);
  if (blocks && there?.is === 'value') await store.untag(credential, [BLOCKED_TAG]); // it had not failed after all
}

const NO_FAILURE: readonly GivenUpBecause[] = ['not-done', 'grant-ended', 'superseded'];
/** Whoever imports a value is there to see it refused: that is no failure of ours, and delays nothing. */
const isFailure = (call: AttemptCall, because: GivenUpBecause): boolean =>
  call !== 'import' && !NO_FAILURE.includes(because);
const isUndone = (call: AttemptCall, because: GivenUpBecause): boolean => call !== 'import' && because === 'not-done';

/** What fails while its account is paused, or makes it so, does not count towards the bound of five (design, section 3). */
const isTheAccounts = ({ gate }: Context): boolean => gate?.pausedUntil() !== undefined;

function tombstoneOf(
  context: Context,
  call: AttemptCall,
  because: GivenUpBecause,
  base: string,
  counts: Counts,
  retryAt?: Instant,
): Tombstone {
  const counted = isFailure(call, because) && !isTheAccounts(context);
  const lengthens = isUndone(call, because) || (isFailure(call, because) && !counted);
  return {
    is: 'tombstone',
    because,
    base,
    failures: counts.failures + (counted ? 1 : 0),
    undone: counts.undone + (lengthens ? 1 : 0),
    at: context.clock.now(),
    ...(retryAt === undefined ? {} : { retryAt }),
  };
}

/** Before the tombstone: once that stands and the tag does not, a person must have cleared it. */
async function blockAfterTooMany(
  { store, credential, log }: Context,
  call: AttemptCall,
  tombstone: Tombstone,
): Promise<boolean> {
  if (!isFailure(call, tombstone.because) || tombstone.failures < MOST_FAILURES) return false;
  const reason = `${tombstone.failures} attempts failed - the last one: ${tombstone.because}`;
  await store.tag(credential, tag.blocked(reason));
  log.alarm('blocked', { reason }, 'blocked until a person clears it');
  return true;
}

function report(
  { log }: Context,
  { call, rotationId: rotation }: Pick<Attempt, 'call' | 'rotationId'>,
  { because, failures }: Tombstone,
): void {
  const fields = { step: 'give-up', call, rotation, reason: because, failures };
  if (isFailure(call, because)) log.alarm('attempt-failed', fields, 'an attempt was given up');
  else log.info(fields, 'an attempt was given up');
}

/** Moves AWSPENDING by compare-and-swap to a version that stands already; ROTATION_GIVEN_UP follows to a tombstone. */
async function pointPending(context: Context, from: string | undefined, to: string): Promise<Content | undefined> {
  const { credential, store } = context;
  const content = await store.read(credential, to);
  const moved = await store.movePending(credential, { from, to });
  if (moved && content?.is === 'tombstone') await markGivenUp(context, await store.observe(credential), to);
  return content;
}

/** A tombstone without its label looks like a staged value. */
export async function markGivenUp(
  { credential, store }: Context,
  seen: Observation | undefined,
  tombstone: string,
): Promise<void> {
  if (seen !== undefined && seen.givenUp !== tombstone)
    await store.moveGivenUp(credential, { from: seen.givenUp, to: tombstone });
}

/** An intent whose owner is gone: nobody knows what the vendor did. */
export async function takeOver(context: Context, seen: Observation, id: string): Promise<Next> {
  const content = await context.store.read(context.credential, id);
  switch (content?.is) {
    case 'intent':
      return giveUp(context, { ...content, id }, OUTCOME_LOST[content.call], { from: seen.pending?.id });
    case 'tombstone': // seals a value, and its label was not moved yet
      await markGivenUp(context, seen, id);
      return AGAIN;
    case 'value':
      throw new InvariantError('a version under an intent id holds a value', { version: id });
    case undefined:
      throw new SecretStoreError('an intent cannot be read yet', 'unavailable', true, { version: id });
  }
}

/**
 * The intent that was to be put exists. Either another worker has just put it, or AWSPENDING was taken away from it by a
 * person: then it is given up like any other, and AWSPENDING put back on its tombstone or value.
 */
export async function foundIntent(context: Context, before: Observation, id: string): Promise<Next> {
  const { credential, store, clock, pace } = context;
  const content = await store.read(credential, id);
  if (content?.is === 'tombstone') {
    // seals a value that has been made current by a person
    await pointPending(context, before.pending?.id, id);
    return AGAIN;
  }
  if (content?.is !== 'intent') return { outcome: 'done', reason: 'another-worker-went-on' };
  const began = parseVersionId(content.value);
  const until = (began.is === 'value' ? began.issuedAt : 0) + ownerLimitMs(pace.providerTimeoutMs);
  if (until > clock.now()) return { outcome: 'waits', reason: 'owner-may-act', retryAt: until };
  const seen = await store.observe(credential);
  const free = [undefined, before.current?.id, before.pending?.id].includes(seen?.pending?.id);
  if (seen?.current?.id !== before.current?.id || !free) return { outcome: 'done', reason: 'another-worker-went-on' };
  return giveUp(context, { ...content, id }, OUTCOME_LOST[content.call], { from: seen?.pending?.id });
}
