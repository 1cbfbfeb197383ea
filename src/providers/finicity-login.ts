import { ProviderUnavailableError } from '../errors';
import { fieldOf } from '../own-credential';
import type { Sensitive } from '../sensitive';
import type { FinicityAccount } from '../types';
import { type LoginBook, makeLoginBook } from './finicity-login-book';
import { failureOf, type LoginOutcome, loginRequest, outcomeOf } from './finicity-login-call';
import { TRIES_PER_VERSION } from './finicity-login-rules';
import type { Session } from './session';

/** The lock is renewed while it is held: this long it outlives a holder that died. */
const LOCK_MS = 15_000;

export interface FinicityLogin {
  /**
   * Gives a partner token, which lives for two hours. One login at a time over all replicas.
   * @throws LockHeldError somebody else logs in
   * @throws ProviderAuthError blocked, or refused by now
   * @throws ProviderUnavailableError, ProviderThrottledError no token this time
   */
  token(): Promise<Sensitive>;
  /** One holder at a time over all replicas: of logins, and of changes of the secret that they log in with. */
  alone<T>(work: () => Promise<T>): Promise<T>;
  /** Within `alone`: a current version that has not logged in yet does so. Throws what `token` throws. */
  prove(): Promise<void>;
}

/**
 * `POST /aggregation/v2/partners/authentication`, within the budget of logins that may fail (design.md, section 4): what
 * the ledger says comes first.
 */
export function makeFinicityLogin(account: FinicityAccount, session: Session): FinicityLogin {
  const { secret: secretName } = account.partnerSecret;
  const calls = session.calls(account.baseUrl);
  const appKey = session.own(account.appKey);
  const book = makeLoginBook(account, session);

  const logIn = async ({ may, version }: Awaited<ReturnType<LoginBook['open']>>): Promise<Sensitive> => {
    // Everything that may wait or fail by itself comes before the mark or the try.
    const secret = fieldOf(await session.ledger.read(secretName, version), account.partnerSecret);
    const request = loginRequest(account, await appKey.get(), secret);
    const place = await calls.reserve();
    const ask = (): Promise<LoginOutcome> => place.send(request).then(outcomeOf, failureOf);
    try {
      return await (may === 'log-in' ? provenLogin : triedLogin)(book, version, ask);
    } finally {
      void place.release();
    }
  };

  const alone = <T>(work: () => Promise<T>): Promise<T> =>
    session.exclusive(`finicity-login-${account.partnerId}`, LOCK_MS, work);

  return {
    token: () => alone(async () => logIn(await book.open())),
    alone,
    async prove() {
      const permission = await book.open();
      if (permission.may === 'try') await logIn(permission);
    },
  };
}

type Login = (book: LoginBook, version: string, ask: () => Promise<LoginOutcome>) => Promise<Sensitive>;

const provenLogin: Login = async (book, version, ask) => {
  await book.mark(version);
  const outcome = await ask();
  if (outcome.is === 'refused') return book.stop(outcome.why);
  if (outcome.is === 'unknown') throw noToken(`${outcome.why}; its mark stays, and will count as a refusal`);
  await book.close(version);
  if (outcome.is === 'not-done') throw outcome.error;
  return outcome.token;
};

const triedLogin: Login = async (book, version, ask) => {
  const mine = await book.takeTry(version);
  if (mine === undefined) return book.stop(`${TRIES_PER_VERSION} logins with an unproven partner secret got no answer`);
  const outcome = await ask();
  if (outcome.is === 'refused') return book.stop(outcome.why);
  if (outcome.is === 'unknown' && mine.n === TRIES_PER_VERSION) return book.stop(`${outcome.why}; it was the last try`);
  if (outcome.is === 'unknown') throw noToken(outcome.why);
  if (outcome.is === 'not-done') {
    book.putBack(mine);
    throw outcome.error;
  }
  await book.close(version);
  return outcome.token;
};

function noToken(why: string): ProviderUnavailableError {
  return new ProviderUnavailableError(why, { route: 'finicity login' });
}
