import { InvariantError, OutcomeUnknownError } from '../errors';
import type { Change, ChangeAnswer, LoginAnswer, Provider, ProviderTraits } from '../provider';
import type { Sensitive } from '../sensitive';
import type { FinicityAccount, PartnerSecret } from '../types';
import { errorCode, OUTSIDE_REGION, said } from './finicity-answer';
import { makeFinicityLogin } from './finicity-login';
import { failureOf, LOOK, loginRequest, MENDING, outcomeOf, PARTNER_AUTHENTICATION } from './finicity-login-call';
import { randomPartnerSecret } from './finicity-secret-text';
import { jsonText, type VendorReply, type VendorRequest } from './http';
import type { Session } from './session';

/** We choose the value, so a lost answer leaves nothing behind; each try of it may cost the account (providers.md 3.2). */
const traits: ProviderTraits = {
  issuedBy: 'us',
  verifiable: false,
  revocable: false,
  keepsOthers: false,
  replacesInPlace: false,
  undo: 'change', // an earlier value was accepted again in the vendor's own test (providers.md 3.2)
  suspectUntil: (issuedAt) => issuedAt,
};

const noSuchVerb = async (): Promise<never> => {
  throw new InvariantError('a partner secret is changed, not issued, and tried only by its own rule');
};

/** The secret by which the worker itself logs in (ModifyPartnerSecret, CreateToken; providers.md 3.1 and 3.2). */
export function makeFinicityPartnerSecret(account: FinicityAccount, session: Session): Provider<PartnerSecret> {
  const calls = session.calls(account.baseUrl);
  const appKey = session.own(account.appKey);
  const { alone, prove } = makeFinicityLogin(account, session);

  return {
    kind: 'finicity-partner-secret',
    traits,
    prepare: noSuchVerb,
    verify: noSuchVerb,
    revoke: noSuchVerb,
    reinstate: async () => false,

    chosen: {
      alone,
      prove,
      choose: ({ length }) => ({ partnerSecret: randomPartnerSecret(length) }),

      async prepareChange() {
        const key = await appKey.get();
        const place = await calls.reserve();
        return {
          async send(change) {
            const reply = await place.send(changeRequest(account, key, change)).catch((error: unknown) => {
              if (error instanceof OutcomeUnknownError) session.forgetTokens();
              throw error;
            });
            const answer = changeAnswer(reply);
            if (answer.is === 'changed') session.forgetTokens(); // whether they live on is not known (5, line 31)
            return answer;
          },
          release: place.release,
        };
      },

      async login(_credential, secret, begins) {
        const request = loginRequest(account, await appKey.get(), secret);
        const place = await calls.reserve();
        try {
          if (!(await begins())) return { is: 'not-begun' };
          const answer = loginAnswer(await place.send(request).then(outcomeOf, failureOf));
          if (answer.is === 'works') session.forgetTokens();
          return answer;
        } finally {
          void place.release();
        }
      },
    },
  };
}

function changeRequest(
  { partnerId }: FinicityAccount,
  appKey: Sensitive,
  { from, to, immediate }: Change,
): VendorRequest {
  return {
    route: 'finicity change of the partner secret',
    method: 'PUT',
    path: PARTNER_AUTHENTICATION,
    headers: { 'Finicity-App-Key': appKey },
    json: jsonText({ partnerId, partnerSecret: from.reveal(), newPartnerSecret: to.reveal(), immediate }),
    changesState: true,
  };
}

/**
 * A 400 speaks of the new value or of the request (24437, 10005, 14020). Whether a refused secret counts towards the five
 * failed logins is unknown, and how a locked account answers as well: every other 4xx is taken for a refused login.
 */
function changeAnswer(reply: VendorReply): ChangeAnswer {
  const { status } = reply;
  if (status === 204) return { is: 'changed' };
  if (status < 400) throw new OutcomeUnknownError(`${said(reply)}: not the documented 204: it may have been changed`);
  if (status === 400) return { is: 'not-taken', why: said(reply) };
  if (status === 403) return { is: 'refused', why: `${said(reply)}: ${OUTSIDE_REGION} Or the account is locked.` };
  return { is: 'refused', why: `${said(reply)}: ${MENDING[errorCode(reply) ?? ''] ?? LOOK}` };
}

function loginAnswer(outcome: ReturnType<typeof outcomeOf>): LoginAnswer {
  if (outcome.is === 'not-done') throw outcome.error;
  return outcome.is === 'in' ? { is: 'works' } : outcome;
}
