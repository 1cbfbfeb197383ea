import { InvariantError, ProviderRejectedError } from '../errors';
import type { GrantFields, Provider, ProviderTraits, Revocation, RevokeContext, VendorAnswer } from '../provider';
import type { AuthSecret, FlinksDataSharingAccount } from '../types';
import { prepareCall, sendAuthorised } from './calls';
import {
  type Environment,
  environmentAccess,
  environmentRequest,
  isUuid,
  refusal,
  type SecretAnswer,
  secretAnswer,
  unusable,
} from './flinks-data-sharing';
import { jsonObject, type VendorReply } from './http';
import type { Session } from './session';

/** What a second generate does to the first secret is unknown (providers.md 2.4); only the partner can try a secret. */
const traits: ProviderTraits = {
  issuedBy: 'vendor',
  verifiable: false,
  revocable: true,
  keepsOthers: false,
  replacesInPlace: false,
  undo: 'enable',
  suspectUntil: () => 'never',
};

type OldGrant = GrantFields & { readonly grant: string };

/** The AuthSecret that opens shared data to a partner (vendor pages S0, S1; providers.md 2). */
export function makeFlinksAuthSecret(account: FlinksDataSharingAccount, session: Session): Provider<AuthSecret> {
  const calls = session.calls(account.baseUrl);
  const api = { calls, access: environmentAccess(account, session), clock: session.clock };

  const enable = async (permissionId: string): Promise<SecretAnswer | undefined> => {
    const route = 'flinks-auth-secret enable';
    if (!isUuid(permissionId)) return undefined;
    return switched(await sendAuthorised(api, (env) => environmentRequest(route, env, ['enable', permissionId])));
  };

  return {
    kind: 'flinks-auth-secret',
    traits,

    // Nothing can be read beforehand: every documented call of this vendor changes something.
    async prepare({ partnerName }) {
      checkPartnerName(partnerName);
      const route = 'flinks-auth-secret generate';
      const call = await prepareCall(api, (env) => environmentRequest(route, env, [partnerName]));
      return { issue: async (mayCallUntil) => generated(await call.send(mayCallUntil)), release: call.release };
    },

    async verify() {
      throw new InvariantError('only the partner can try an AuthSecret (providers.md 2.3)');
    },

    async revoke(_credential, old, context) {
      const reason = whyNotSent(old, context);
      if (reason !== undefined) return { outcome: 'not-revoked', reason };
      const route = 'flinks-auth-secret disable';
      const request = (env: Environment) => environmentRequest(route, env, ['disable', old.grant]);
      const reply = await sendAuthorised(api, request, context.mayCallUntil);
      const found = disabled(reply, old, context);
      return 'outcome' in found
        ? found
        : { outcome: 'hit-current', reinstated: await restored(enable, found, old, context) };
    },

    async reinstate(_credential, grant) {
      const answer = await enable(grant);
      return answer !== undefined && sameId(answer.permissionId, grant);
    },
  };
}

/** S0: at least 3 characters, no digits. `enable` and `disable` would make another call of it (providers.md 2.5). */
function checkPartnerName(name: string): void {
  const plain = name.trim().toLowerCase();
  if (name === name.trim() && plain.length >= 3 && !/\p{N}/u.test(name) && plain !== 'enable' && plain !== 'disable')
    return;
  throw new ProviderRejectedError(
    'flinks-auth-secret: a partner name has 3 characters or more, no digits, no blanks around it, and is not enable or disable',
  );
}

/**
 * Any well-formed answer is stored, whatever its id (providers.md 2.4), verbatim, and always with the names of S0, under
 * which the id is found again: there is no list, and to lose the PermissionId is to lose the power to revoke (5, line 24).
 */
function generated(reply: VendorReply): VendorAnswer {
  if (reply.status >= 400) throw refusal(reply);
  const { verbatim, permissionId, authSecret } = secretAnswer(reply);
  return { ...verbatim, PermissionId: permissionId, AuthSecret: authSecret.reveal() };
}

/** What enable switched on; undefined where the vendor refuses, which it documents as `400 {}` (S1). */
function switched(reply: VendorReply): SecretAnswer | undefined {
  if (reply.status < 400) return secretAnswer(reply);
  const error = refusal(reply);
  if (error instanceof ProviderRejectedError) return undefined;
  throw error;
}

const sameId = (a: string, b: string | undefined): boolean => a.toLowerCase() === b?.toLowerCase();
const sameSecret = (a: GrantFields['secret'], b: GrantFields['secret']): boolean =>
  a !== undefined && a.reveal() === b?.reveal();

/** Where to disable the old id would certainly, or perhaps, cut the partner off (providers.md 2.4). */
function whyNotSent(old: OldGrant, { current }: RevokeContext): string | undefined {
  if (!isUuid(old.grant)) return 'the PermissionId of the old version is not a UUID';
  if (sameId(old.grant, current?.grant)) return 'AWSCURRENT holds the same PermissionId';
  if (sameSecret(old.secret, current?.secret)) return 'AWSCURRENT holds the same AuthSecret under another PermissionId';
  return undefined;
}

/** What disable did. An answer that names the current id or secret hit AWSCURRENT, and is given back as it is. */
function disabled(reply: VendorReply, old: OldGrant, context: RevokeContext): Revocation | SecretAnswer {
  if (reply.status >= 400) return notDisabled(reply, context);
  const answer = secretAnswer(reply);
  const { current } = context;
  if (sameId(answer.permissionId, current?.grant) || sameSecret(answer.authSecret, current?.secret)) return answer;
  if (!sameId(answer.permissionId, old.grant)) throw unusable(reply, 'another PermissionId than the one disabled');
  if (old.secret !== undefined && !sameSecret(answer.authSecret, old.secret)) {
    throw unusable(reply, 'another AuthSecret than the one disabled');
  }
  return { outcome: 'revoked' };
}

/** S1's `400 {}`: after a lost answer it means that the first call did it; to a first call, that nothing was done (5, line 17). */
function notDisabled(reply: VendorReply, { repeated }: RevokeContext): Revocation {
  const error = refusal(reply);
  if (!(error instanceof ProviderRejectedError)) throw error;
  const answer = jsonObject(reply);
  const empty = answer !== undefined && Object.keys(answer).length === 0;
  if (reply.status === 400 && empty && repeated) return { outcome: 'revoked' };
  return { outcome: 'not-revoked', reason: error.message };
}

/**
 * Enables what was hit, at once: first the id that the vendor says it switched off, then the one that AWSCURRENT holds, last
 * the one that was asked for (which may revive the old secret: the lesser evil). Only an answer that names the current
 * secret shows that it is back. Nothing is thrown: that AWSCURRENT was hit must be told in any case.
 */
async function restored(
  enable: (permissionId: string) => Promise<SecretAnswer | undefined>,
  hit: SecretAnswer,
  old: OldGrant,
  { current }: RevokeContext,
): Promise<boolean> {
  for (const id of new Set(
    [hit.permissionId, current?.grant ?? old.grant, old.grant].map((given) => given.toLowerCase()),
  )) {
    const answer = await enable(id).catch(() => undefined);
    if (sameSecret(answer?.authSecret, current?.secret)) return true;
  }
  return false;
}
