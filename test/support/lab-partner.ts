import { OutcomeUnknownError, ProviderRejectedError } from '../../src/errors';
import type { ChangeAnswer, ChosenVerbs, LoginAnswer } from '../../src/provider';
import { type FinicityLogin, makeFinicityLogin } from '../../src/providers/finicity-login';
import type { Session } from '../../src/providers/session';
import { loginLedger } from '../../src/secrets-manager/login-ledger';
import { Sensitive } from '../../src/sensitive';
import type { FinicityAccount } from '../../src/types';
import type { Gate } from './gates';
import type { Lab } from './rotation-lab';

export interface LabPartner {
  readonly chosen: ChosenVerbs;
  /** The worker's own logins, as they are, in the same world. */
  readonly login: FinicityLogin;
}

/** What of a lab a partner and its worker meet. */
export type PartnerLab = Pick<Lab, 'alarms' | 'broken' | 'credential' | 'grantOn' | 'vendor' | 'world'>;

/** The verbs of the partner secret for one worker. There is no lock: it is never relied on. */
export function labPartner(lab: PartnerLab, gate: Gate): LabPartner {
  const { partner } = lab.vendor;
  const ask = <T>(name: string, input: unknown, perform: () => T): Promise<T> =>
    gate({ at: 'vendor', name, input }, perform);
  const login = makeFinicityLogin(accountOf(lab), sessionOf(lab, gate, ask));

  return {
    login,
    chosen: {
      alone: (work) => work(),
      prove: login.prove,
      choose: () => partner.choose(),
      prepareChange: async () => ({
        async send({ from, to, immediate }): Promise<ChangeAnswer> {
          const change = { from: from.reveal(), to: to.reveal(), immediate };
          try {
            const done = await ask('change', change, () => watchedChange(lab, change));
            return done ? { is: 'changed' } : { is: 'refused', why: 'the secret is wrong' };
          } catch (error) {
            if (error instanceof ProviderRejectedError) return { is: 'not-taken', why: 'not by its policy' };
            throw error;
          }
        },
        release: async () => undefined,
      }),
      async login(_credential, secret, begins): Promise<LoginAnswer> {
        if (!(await begins())) return { is: 'not-begun' };
        try {
          const works = await ask('login', secret.reveal(), () => partner.logIn(secret.reveal()));
          return works ? { is: 'works' } : { is: 'refused', why: 'the secret is wrong' };
        } catch (error) {
          if (error instanceof ProviderRejectedError) return { is: 'refused', why: 'said so' };
          if (error instanceof OutcomeUnknownError) return { is: 'unknown', why: 'no answer' };
          throw error;
        }
      },
    },
  };
}

/** A value is staged before the vendor hears of it, and no other is while the one before may be in force unseen. */
function watchedChange(lab: PartnerLab, change: { from: string; to: string; immediate: boolean }): boolean {
  const held = [lab.grantOn('AWSPENDING'), lab.grantOn('AWSCURRENT'), lab.grantOn('AWSPREVIOUS')];
  if (!held.includes(change.to)) lab.broken.push(`the vendor was told of ${change.to}, which no version holds`);
  const loose = [...lab.vendor.live.keys()].filter((secret) => !held.includes(secret) && secret !== change.from);
  if (loose.length > 0) lab.broken.push(`told of ${change.to} while ${loose} may be in force, and is not settled`);
  return lab.vendor.partner.change(change);
}

const accountOf = ({ credential }: PartnerLab): FinicityAccount => ({
  vendor: 'finicity',
  name: credential.account,
  baseUrl: 'http://127.0.0.1:9',
  timeoutMs: 20_000,
  limits: { callsPerSecond: 5, concurrency: 1 },
  pauseAfter: 5,
  pauseForMs: 300_000,
  partnerId: '1234500000000',
  appKey: { env: 'APP_KEY' },
  partnerSecret: { secret: credential.secretName, key: 'partnerSecret' },
});

type Ask = <T>(name: string, input: unknown, perform: () => T) => Promise<T>;

function sessionOf({ world, vendor, alarms }: PartnerLab, gate: Gate, ask: Ask): Session {
  const answer = (works: boolean) => ({
    account: 'mastercard',
    route: 'finicity login',
    status: works ? 200 : 401,
    contentType: 'application/json',
    body: new Sensitive(works ? '{"token":"a token"}' : '{"code":"10001"}'),
  });
  const session: Partial<Session> = {
    clock: world.clock,
    ledger: loginLedger(world.client(gate), world.clock),
    exclusive: (_name, _ttlMs, work) => work(),
    alarm: (name) => void alarms.push(name),
    own: () => ({ get: async () => new Sensitive('app key'), renew: async () => undefined }),
    calls: () => ({
      send: async () => answer(false),
      reserve: async () => ({
        send: async ({ json }) => {
          const { partnerSecret } = JSON.parse(json?.reveal() ?? '{}');
          return ask('ordinary login', partnerSecret, () => answer(vendor.partner.logIn(partnerSecret)));
        },
        release: async () => undefined,
      }),
    }),
  };
  return session as Session; // what a login uses of it
}
