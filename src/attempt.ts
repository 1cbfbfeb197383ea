import type { GivenUpBecause, Intent } from './attempt-record';
import {
  ProviderAuthError,
  ProviderRejectedError,
  ProviderThrottledError,
  provesNothingDone,
  RotationError,
  SecretStoreError,
  StoredValueError,
} from './errors';
import { type Attempt, type Counts, foundIntent, giveUp } from './giving-up';
import { ISSUE_WINDOW_MS } from './policy';
import { verifyAndPromote } from './promotion';
import type { PreparedIssue, VendorAnswer } from './provider';
import type { Context, Next } from './rotation-context';
import type { Observation } from './secret-store';
import { grantFields, grantIn, toStored } from './stored-value';
import { listSuspect } from './suspects';
import type { Instant, StoredValue } from './types';
import { lostToTombstone, stagingFailed } from './unstored-value';
import { intentId, newRotationId, parseVersionId, valueId } from './version-ids';

const LONGEST_PAUSE_BETWEEN_PUTS_MS = 30_000;
/** A stop waits this long for a value that cannot be stored. */
const STAGE_WHEN_STOPPING_MS = 15_000;

/** One attempt: intent, issue, stage, verify, promote (design, section 4, steps 4 to 8). */
export async function tryOnce(context: Context, seen: Observation, counts: Counts): Promise<Next> {
  const { credential, clock, provider } = context;
  const expiresAt = expiryToAsk(credential.policy.validityMs, clock.now());
  const prepared = await provider.prepare(credential, expiresAt);
  try {
    await context.reserveWrites(3);
    if (context.stopping()) return { outcome: 'waits', reason: 'stopping' };
    return await begin(context, seen, counts, prepared, expiresAt);
  } finally {
    await prepared.release();
  }
}

/** In whole seconds, as the version id keeps it. */
const expiryToAsk = (validityMs: number | undefined, now: Instant): Instant | undefined =>
  validityMs === undefined ? undefined : Math.floor((now + validityMs) / 1000) * 1000;

async function begin(
  context: Context,
  seen: Observation,
  counts: Counts,
  prepared: PreparedIssue,
  expiresAt: Instant | undefined,
): Promise<Next> {
  const { credential, clock, log } = context;
  const id = intentId(seen.pending?.id ?? seen.current?.id ?? credential.id);
  const base = seen.current?.id ?? id;
  const rotationId = newRotationId(clock.now());
  const intent: Intent = { is: 'intent', rotationId, base, value: valueId(rotationId, expiresAt, base), ...counts };
  const attempt = { ...intent, id };
  const begun = clock.monotonic();
  if (!(await putIntent(context, id, intent, begun))) return foundIntent(context, seen, id);
  log.info({ step: 'intent', rotation: rotationId, version: intent.value, base }, 'intent is written');
  if (clock.monotonic() - begun > ISSUE_WINDOW_MS) return giveUp(context, attempt, 'not-done');
  return issue(context, attempt, prepared, begun + ISSUE_WINDOW_MS);
}

/** A put without an answer is repeated as it was; what is too old to issue on is found by whoever looks next. */
async function putIntent(
  { store, credential, clock, pace }: Context,
  id: string,
  intent: Intent,
  begun: number,
): Promise<boolean> {
  for (;;) {
    try {
      return await store.putIntent(credential, id, intent);
    } catch (error) {
      const again = error instanceof SecretStoreError && error.retryable;
      if (!again || clock.monotonic() - begun + pace.betweenPutsMs > ISSUE_WINDOW_MS) throw error;
      await clock.sleep(pace.betweenPutsMs);
    }
  }
}

/** Between the last byte of the answer and the put of the value nothing else happens. */
async function issue(context: Context, attempt: Attempt, prepared: PreparedIssue, mayCallUntil: number): Promise<Next> {
  const { log, clock } = context;
  const from = clock.monotonic();
  let answer: VendorAnswer;
  try {
    answer = await prepared.issue(mayCallUntil);
  } catch (error) {
    const because = meaningOf(error);
    const failure = error instanceof RotationError ? { code: error.code, ...error.fields } : {};
    const durationMs = Math.round(clock.monotonic() - from);
    log.warn(
      { step: 'issue', rotation: attempt.rotationId, durationMs, reason: because, ...failure },
      'the issue call failed',
    );
    if (error instanceof ProviderAuthError) log.alarm('own-credential-refused', failure, error.message);
    const wait = error instanceof ProviderThrottledError ? error.retryAfterMs : undefined;
    return giveUp(context, attempt, because, { retryAt: wait === undefined ? undefined : clock.now() + wait });
  }
  return stage(context, attempt, answer, Math.round(clock.monotonic() - from));
}

function meaningOf(error: unknown): GivenUpBecause {
  if (provesNothingDone(error)) return 'not-done';
  return error instanceof ProviderRejectedError ? 'refused' : 'outcome-unknown'; // once the call has begun a grant may live
}

async function stage(context: Context, attempt: Attempt, answer: VendorAnswer, durationMs: number): Promise<Next> {
  const { credential, log } = context;
  const rotation = attempt.rotationId;
  let value: StoredValue;
  try {
    value = toStored(credential, answer);
  } catch (error) {
    if (error instanceof StoredValueError) return notStorable(context, attempt, answer, error);
    throw error;
  }
  const held = grantFields(credential, value);
  const put = await putUntilStored(context, attempt, value);
  log.info({ step: 'issue', rotation, durationMs, reason: 'answered' }, 'the vendor answered');
  switch (put) {
    case 'stored':
      log.info({ step: 'stage', rotation, version: attempt.value }, 'value is staged');
      return verifyAndPromote(context, { id: attempt.value, base: attempt.base, held, counts: attempt });
    case 'tombstone':
      return lostToTombstone(context, attempt, held);
    case 'refused':
      return stagingFailed(context, attempt, held, true);
    case 'unanswered':
      return stagingFailed(context, attempt, held, false);
  }
}

/** Issued, and not storable as the entry wants it: listed with its grant, without which nobody could revoke it. */
async function notStorable(
  context: Context,
  attempt: Attempt,
  answer: VendorAnswer,
  why: RotationError,
): Promise<Next> {
  const { credential, log } = context;
  log.alarm('staging-failing', { rotation: attempt.rotationId, reason: why.message }, 'the answer cannot be stored');
  await listSuspect(context, parseVersionId(attempt.value), { grant: grantIn(credential.kind, answer) });
  return giveUp(context, attempt, 'outcome-unknown');
}

/** The value is in memory only, so it is put again for as long as may be. `refused`: no put was left without an answer. */
async function putUntilStored(
  { credential, clock, pace, store, log, stopping }: Context,
  attempt: Attempt,
  value: StoredValue,
): Promise<'stored' | 'tombstone' | 'refused' | 'unanswered'> {
  const from = clock.monotonic();
  let unanswered = false;
  for (let n = 0; ; n += 1) {
    try {
      return (await store.putValue(credential, attempt.value, value)) ? 'stored' : 'tombstone';
    } catch (error) {
      if (!(error instanceof SecretStoreError)) throw error;
      unanswered ||= !error.answered;
      if (n === 1)
        log.alarm(
          'staging-failing',
          { rotation: attempt.rotationId, failure: error.failure },
          'a value was issued and cannot be stored yet',
        );
    }
    const longest = stopping() ? Math.min(pace.stageForMs, STAGE_WHEN_STOPPING_MS) : pace.stageForMs;
    if (clock.monotonic() - from > longest) return unanswered ? 'unanswered' : 'refused';
    await clock.sleep(Math.min(pace.betweenPutsMs * 2 ** n, LONGEST_PAUSE_BETWEEN_PUTS_MS));
  }
}
