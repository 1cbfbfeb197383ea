import type { Obtained } from './attempt';
import { OUTCOME_LOST } from './attempt-record';
import { finishStaged } from './chosen-value';
import { ISSUE_WINDOW_MS } from './decision';
import { type RotationError, SecretStoreError, StoredValueError } from './errors';
import { type Attempt, giveUp } from './giving-up';
import type { Staged } from './promotion';
import type { VendorAnswer } from './provider';
import type { Context, Next } from './rotation-context';
import { grantFields, grantIn, toStored } from './stored-value';
import type { StoredValue } from './types';
import { listIfOrphan, lostToTombstone, stagingFailed } from './unstored-value';

const LONGEST_PAUSE_BETWEEN_PUTS_MS = 30_000;
/** A stop waits this long for a value that cannot be stored. */
const STAGE_WHEN_STOPPING_MS = 15_000;

/**
 * Step 6: the value is put under the id that the intent announced.
 * @param obtainedMs how long the vendor took
 */
export async function stage(context: Context, attempt: Attempt, obtained: Obtained, obtainedMs: number): Promise<Next> {
  const { credential, log, clock } = context;
  const obtainedAt = clock.monotonic();
  const { call, rotationId: rotation } = attempt;
  let value: StoredValue;
  try {
    value = 'answer' in obtained ? toStored(credential, obtained.answer) : obtained.stored;
  } catch (error) {
    if (error instanceof StoredValueError && 'answer' in obtained) {
      return notStorable(context, attempt, obtained.answer, error);
    }
    throw error;
  }
  const held = grantFields(credential, value);
  const put = await putUntilStored(context, attempt, value);
  log.info({ step: call, rotation, durationMs: obtainedMs, reason: 'answered' }, 'the value was obtained');
  switch (put) {
    case 'stored': {
      const storedMs = Math.round(clock.monotonic() - obtainedAt);
      log.info({ step: 'stage', call, rotation, version: attempt.value, storedMs }, 'value is staged');
      return follow(context, { ...attempt, id: attempt.value, held, counts: attempt }, obtained);
    }
    case 'tombstone':
      return lostToTombstone(context, attempt, held);
    case 'refused':
      return stagingFailed(context, attempt, held, true);
    case 'unanswered':
      return stagingFailed(context, attempt, held, false);
  }
}

const follow = (context: Context, staged: Staged, obtained: Obtained): Promise<Next> =>
  'stored' in obtained && obtained.whenStaged !== undefined
    ? obtained.whenStaged(staged)
    : finishStaged(context, staged);

/** Obtained, and not storable as the entry wants it: listed with its grant, without which nobody could revoke it. */
async function notStorable(
  context: Context,
  attempt: Attempt,
  answer: VendorAnswer,
  why: RotationError,
): Promise<Next> {
  const { credential, log } = context;
  log.alarm('staging-failing', { rotation: attempt.rotationId, reason: why.message }, 'the answer cannot be stored');
  await listIfOrphan(context, attempt, grantIn(credential.kind, answer));
  return giveUp(context, attempt, OUTCOME_LOST[attempt.call]);
}

/** What was obtained is in memory only, so it is put again for as long as may be. `refused`: no put was left without an answer. */
async function putUntilStored(
  { credential, clock, pace, store, log, stopping }: Context,
  attempt: Attempt,
  value: StoredValue,
): Promise<'stored' | 'tombstone' | 'refused' | 'unanswered'> {
  const from = clock.monotonic();
  const stageForMs = attempt.call === 'choose' ? ISSUE_WINDOW_MS : pace.stageForMs; // another is chosen as easily
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
          'a value cannot be stored yet',
        );
    }
    const longest = stopping() ? Math.min(stageForMs, STAGE_WHEN_STOPPING_MS) : stageForMs;
    if (clock.monotonic() - from > longest) return unanswered ? 'unanswered' : 'refused';
    await clock.sleep(Math.min(pace.betweenPutsMs * 2 ** n, LONGEST_PAUSE_BETWEEN_PUTS_MS));
  }
}
