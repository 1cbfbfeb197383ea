import {
  InvariantError,
  NotPermittedError,
  ProviderProtocolError,
  ProviderRejectedError,
  StoredValueError,
} from '../errors';
import type { Provider, ProviderTraits } from '../provider';
import type { Sensitive } from '../sensitive';
import type { FinoutAccount, FinoutToken } from '../types';
import { jsonObject, type VendorReply, type VendorRequest } from './http';
import type { Session } from './session';

/** Finout documents no call that makes, lists or deletes tokens (providers.md 4.1): a person does, in the Admin Portal. */
const traits: ProviderTraits = {
  issuedBy: 'person',
  verifiable: true,
  revocable: false,
  keepsOthers: true,
  replacesInPlace: false,
  undo: 'forward',
  // Whoever imports a pair has it in hand: an import that was cut short leaves nothing that nobody knows.
  suspectUntil: (issuedAt) => issuedAt,
};

/** A Finout API token: client id and secret key, the token's own access and nobody else's (vendor page S3; providers.md 4). */
export function makeFinoutApiToken(account: FinoutAccount, session: Session): Provider<FinoutToken> {
  const calls = session.calls(account.baseUrl);

  return {
    kind: 'finout-api-token',
    traits,

    async prepare() {
      throw new InvariantError('a Finout token is made by a person, it cannot be issued (providers.md 4.1)');
    },

    async verify({ id }, { grant: clientId, secret: secretKey }) {
      if (clientId === undefined || secretKey === undefined) {
        throw new StoredValueError('the value holds no clientId or no secretKey', { credential: id });
      }
      if (![clientId, secretKey.reveal()].every(canBeSent)) return 'refused';
      return verdict(await calls.send(listViews(clientId, secretKey)));
    },

    async revoke() {
      throw new InvariantError('a Finout token is deleted by a person, it cannot be revoked (providers.md 4.1)');
    },

    reinstate: async () => false,
  };
}

/** What no header can carry was never given out by Finout. */
const canBeSent = (text: string): boolean => /^[\x21-\x7e]+$/.test(text);

/** Lists saved views: no parameter, nothing secret in the answer. /v1/endpoints would hand out webhook addresses (4.2). */
function listViews(clientId: string, secretKey: Sensitive): VendorRequest {
  return {
    route: 'finout view',
    method: 'GET',
    path: ['v1', 'view'],
    headers: { 'x-finout-client-id': clientId, 'x-finout-secret-key': secretKey },
    changesState: false,
    takesAnyBody: true,
  };
}

/** Expired, deleted and wrong are one 401 (5, line 39); a 403 says nothing against the pair (5, line 40). */
function verdict(reply: VendorReply): 'works' | 'refused' {
  const { account, route, status } = reply;
  const fields = { account, route, status };
  if (status === 401) return 'refused';
  if (status === 403) {
    throw new NotPermittedError(`${route}: status 403: valid but not permitted: give the token a role`, fields);
  }
  if (status >= 400) throw new ProviderRejectedError(`${route}: status ${status}: neither yes nor no`, fields);
  if (!isJson(reply)) {
    throw new ProviderProtocolError(`${route}: status ${status}, not JSON (the page of a proxy or a login?)`, fields);
  }
  if (status === 200 && Array.isArray(jsonObject(reply)?.data)) return 'works';
  throw new ProviderProtocolError(`${route}: status ${status}, no list of views in it`, fields);
}

const isJson = ({ contentType }: VendorReply): boolean => /^application\/json\s*(;|$)/i.test(contentType);
