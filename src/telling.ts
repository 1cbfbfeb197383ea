import { OutcomeUnknownError, ProviderThrottledError, provesNothingDone } from './errors';
import { isStill, secretOf } from './login-tries';
import type { Staged } from './promotion';
import type { PreparedChange } from './provider';
import type { Context } from './rotation-context';
import type { Sensitive } from './sensitive';

export interface Call {
  readonly from: Sensitive;
  readonly prepared: PreparedChange;
  /** Monotonic ms. */
  readonly mayCallUntil: number;
}

/** What came of telling the vendor. */
export type Told =
  | { readonly is: 'changed' }
  | { readonly is: 'unknown' }
  | { readonly is: 'refused'; readonly why: string }
  | { readonly is: 'not-taken' | 'not-done'; readonly why: string; readonly retryAt?: number | undefined }
  /** The labels have moved, or nobody may act: the next pass decides. */
  | { readonly is: 'elsewhere' };

/** Asks the vendor for the staged value in place of `from`, unless somebody logs in, or the labels have moved. */
export async function tell(context: Context, staged: Staged, { from, prepared, mayCallUntil }: Call): Promise<Told> {
  const { clock, log } = context;
  const to = secretOf(staged);
  const seen = await untilNobodyLogsIn(context, mayCallUntil);
  if (!isStill(staged, seen)) return { is: 'elsewhere' };
  if (seen.tags.loginOpen || clock.monotonic() > mayCallUntil) return { is: 'not-done', why: 'too late' };
  const immediate = seen.tags.compromised.has(staged.base);
  const begun = clock.monotonic();
  const told = await prepared.send({ from, to, immediate }).catch(toldByError(context));
  const fields = { version: staged.id, immediate, reason: told.is };
  log.info({ step: 'change', ...fields, durationMs: Math.round(clock.monotonic() - begun) }, 'told the vendor');
  return told;
}

/** Who logs in leaves a mark before, and looks for a staged value after it; here it is the other way round. */
async function untilNobodyLogsIn({ store, credential, clock, pace }: Context, until: number) {
  for (;;) {
    const seen = await store.observe(credential);
    if (!seen?.tags.loginOpen || clock.monotonic() + pace.betweenPutsMs > until) return seen;
    await clock.sleep(pace.betweenPutsMs);
  }
}

const toldByError =
  ({ clock }: Context) =>
  (error: unknown): Told => {
    if (error instanceof OutcomeUnknownError) return { is: 'unknown' };
    if (!provesNothingDone(error)) throw error;
    const wait = error instanceof ProviderThrottledError ? error.retryAfterMs : undefined;
    return { is: 'not-done', why: error.code, retryAt: wait === undefined ? undefined : clock.now() + wait };
  };
