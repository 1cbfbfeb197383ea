import { InvariantError, ProviderThrottledError, provesNothingDone, StoredValueError } from './errors';
import { firstPause } from './grants';
import type { Staged } from './promotion';
import type { ChosenVerbs, LoginAnswer } from './provider';
import { AGAIN, type Context, type Next } from './rotation-context';
import type { Observation } from './secret-store';
import type { Sensitive } from './sensitive';

// Every login with a value that is not proven first takes a try: a version, created once under the value's id and its number.

export function chosenVerbs({ provider }: Context): ChosenVerbs {
  if (provider.chosen === undefined) throw new InvariantError(`a ${provider.kind} is not chosen by us`);
  return provider.chosen;
}

/** The next pass, or time, decides. */
export type Ended = { readonly is: 'ended'; readonly next: Next };

export type Tried = Exclude<LoginAnswer, { readonly is: 'not-begun' }> | { readonly is: 'taken' } | Ended;

/** `taken`: another worker has spent this try; what came of it nobody knows. */
export async function attemptLogin(context: Context, staged: Staged, n: number, secret: Sensitive): Promise<Tried> {
  const { store, credential, log } = context;
  if (!isStill(staged, await store.observe(credential))) return { is: 'ended', next: AGAIN };
  let mine = false;
  const begins = async (): Promise<boolean> => {
    mine = await store.takeTry(credential, staged.id, n);
    return mine;
  };
  try {
    const answer = await chosenVerbs(context).login(credential, secret, begins);
    log.info({ step: 'login', version: staged.id, try: n, reason: answer.is }, 'tried which value is in force');
    return answer.is === 'not-begun' ? { is: 'taken' } : answer;
  } catch (error) {
    if (!provesNothingDone(error)) throw error;
    if (mine) store.putTryBack(staged.id, n);
    if (!error.retryable) throw error;
    const wait = error instanceof ProviderThrottledError ? error.retryAfterMs : undefined;
    return {
      is: 'ended',
      next: vendorNotReached(context, wait === undefined ? undefined : context.clock.now() + wait),
    };
  }
}

export const vendorNotReached = ({ clock, credential }: Context, retryAt?: number): Next => ({
  outcome: 'waits',
  reason: 'login-not-answered',
  retryAt: retryAt ?? clock.now() + firstPause(credential),
});

/** Is it staged as it was, and may somebody act on it? */
export const isStill = (staged: Staged, seen: Observation | undefined): seen is Observation =>
  seen?.pending?.id === staged.id && seen.current?.id === staged.base && seen.tags.blocked === undefined;

export function secretOf({ id, held }: Staged): Sensitive {
  if (held.secret !== undefined) return held.secret;
  throw new StoredValueError('a staged value does not hold the field that its account names', { version: id });
}
