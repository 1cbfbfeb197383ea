import {
  InvariantError,
  ProviderAuthError,
  ProviderProtocolError,
  ProviderRejectedError,
  ProviderThrottledError,
  type RotationError,
  StoredValueError,
} from '../errors';
import type { Provider, ProviderTraits, VendorAnswer } from '../provider';
import { Sensitive } from '../sensitive';
import type { FlinksOutboundAccount, OutboundRecipient } from '../types';
import { type Access, prepareCall, sendAuthorised } from './calls';
import {
  errorWord,
  fieldsOf,
  isTooMany,
  judgeClient,
  makeBearerToken,
  said,
  tokenRequest,
} from './flinks-outbound-token';
import { jsonObject, type VendorReply, type VendorRequest } from './http';
import type { Session } from './session';
import type { TokenCache } from './token-cache';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Whether the old secret dies at once is unknown, so it is assumed (providers.md 1.3). */
const traits: ProviderTraits = {
  issuedBy: 'vendor',
  verifiable: true,
  revocable: false,
  keepsOthers: false,
  replacesInPlace: true,
  undo: 'none',
  // A lost call may still take effect after later ones (5, line 10), but not for ever.
  suspectUntil: (issuedAt) => issuedAt + DAY_MS,
};

/** The client secret of a Flinks Outbound data recipient (vendor page S2; providers.md 1). */
export function makeFlinksOutboundRecipient(
  account: FlinksOutboundAccount,
  session: Session,
): Provider<OutboundRecipient> {
  const { clock } = session;
  const tokenCalls = session.calls(account.tokenUrl);
  const calls = session.calls(account.baseUrl);
  const tokens = makeBearerToken(account, session, tokenCalls);
  const api = { calls, access: bearerAccess(tokens), clock };

  const look = async (clientId: string): Promise<void> => {
    checkRecipient(clientId, await sendAuthorised(api, (token) => readRequest(clientId, token)));
  };

  return {
    kind: 'flinks-outbound-recipient',
    traits,

    async prepare({ clientId }) {
      refuseOwnClient(account, clientId);
      await look(clientId);
      const call = await prepareCall(api, (token) => regenerateRequest(clientId, token));
      return {
        issue: async (mayCallUntil) => answerIn(clientId, await call.send(mayCallUntil)),
        release: call.release,
      };
    },

    // A request of its own each time: a token from a cache would prove nothing about the secret.
    async verify({ id, clientId }, { secret }) {
      if (secret === undefined) throw new StoredValueError('the value holds no client_secret', { credential: id });
      return judgeClient(await tokenCalls.send(tokenRequest(account, { id: clientId, secret })));
    },

    async revoke() {
      throw new InvariantError('a Flinks Outbound secret is replaced, there is nothing to revoke');
    },

    reinstate: async () => false,

    probe: ({ clientId }) => look(clientId),
  };
}

function bearerAccess(tokens: TokenCache): Access<Sensitive> {
  return {
    get: tokens.get,
    async renew(used, reply) {
      if (!isTokenRefused(reply)) return undefined;
      tokens.drop(used);
      return tokens.get();
    },
  };
}

/** S2 says 401 for an expired or invalid token, F-old says 400: the body decides (providers.md 5, line 12). */
function isTokenRefused(reply: VendorReply): boolean {
  if (isTooMany(reply)) return false;
  if (reply.status === 401) return true;
  return reply.status === 400 && (errorWord(reply) === 'invalid_token' || /\btoken\b/i.test(messageOf(reply)));
}

function messageOf(reply: VendorReply): string {
  const message = jsonObject(reply)?.message;
  return typeof message === 'string' ? message : '';
}

/** The admin credential drives the rotation: to regenerate it would saw off the branch (providers.md 1.3). */
function refuseOwnClient(account: FlinksOutboundAccount, clientId: string): void {
  if (clientId.trim().toLowerCase() !== account.clientId.trim().toLowerCase()) return;
  throw new ProviderRejectedError(`account ${account.name}: its own client_id is not a recipient and is never rotated`);
}

const authorization = (token: Sensitive) => ({ Authorization: new Sensitive(`Bearer ${token.reveal()}`) });

function readRequest(clientId: string, token: Sensitive): VendorRequest {
  const path = ['api', 'v1', 'recipients', clientId];
  const headers = authorization(token);
  return { route: 'flinks-outbound recipient', method: 'GET', path, headers, changesState: false };
}

function regenerateRequest(clientId: string, token: Sensitive): VendorRequest {
  const path = ['api', 'v1', 'recipients', clientId, 'secret'];
  const headers = authorization(token);
  return { route: 'flinks-outbound regenerate', method: 'POST', path, headers, changesState: true };
}

/** The recipient exists, and this account may manage it: otherwise the issue call would certainly fail. */
function checkRecipient(clientId: string, reply: VendorReply): void {
  if (reply.status >= 400) throw refusal(reply);
  if (jsonObject(reply)?.client_id === clientId) return;
  throw new ProviderRejectedError(`${reply.route}: the answer is about another recipient, or none`, fieldsOf(reply));
}

/** No field is marked required in S2: without a secret for this very recipient nobody knows what was done. */
function answerIn(clientId: string, reply: VendorReply): VendorAnswer {
  if (reply.status >= 400) throw refusal(reply);
  const answer = jsonObject(reply);
  const secret = answer?.client_secret;
  if (answer === undefined || typeof secret !== 'string' || secret.trim() === '') {
    throw unusable(reply, 'no client_secret in it');
  }
  if (answer.client_id !== clientId) throw unusable(reply, 'for another client_id');
  return answer;
}

function unusable(reply: VendorReply, why: string): ProviderProtocolError {
  return new ProviderProtocolError(`${reply.route}: status ${reply.status}, ${why}: outcome unknown`, fieldsOf(reply));
}

function refusal(reply: VendorReply): RotationError {
  const fields = fieldsOf(reply);
  if (isTooMany(reply)) return new ProviderThrottledError(`${said(reply)}: throttled`, fields);
  if (isTokenRefused(reply)) {
    return new ProviderAuthError(`${said(reply)}: a bearer token just made was refused (client:admin?)`, fields);
  }
  // 403, 404, 409 are not documented: whatever they mean, the same call would be refused again (5, line 13).
  return new ProviderRejectedError(
    `${said(reply)}: does the recipient exist, and does it belong to this account?`,
    fields,
  );
}
