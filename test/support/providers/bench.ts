import { randomUUID } from 'node:crypto';
import type { Provider } from '../../../src/provider';
import { openAccount, type ProviderDeps } from '../../../src/providers';
import { Sensitive } from '../../../src/sensitive';
import type {
  AccessKey,
  Account,
  AuthSecret,
  Credential,
  FinicityAccount,
  FinoutAccount,
  FinoutToken,
  FlinksDataSharingAccount,
  FlinksOutboundAccount,
  OutboundRecipient,
} from '../../../src/types';
import type { Sandbox } from '../../sandbox/start';
import { makeTestClock, type TestClock } from './clock';
import { makeTestLimits, type TestLimits } from './limits';
import { makeTestExclusive, makeTestLedger, type TestLedger } from './login-ledger';

/** Longest wait for an answer in these tests; a vendor that is to be too slow takes longer. */
export const TIMEOUT_MS = 400;
export const TOO_SLOW_MS = 1_500;

interface RaisedAlarm {
  readonly name: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** What a provider works with, in memory, and what it did with it. */
export interface BenchDeps extends ProviderDeps {
  readonly clock: TestClock;
  readonly limits: TestLimits;
  readonly ledger: TestLedger;
  readonly env: Record<string, string>;
  /** Secrets Manager, as far as the worker's own credentials go. */
  readonly stored: Map<string, string>;
  readonly alarms: RaisedAlarm[];
  readonly reads: string[];
  onRead: () => void;
}

export function makeBenchDeps(): BenchDeps {
  const stored = new Map<string, string>();
  const alarms: RaisedAlarm[] = [];
  const reads: string[] = [];
  const deps: BenchDeps = {
    clock: makeTestClock(),
    limits: makeTestLimits(),
    ledger: makeTestLedger(),
    exclusive: makeTestExclusive(),
    env: {},
    stored,
    alarms,
    reads,
    alarm: (name, fields, message) => void alarms.push({ name, fields, message }),
    onRead: () => undefined,
    readSecret: async (name) => {
      reads.push(name);
      deps.onRead();
      return new Sensitive(stored.get(name) ?? '');
    },
  };
  return deps;
}

/** One credential of one account at a stand-in. */
export interface Bench<C extends Credential, A extends Account> {
  readonly deps: BenchDeps;
  readonly account: A;
  readonly credential: C;
  readonly provider: Provider;
  /** Known from the start; what the vendor gives out is added by the test. */
  readonly secrets: string[];
  close(): void;
}

const policy: Credential['policy'] = {
  rotateEveryMs: 86_400_000,
  graceMs: 0,
  revokeAfter: 'grace',
  renewBeforeMs: 0,
  minIntervalMs: 0,
  compromisedMinIntervalMs: 0,
  reissueAfterUnknown: false,
  proveDead: true,
  renewal: 'issue',
  rollbackByMessage: false,
  create: true,
  retryAfterMs: [60_000],
};

const common = (name: string) => ({
  id: name,
  account: 'test-account',
  secretName: `secret/${name}`,
  policy,
  creation: { tags: {} },
  subject: name,
});

const limits = { callsPerSecond: 1_000, concurrency: 5 };

function bench<C extends Credential, A extends Account>(
  deps: BenchDeps,
  account: A,
  credential: C,
  secrets: string[],
): Bench<C, A> {
  const open = openAccount(account, deps);
  return { deps, account, credential, provider: open.provider(credential.kind), secrets, close: open.close };
}

export type OutboundBench = Bench<OutboundRecipient, FlinksOutboundAccount>;

export function outboundBench(
  sandbox: Sandbox,
  changes: Partial<FlinksOutboundAccount> = {},
  deps: BenchDeps = makeBenchDeps(),
): OutboundBench {
  const clientId = `dc-SYNTH${randomUUID()}`;
  const { partners, recipients } = sandbox.control.seed({ flinksOutbound: { partners: [{}] } }).flinksOutbound;
  const partner = partners[0];
  if (partner === undefined) throw new Error(`not seeded: ${recipients.length}`);
  const planted = sandbox.control.seed({ flinksOutbound: { recipients: [{ clientId, partner: partner.clientId }] } });
  const old = planted.flinksOutbound.recipients[0]?.clientSecret ?? '';
  deps.env.OUTBOUND_SECRET ??= partner.clientSecret;
  const account: FlinksOutboundAccount = {
    vendor: 'flinks-outbound',
    name: 'test-account',
    baseUrl: sandbox.urls.flinksOutbound,
    tokenUrl: `${sandbox.urls.flinksOutbound}/api/v1/token`,
    ...{ timeoutMs: TIMEOUT_MS, pauseAfter: 5, pauseForMs: 60_000 },
    limits,
    clientId: partner.clientId,
    clientSecret: { env: 'OUTBOUND_SECRET' },
    clientAuthentication: 'body',
    ...changes,
  };
  const credential: OutboundRecipient = { ...common(clientId), kind: 'flinks-outbound-recipient', clientId };
  return bench(deps, account, credential, [partner.clientSecret, old]);
}

export type AuthSecretBench = Bench<AuthSecret, FlinksDataSharingAccount>;

export function authSecretBench(
  sandbox: Sandbox,
  changes: Partial<FlinksDataSharingAccount> = {},
  deps: BenchDeps = makeBenchDeps(),
): AuthSecretBench {
  const [environment] = sandbox.control.seed({ flinksDataSharing: { environments: [{}] } }).flinksDataSharing
    .environments;
  if (environment === undefined) throw new Error('not seeded');
  deps.env.CUSTOMER_ID ??= environment.customerId;
  deps.env.API_SECRET ??= environment.apiSecret;
  deps.env.AUTH_KEY ??= environment.authKey;
  const account: FlinksDataSharingAccount = {
    vendor: 'flinks-data-sharing',
    name: 'test-account',
    baseUrl: sandbox.urls.flinksDataSharing,
    ...{ timeoutMs: TIMEOUT_MS, pauseAfter: 5, pauseForMs: 60_000 },
    limits,
    customerId: { env: 'CUSTOMER_ID' },
    apiSecret: { env: 'API_SECRET' },
    ...changes,
  };
  const credential: AuthSecret = { ...common('partner'), kind: 'flinks-auth-secret', partnerName: 'Synthetic Partner' };
  return bench(deps, account, credential, [environment.customerId, environment.apiSecret, environment.authKey]);
}

export type AccessKeyBench = Bench<AccessKey, FinicityAccount>;

const PARTNER_SECRET = { secret: 'finicity/partner', key: 'partnerSecret' };
export const PROVEN_VERSION = 'version-1';

export interface AccessKeyBenchOptions {
  readonly changes?: Partial<FinicityAccount>;
  readonly deps?: BenchDeps;
  /** Has the stored partner secret logged in before? */
  readonly proven?: boolean;
  /** Stored instead of the right one. */
  readonly partnerSecret?: string;
}

export function accessKeyBench(sandbox: Sandbox, options: AccessKeyBenchOptions = {}): AccessKeyBench {
  const { deps = makeBenchDeps(), proven = true } = options;
  const [partner] = sandbox.control.seed({ finicity: { partners: [{}] } }).finicity.partners;
  if (partner === undefined) throw new Error('not seeded');
  deps.env.APP_KEY ??= partner.appKey;
  const partnerSecret = options.partnerSecret ?? partner.partnerSecret;
  deps.ledger.put(PROVEN_VERSION, JSON.stringify({ partnerSecret }));
  if (proven) deps.ledger.tags.proven = PROVEN_VERSION;
  const account: FinicityAccount = {
    vendor: 'finicity',
    name: 'test-account',
    baseUrl: sandbox.urls.finicity,
    ...{ timeoutMs: TIMEOUT_MS, pauseAfter: 5, pauseForMs: 60_000 },
    limits,
    partnerId: partner.partnerId,
    appKey: { env: 'APP_KEY' },
    partnerSecret: PARTNER_SECRET,
    ...options.changes,
  };
  const credential: AccessKey = {
    ...common('key'),
    kind: 'finicity-access-key',
    customerId: '1005000000',
    thirdPartyPartnerId: '1234599999999',
    products: [{ product: 'moneyTransferDetails', accountId: '5011000000', maxCalls: 50 }],
  };
  return bench(deps, account, credential, [partner.appKey, partner.partnerSecret, partnerSecret]);
}

export type TokenBench = Bench<FinoutToken, FinoutAccount>;

/** A person makes the tokens, in the Admin Portal of the sandbox. */
export function tokenBench(sandbox: Sandbox, deps: BenchDeps = makeBenchDeps()): TokenBench {
  const account: FinoutAccount = {
    vendor: 'finout',
    name: 'test-account',
    baseUrl: sandbox.urls.finout,
    ...{ timeoutMs: TIMEOUT_MS, pauseAfter: 5, pauseForMs: 60_000 },
    limits: { callsPerSecond: 1_000, concurrency: 1 },
  };
  const credential: FinoutToken = { ...common('token'), kind: 'finout-api-token', tokenName: 'Synthetic token' };
  return bench(deps, account, credential, []);
}

/** Another replica of the same account: a process of its own, with the same store, lock and Redis. */
export function replicaOf<C extends Credential, A extends Account>(original: Bench<C, A>): Bench<C, A> {
  const { deps, account, credential, secrets } = original;
  return bench(deps, account, credential, secrets);
}

const DAY_MS = 86_400_000;
export const inDays = (days: number): number => Math.floor(Date.now() / 1000) * 1000 + days * DAY_MS;
export const noHaste = Number.POSITIVE_INFINITY;

/** Issues, and remembers what came as a secret. */
export async function issued(
  b: Bench<Credential, Account>,
  expiresAt = inDays(30),
): Promise<Readonly<Record<string, unknown>>> {
  const prepared = await b.provider.prepare(b.credential, expiresAt);
  const answer = await prepared.issue(noHaste);
  b.secrets.push(...secretTexts(answer));
  return answer;
}

/** Every text of a vendor's answer that opens something. */
function secretTexts(answer: unknown): string[] {
  if (typeof answer !== 'object' || answer === null) return [];
  return Object.entries(answer).flatMap(([name, value]) =>
    typeof value === 'string' && /^(client_secret|AuthSecret|authSecret|access_token|token|signature)$/.test(name)
      ? [value]
      : secretTexts(value),
  );
}
