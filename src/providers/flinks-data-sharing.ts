// What the three AuthSecret calls share: what they are sent with, and how their answers are read.

import { ProviderAuthError, ProviderProtocolError, ProviderRejectedError, ProviderThrottledError } from '../errors';
import type { VendorAnswer } from '../provider';
import { Sensitive } from '../sensitive';
import type { FlinksDataSharingAccount } from '../types';
import type { Access } from './calls';
import { jsonObject, type VendorReply, type VendorRequest } from './http';
import type { Session } from './session';

/** Opens the owner's environment at Flinks: all three are credentials. */
export interface Environment {
  readonly customerId: Sensitive;
  readonly apiSecret: Sensitive;
  readonly authKey: Sensitive | undefined;
}

export function environmentAccess(account: FlinksDataSharingAccount, session: Session): Access<Environment> {
  const customerId = session.own(account.customerId);
  const apiSecret = session.own(account.apiSecret);
  const authKey = account.authKey === undefined ? undefined : session.own(account.authKey);
  return {
    get: async () => ({
      customerId: await customerId.get(),
      apiSecret: await apiSecret.get(),
      authKey: await authKey?.get(),
    }),
    async renew(used, reply) {
      if (!(refusal(reply) instanceof ProviderAuthError)) return undefined;
      const newer = {
        customerId: await customerId.renew(used.customerId),
        apiSecret: await apiSecret.renew(used.apiSecret),
        authKey: used.authKey && (await authKey?.renew(used.authKey)),
      };
      if (!newer.customerId && !newer.apiSecret && !newer.authKey) return undefined;
      return {
        customerId: newer.customerId ?? used.customerId,
        apiSecret: newer.apiSecret ?? used.apiSecret,
        authKey: newer.authKey ?? used.authKey,
      };
    },
  };
}

/** A GET that changes state (S0, S1). Bearer on all three, though only S0 declares it (providers.md 2.2). */
export function environmentRequest(
  route: string,
  environment: Environment,
  segments: readonly string[],
): VendorRequest {
  const { customerId, apiSecret, authKey } = environment;
  return {
    route,
    method: 'GET',
    path: ['v3', customerId, 'partnerdata', 'authsecret', ...segments],
    headers: {
      Authorization: new Sensitive(`Bearer ${apiSecret.reveal()}`),
      'Cache-Control': 'no-store',
      ...(authKey === undefined ? {} : { 'flinks-auth-key': authKey }),
    },
    changesState: true,
  };
}

/** Every id in the vendor's pages is a UUID; anything else in its place makes another path of the call (2.5). */
export const isUuid = (text: string): boolean => /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text);

export interface SecretAnswer {
  readonly permissionId: string;
  readonly authSecret: Sensitive;
  readonly verbatim: VendorAnswer;
}

/**
 * Generate answers in PascalCase, enable and disable in camelCase (S0, S1). Either is taken, but not both with different
 * values: then nobody can say which is meant.
 * @throws ProviderProtocolError where the id or the secret is missing: the outcome is unknown
 */
export function secretAnswer(reply: VendorReply): SecretAnswer {
  const verbatim = jsonObject(reply) ?? {};
  const permissionId = textIn(reply, verbatim, 'PermissionId', 'permissionId');
  const authSecret = textIn(reply, verbatim, 'AuthSecret', 'authSecret');
  if (permissionId === undefined || !isUuid(permissionId)) throw unusable(reply, 'no PermissionId in it');
  if (authSecret === undefined) throw unusable(reply, 'no AuthSecret in it');
  return { permissionId, authSecret: new Sensitive(authSecret), verbatim };
}

function textIn(reply: VendorReply, answer: VendorAnswer, pascal: string, camel: string): string | undefined {
  const [one, other] = [answer[pascal], answer[camel]];
  if (one !== undefined && other !== undefined && one !== other)
    throw unusable(reply, `two different ${pascal}s in it`);
  const text = one ?? other;
  return typeof text === 'string' && text.trim() !== '' ? text : undefined;
}

export function unusable(reply: VendorReply, why: string): ProviderProtocolError {
  return new ProviderProtocolError(`${reply.route}: status ${reply.status}, ${why}: outcome unknown`, fieldsOf(reply));
}

/** F-codes (2.6): throttling is a 401, and INVALID_REQUEST comes as 400 or 401, so the FlinksCode decides, then the status. */
export function refusal(reply: VendorReply): ProviderThrottledError | ProviderAuthError | ProviderRejectedError {
  const code = flinksCode(reply);
  const said = `${reply.route}: status ${reply.status}, ${code ?? 'no FlinksCode'}`;
  const fields = fieldsOf(reply);
  if (code === 'TOO_MANY_REQUESTS' || code === 'RETRY_LATER') {
    return new ProviderThrottledError(`${said}: throttled`, fields);
  }
  if ((reply.status === 401 || reply.status === 403) && code !== 'INVALID_REQUEST') {
    return new ProviderAuthError(`${said}: check customerId, apiSecret and authKey of the account`, fields);
  }
  return new ProviderRejectedError(`${said}: refused`, fields);
}

/** Not to be relied upon: a 400 may be `{}` (S1). */
function flinksCode(reply: VendorReply): string | undefined {
  const code = jsonObject(reply)?.FlinksCode;
  return typeof code === 'string' && /^[A-Z][A-Z_]{2,50}$/.test(code) ? code : undefined;
}

/** RequestId is what Flinks' support asks for, where a secret was made that nobody knows (5, line 25). */
function fieldsOf(reply: VendorReply) {
  const id = jsonObject(reply)?.RequestId;
  const requestId = typeof id === 'string' && isUuid(id) ? id : undefined;
  return { account: reply.account, route: reply.route, status: reply.status, vendorCode: flinksCode(reply), requestId };
}
