import { LockHeldError, ProviderUnavailableError, provesNothingDone, type RotationError } from '../errors';
import { fieldOf } from '../own-credential';
import { Sensitive } from '../sensitive';
import type { FinicityAccount } from '../types';
import { errorCode, OUTSIDE_REGION, said } from './finicity-answer';
import { type LoginBook, makeLoginBook } from './finicity-login-book';
import { TRIES_PER_VERSION } from './finicity-login-rules';
import { jsonObject, jsonText, type VendorReply, type VendorRequest } from './http';
import type { Session } from './session';

/** Longest that a login may hold the lock beyond the vendor's time-out: reading, marking, writing a refusal down. */
const LOCK_MARGIN_MS = 60_000;

/**
 * `POST /aggregation/v2/partners/authentication`, within the budget of logins that may fail (design.md, section 4).
 * One login at a time over all replicas, and what the ledger says comes first.
 * @returns a login that gives a partner token, which lives for two hours
 * @throws LockHeldError somebody else logs in
 * @throws ProviderAuthError blocked, or refused by now
 * @throws ProviderUnavailableError, ProviderThrottledError no token this time
 */
export function makeFinicityLogin(account: FinicityAccount, session: Session): () => Promise<Sensitive> {
  const { secret: secretName } = account.partnerSecret;
  const calls = session.calls(account.baseUrl);
  const appKey = session.own(account.appKey);
  const book = makeLoginBook(account, session);

  const login = async (): Promise<Sensitive> => {
    const permission = await book.open();
    if (permission.may === 'wait') throw new LockHeldError(`account ${account.name}: ${permission.reason}`);
    const { may, version } = permission;
    // Everything that may wait or fail by itself comes before the mark or the try.
    const secret = fieldOf(await session.ledger.read(secretName, version), account.partnerSecret);
    const request = loginRequest(account, await appKey.get(), secret);
    const place = await calls.reserve();
    const ask = (): Promise<Outcome> => place.send(request).then(outcomeOf, failureOf);
    try {
      return await (may === 'log-in' ? provenLogin : triedLogin)(book, version, ask);
    } finally {
      void place.release();
    }
  };

  return () => session.exclusive(`finicity-login-${account.partnerId}`, account.timeoutMs + LOCK_MARGIN_MS, login);
}

type Outcome =
  | { readonly is: 'in'; readonly token: Sensitive }
  | { readonly is: 'refused'; readonly why: string }
  | { readonly is: 'not-done'; readonly error: RotationError }
  | { readonly is: 'unknown'; readonly why: string };

type Login = (book: LoginBook, version: string, ask: () => Promise<Outcome>) => Promise<Sensitive>;

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

function loginRequest({ partnerId }: FinicityAccount, appKey: Sensitive, partnerSecret: Sensitive): VendorRequest {
  return {
    route: 'finicity login',
    method: 'POST',
    path: ['aggregation', 'v2', 'partners', 'authentication'],
    headers: { 'Finicity-App-Key': appKey },
    json: jsonText({ partnerId, partnerSecret: partnerSecret.reveal() }),
    changesState: true, // it may move the count of failed logins: a lost answer is not nothing
  };
}

/**
 * Every 4xx but throttling stops all logins. How a locked account answers is unknown, so an unexpected 401 or 403 may be the
 * lock (providers.md 5, line 27). 403 is also what callers outside the vendor's regions get (line 33): no verdict on the
 * secret, and it is said so; but the two cannot be told apart from here, and one login more would cost the account where it
 * was the lock, while to stop costs a person's look. A wrong request or partner id (400, 404) would be refused again, and
 * may be counted too.
 */
function outcomeOf(reply: VendorReply): Outcome {
  if (reply.status === 403)
    return { is: 'refused', why: `${said(reply)}: ${OUTSIDE_REGION} Or the account is locked.` };
  if (reply.status >= 400) return { is: 'refused', why: `${said(reply)}: ${MENDING[errorCode(reply) ?? ''] ?? LOOK}` };
  const token = jsonObject(reply)?.token;
  if (typeof token === 'string' && token !== '') return { is: 'in', token: new Sensitive(token) };
  return { is: 'unknown', why: `${said(reply)}: no token in the answer` };
}

const LOOK = 'check partnerId, partner secret and appKey, and ask the vendor whether the account is locked';
const MENDING: Readonly<Record<string, string>> = {
  '10001': 'partnerId or partner secret is wrong',
  '10005': 'a parameter is missing: check partnerId and the stored partner secret',
  '10021': 'the partner is not authorized',
  '10026': 'check appKey of the account',
  '12401': 'the vendor does not know partnerId',
  '24302': 'partnerId or partner secret is wrong',
};

/** 5xx is unknown too: 24302, bad credentials, is listed as a 401 and as a 500 (providers.md 3.3). */
function failureOf(error: unknown): Outcome {
  if (provesNothingDone(error)) return { is: 'not-done', error };
  return { is: 'unknown', why: error instanceof Error ? error.message : 'the login failed' };
}

function noToken(why: string): ProviderUnavailableError {
  return new ProviderUnavailableError(why, { route: 'finicity login' });
}
