import {
  GrantEndedError,
  InvariantError,
  OutcomeUnknownError,
  ProviderProtocolError,
  ProviderRejectedError,
} from '../errors';
import type { PreparedIssue, Provider, ProviderTraits, Revocation, VendorAnswer } from '../provider';
import type { Sensitive } from '../sensitive';
import type { AccessKey, FinicityAccount, Instant } from '../types';
import { type Access, prepareCall, sendAuthorised } from './calls';
import { errorCode, fieldsOf, isAppKeyRefused, isTokenRefused, refusal, said } from './finicity-answer';
import { makeFinicityLogin } from './finicity-login';
import { isObject, jsonObject, jsonText, type VendorReply, type VendorRequest } from './http';
import type { Session } from './session';
import { makeTokenCache } from './token-cache';

/** Receipts are independent objects, and end by themselves (providers.md 3.4); only the processor can try one. */
const traits: ProviderTraits = {
  issuedBy: 'vendor',
  verifiable: false,
  revocable: true,
  keepsOthers: true,
  replacesInPlace: false,
  undo: 'none',
  suspectUntil: (_issuedAt, expiresAt) => expiresAt ?? 'never',
};

/** The vendor's advice: one token for all calls, renewed at 90 minutes of its two hours (CreateToken). */
const TOKEN_LIFE_MS = 90 * 60 * 1000;

const PATH = ['aggregation', 'v1', 'partners', 'accessKey'] as const;

/** The receipt by which a third party reads a customer's data (vendor page S4 and OpenAPI; providers.md 3.4). */
export function makeFinicityAccessKey(account: FinicityAccount, session: Session): Provider<AccessKey> {
  const { clock } = session;
  const api = { calls: session.calls(account.baseUrl), access: partnerAccess(account, session), clock };

  /** Sends one body by POST or PUT; both answer with the receipt. */
  const prepared = async (
    credential: AccessKey,
    expiresAt: Instant | undefined,
    request: (partner: Partner, json: Sensitive) => VendorRequest,
    read: (reply: VendorReply) => VendorAnswer,
  ): Promise<PreparedIssue> => {
    if (expiresAt === undefined) throw new InvariantError('an access key is always asked for with an end time');
    const body = generateBody(account, credential, clock.now(), expiresAt);
    const call = await prepareCall(api, (partner) => request(partner, body));
    return { issue: async (mayCallUntil) => read(await call.send(mayCallUntil)), release: call.release };
  };

  return {
    kind: 'finicity-access-key',
    traits,

    prepare: (credential, expiresAt) => prepared(credential, expiresAt, generateRequest, receiptIn),

    prepareRenewal: (credential, grant, expiresAt) =>
      prepared(credential, expiresAt, (partner, json) => updateRequest(partner, grant, json), revisionIn),

    async verify() {
      throw new InvariantError('only the third party can try an access key (providers.md 3.4)');
    },

    async revoke(_credential, { grant }, { current, mayCallUntil }) {
      if (grant === current?.grant) throw new InvariantError('the receipt of AWSCURRENT is never deleted');
      return revocationIn(await sendAuthorised(api, (partner) => deleteRequest(partner, grant), mayCallUntil));
    },

    reinstate: async () => false,

    // A login, by its own rules, or none where there is a token: the account's only read of its own costs as much as a canary.
    async probe() {
      await api.access.get();
    },
  };
}

interface Partner {
  readonly appKey: Sensitive;
  readonly token: Sensitive;
}

/** One token for all jobs of this process. A refused one was not acted upon: the call is sent once more with a new one. */
function partnerAccess(account: FinicityAccount, session: Session): Access<Partner> {
  const login = makeFinicityLogin(account, session);
  const appKey = session.own(account.appKey);
  const tokens = makeTokenCache(session.clock, async () => {
    const until = session.clock.monotonic() + TOKEN_LIFE_MS;
    return { token: await login(), until };
  });
  return {
    get: async () => ({ appKey: await appKey.get(), token: await tokens.get() }),
    async renew(used, reply) {
      if (isTokenRefused(reply)) {
        tokens.drop(used.token);
        return { appKey: used.appKey, token: await tokens.get() };
      }
      const newer = isAppKeyRefused(reply) ? await appKey.renew(used.appKey) : undefined;
      return newer === undefined ? undefined : { ...used, appKey: newer };
    },
  };
}

const headers = ({ appKey, token }: Partner) => ({
  'Finicity-App-Key': appKey,
  'Finicity-App-Token': token,
  Accept: 'application/json, text/plain', // S4; a 401 may be plain text
});

function generateRequest(partner: Partner, json: Sensitive): VendorRequest {
  const route = 'finicity-access-key generate';
  return { route, method: 'POST', path: PATH, headers: headers(partner), json, changesState: true };
}

/** The revision of the receipt increments; only active ones can be updated (providers.md 3.4). */
function updateRequest(partner: Partner, receiptId: string, json: Sensitive): VendorRequest {
  const route = 'finicity-access-key renew';
  return { route, method: 'PUT', path: [...PATH, receiptId], headers: headers(partner), json, changesState: true };
}

function deleteRequest(partner: Partner, receiptId: string): VendorRequest {
  const route = 'finicity-access-key revoke';
  return { route, method: 'DELETE', path: [...PATH, receiptId], headers: headers(partner), changesState: true };
}

function generateBody(account: FinicityAccount, credential: AccessKey, from: Instant, until: Instant): Sensitive {
  const accessPeriod = { type: 'timeframe', startTime: isoSeconds(from), endTime: isoSeconds(until) };
  return jsonText({
    customerId: credential.customerId,
    partnerId: account.partnerId,
    thirdPartyPartnerId: credential.thirdPartyPartnerId,
    products: credential.products.map((product) => ({ ...product, accessPeriod })),
  });
}

/** Whole seconds, never later than asked: version ids keep expiries so too. */
const isoSeconds = (at: Instant): string => new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');

/**
 * `data[0]` is the access key itself and is handed over whole, with fields that the OpenAPI lacks (receiptVersion, 5, line
 * 34). Its customer and account ids are pseudo ids, not the request's (5, line 38): they are not compared.
 */
function receiptIn(reply: VendorReply): VendorAnswer {
  if (reply.status >= 400) throw refusal(reply);
  const data = jsonObject(reply)?.data;
  const [receipt, ...others] = Array.isArray(data) ? (data as readonly unknown[]) : [];
  if (others.length > 0) throw unusable(reply, 'more than one receipt in it');
  const id = isObject(receipt) && isObject(receipt.receipt) ? receipt.receipt.receiptId : undefined;
  if (!isObject(receipt) || typeof id !== 'string' || id.trim() === '') throw unusable(reply, 'no receipt id in it');
  return receipt;
}

function unusable(reply: VendorReply, why: string): ProviderProtocolError {
  return new ProviderProtocolError(`${reply.route}: status ${reply.status}, ${why}: outcome unknown`, fieldsOf(reply));
}

const PARTNER_NOT_FOUND = '12401';

/** The id was read from our own stored receipt, so a 404 in the vendor's own words says that it is gone (5, line 37). */
function isGone(reply: VendorReply): boolean {
  if (reply.status !== 404) return false;
  const code = errorCode(reply);
  if (code === undefined) throw unknown(reply, "a 404 that is not the vendor's (a proxy?)");
  return code !== PARTNER_NOT_FOUND;
}

/** The answer to a PUT; another receipt id in it is taken as it is (5, line 35). */
function revisionIn(reply: VendorReply): VendorAnswer {
  if (isGone(reply)) throw new GrantEndedError(`${said(reply)}: the receipt has ended`, fieldsOf(reply));
  return receiptIn(reply);
}

function revocationIn(reply: VendorReply): Revocation {
  if (reply.status === 204 || isGone(reply)) return { outcome: 'revoked' };
  if (reply.status < 400) throw unknown(reply, 'not the documented 204');
  const error = refusal(reply);
  if (!(error instanceof ProviderRejectedError)) throw error;
  return { outcome: 'not-revoked', reason: error.message };
}

function unknown(reply: VendorReply, why: string): OutcomeUnknownError {
  return new OutcomeUnknownError(`${said(reply)}: ${why}: it may have been done`, fieldsOf(reply));
}
