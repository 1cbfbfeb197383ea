import { ISSUE_WINDOW_MS, ownerLimitMs } from './decision';
import { InvariantError, provesNothingDone, SecretStoreError } from './errors';
import { seal } from './giving-up';
import { heldBy } from './grants';
import { attemptLogin, chosenVerbs, type Ended, secretOf, vendorNotReached } from './login-tries';
import { promote, type Staged, verifyAndPromote } from './promotion';
import type { PreparedChange } from './provider';
import { AGAIN, type Context, type Next } from './rotation-context';
import { tag } from './rotation-tags';
import type { Observation } from './secret-store';
import type { Sensitive } from './sensitive';
import { type Call, tell } from './telling';
import { parseVersionId, type ValueId } from './version-ids';

// A value that we have chosen (design, "Logins that may fail"): which of two is in force only logins can tell, and five
// that fail lock the account for good. The first try is with the pending value, the second with the current one (good: the
// vendor is told again), the third with the pending one. After two that were refused, or may have been, a person is called.

/** An imported value that gets no answer is tried once more, as an ordinary login is. */
const TRIES_OF_AN_IMPORT = [1, 2];

/** A staged value of any kind, by whoever finds it. `seen`: how the labels stood then; absent: it has just been staged. */
export async function finishStaged(context: Context, staged: Staged, seen?: Observation): Promise<Next> {
  const { provider } = context;
  if (provider.chosen === undefined) return verifyAndPromote(context, staged);
  if (seen?.tags.proven === staged.id) return promote(context, valueIdOf(staged), staged.base, 'verified');
  return provider.chosen.alone(async () => {
    if (context.stopping()) return { outcome: 'waits', reason: 'stopping' };
    if (seen !== undefined && (await changedSince(context, seen))) return AGAIN;
    return staged.call === 'choose' ? settleByTries(context, staged, 'unknown') : tryImported(context, staged);
  });
}

/** Somebody else has been at it while the lock was waited for: a try that they took must not count as refused. */
async function changedSince({ store, credential }: Context, seen: Observation): Promise<boolean> {
  return (await store.observe(credential))?.lastChangedAt !== seen.lastChangedAt;
}

/** Its owner tells the vendor, once, while nobody else may act on it: what surely did nothing is given up without a login. */
export async function applyChosen(context: Context, staged: Staged, owner: Call): Promise<Next> {
  const { clock, pace } = context;
  const ownUntil = owner.mayCallUntil - ISSUE_WINDOW_MS + ownerLimitMs(pace.providerTimeoutMs);
  const told = await tell(context, staged, owner);
  if (told.is === 'elsewhere') return AGAIN;
  if (told.is === 'changed' || told.is === 'unknown') return settleByTries(context, staged, told.is);
  if (told.is === 'refused') return block(context, staged, `the change was refused - ${told.why}`);
  if (clock.monotonic() > ownUntil) return AGAIN; // others may have told the vendor meanwhile
  const because = told.is === 'not-taken' ? 'value-refused' : 'not-done';
  return seal(context, valueIdOf(staged), because, staged.base, staged.counts, { retryAt: told.retryAt });
}

/** The three tries. `told`: does the vendor say that it has changed it? */
async function settleByTries(context: Context, staged: Staged, told: 'changed' | 'unknown'): Promise<Next> {
  const pending = secretOf(staged);
  const first = await attemptLogin(context, staged, 1, pending);
  if (first.is === 'ended') return first.next;
  if (first.is === 'works') return proven(context, staged);
  // The vendor has changed it and gave no answer to the login: the current one would tell nothing more.
  const asksCurrent = !(told === 'changed' && first.is === 'unknown');
  await propagation(context, told);
  const second = asksCurrent ? await tryCurrent(context, staged) : 'not-refused';
  if (typeof second === 'object') return second.next;
  if (second === 'refused') return block(context, staged, 'neither the new value nor the current one is accepted');
  const third = await attemptLogin(context, staged, 3, pending);
  if (third.is === 'ended') return third.next;
  if (third.is === 'works') return proven(context, staged);
  return block(
    context,
    staged,
    `the new value was refused twice or got no answer${third.is === 'refused' ? ` - ${third.why}` : ''}`,
  );
}

/** The second try. Where the current value still works, the vendor is told again. */
async function tryCurrent(context: Context, staged: Staged): Promise<'refused' | 'not-refused' | Ended> {
  const { secret } = await heldBy(context, staged.base);
  if (secret === undefined) return 'refused';
  const answer = await attemptLogin(context, staged, 2, secret);
  if (answer.is === 'ended') return answer;
  if (answer.is === 'taken') return 'not-refused';
  if (answer.is !== 'works') return 'refused';
  return tellAgain(context, staged, secret);
}

async function tellAgain(
  context: Context,
  staged: Staged,
  from: Sensitive,
): Promise<'refused' | 'not-refused' | Ended> {
  const { store, clock, pace } = context;
  const prepared = await prepareAgain(context, staged);
  try {
    const mayCallUntil = clock.monotonic() + pace.providerTimeoutMs;
    const told = await tell(context, staged, { from, prepared, mayCallUntil });
    if (told.is === 'elsewhere') return { is: 'ended', next: AGAIN };
    if (told.is === 'not-done') {
      store.putTryBack(staged.id, 2);
      return { is: 'ended', next: vendorNotReached(context, told.retryAt) };
    }
    if (told.is === 'changed') await propagation(context, 'changed');
    return told.is === 'refused' ? 'refused' : 'not-refused';
  } finally {
    await prepared.release();
  }
}

/** It costs nothing to log in with the current one again: where no call can be made now, this process keeps the try. */
async function prepareAgain(context: Context, { id }: Staged): Promise<PreparedChange> {
  try {
    return await chosenVerbs(context).prepareChange(context.credential);
  } catch (error) {
    if (provesNothingDone(error)) context.store.putTryBack(id, 2);
    throw error;
  }
}

/** An imported value is tried, and never told to the vendor: it is in force already, or wrong. */
async function tryImported(context: Context, staged: Staged): Promise<Next> {
  const pending = secretOf(staged);
  for (const n of TRIES_OF_AN_IMPORT) {
    const answer = await attemptLogin(context, staged, n, pending);
    switch (answer.is) {
      case 'works':
        return proven(context, staged);
      case 'refused':
        await block(context, staged, `the imported value was refused - ${answer.why}`);
        return seal(context, valueIdOf(staged), 'value-refused', staged.base, staged.counts, { call: 'import' });
      case 'unknown':
        if (n < TRIES_OF_AN_IMPORT.length) return vendorNotReached(context);
        break;
      case 'ended':
        return answer.next;
      case 'taken':
    }
  }
  return block(context, staged, 'the imported value was tried twice and no answer is known');
}

/** Written down before the promotion: who finds it staged then needs no login more. */
async function proven(context: Context, staged: Staged): Promise<Next> {
  const { store, credential, log } = context;
  await store.tag(credential, tag.proven(staged.id)).catch((error: unknown) => {
    if (!(error instanceof SecretStoreError)) throw error;
    log.warn({ step: 'login', version: staged.id, ...error.fields }, 'not written down that it has logged in');
  });
  return promote(context, valueIdOf(staged), staged.base, 'verified');
}

async function block({ store, credential, log }: Context, staged: Staged, reason: string): Promise<Next> {
  await store.tag(credential, tag.blocked(reason));
  log.alarm('login-refused', { version: staged.id, reason }, 'nobody logs in or changes it until a person has looked');
  return { outcome: 'blocked', version: staged.id, reason };
}

/** How long a change takes to reach all of the vendor is unknown (providers.md 5, line 11). */
async function propagation({ clock, pace }: Context, told: 'changed' | 'unknown'): Promise<void> {
  if (told === 'changed') await clock.sleep(Math.max(0, ...pace.verifyPausesMs));
}

function valueIdOf({ id }: Staged): ValueId {
  const version = parseVersionId(id);
  if (version.is !== 'value') throw new InvariantError('a staged value under an id that is not ours', { version: id });
  return version;
}
