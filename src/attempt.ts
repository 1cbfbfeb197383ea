import { type AttemptCall, type GivenUpBecause, type Intent, OUTCOME_LOST } from './attempt-record';
import { ISSUE_WINDOW_MS } from './decision';
import {
  GrantEndedError,
  ProviderAuthError,
  ProviderRejectedError,
  ProviderThrottledError,
  provesNothingDone,
  RotationError,
  SecretStoreError,
} from './errors';
import { type Attempt, type Counts, foundIntent, giveUp } from './giving-up';
import type { Staged } from './promotion';
import type { VendorAnswer } from './provider';
import type { Context, Next } from './rotation-context';
import type { Observation } from './secret-store';
import { stage } from './staging';
import type { Instant, StoredValue } from './types';
import { intentId, newRotationId, valueId } from './version-ids';

/** Where the value of an attempt comes from. */
export interface ValueSource {
  readonly call: AttemptCall;
  /** In whole seconds, as the version id keeps it. */
  readonly expiresAt: Instant | undefined;
  /** Fingerprint of what is sent of the entry. */
  readonly parameters?: string | undefined;
  /**
   * Called once, when the intent is written and young.
   * @param mayCallUntil monotonic ms: no call to a vendor begins later
   * @throws what a provider's `issue` throws
   */
  obtain(mayCallUntil: number): Promise<Obtained>;
}

/** The vendor's answer, or what is to be stored as it is. */
export type Obtained =
  | { readonly answer: VendorAnswer }
  /** `whenStaged`: what follows, where its owner has more to do than whoever finds it. */
  | { readonly stored: StoredValue; readonly whenStaged?: (staged: Staged) => Promise<Next> };

/** One attempt: intent, value, stage, verify, promote (design, section 4, steps 4 to 8). The way must be clear. */
export async function attempt(context: Context, seen: Observation, counts: Counts, source: ValueSource): Promise<Next> {
  const { credential, clock, log } = context;
  const { call, expiresAt, parameters } = source;
  const id = intentId(seen.pending?.id ?? seen.current?.id ?? credential.id);
  const base = seen.current?.id ?? id;
  const rotationId = newRotationId(clock.now());
  const intent: Intent = {
    is: 'intent',
    call,
    rotationId,
    base,
    value: valueId(rotationId, expiresAt, base),
    ...counts,
    ...(parameters === undefined || parameters === seen.tags.credential?.parameters ? {} : { parameters }),
  };
  const begun = clock.monotonic();
  if (!(await putIntent(context, id, intent, begun))) return foundIntent(context, seen, id);
  log.info({ step: 'intent', call, rotation: rotationId, version: intent.value, base }, 'intent is written');
  const mine = { ...intent, id };
  if (clock.monotonic() - begun > ISSUE_WINDOW_MS) return giveUp(context, mine, 'not-done');
  return obtain(context, mine, source, begun + ISSUE_WINDOW_MS);
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
async function obtain(context: Context, mine: Attempt, source: ValueSource, mayCallUntil: number): Promise<Next> {
  const { log, clock } = context;
  const from = clock.monotonic();
  const tookMs = (): number => Math.round(clock.monotonic() - from);
  let obtained: Obtained;
  try {
    obtained = await source.obtain(mayCallUntil);
  } catch (error) {
    const because = meaningOf(error, mine.call);
    const failure = error instanceof RotationError ? { code: error.code, ...error.fields } : {};
    log.warn(
      { step: mine.call, rotation: mine.rotationId, durationMs: tookMs(), reason: because, ...failure },
      'no value was obtained',
    );
    if (error instanceof ProviderAuthError) log.alarm('own-credential-refused', failure, error.message);
    const wait = error instanceof ProviderThrottledError ? error.retryAfterMs : undefined;
    return giveUp(context, mine, because, { retryAt: wait === undefined ? undefined : clock.now() + wait });
  }
  return stage(context, mine, obtained, tookMs());
}

function meaningOf(error: unknown, call: AttemptCall): GivenUpBecause {
  if (provesNothingDone(error)) return 'not-done';
  if (error instanceof GrantEndedError) return 'grant-ended';
  return error instanceof ProviderRejectedError ? 'refused' : OUTCOME_LOST[call]; // once an issue has begun a grant may live
}
