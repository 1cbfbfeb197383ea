import { awsClock } from '../../src/clock';
import type { Wish } from '../../src/decision';
import { loadManifest } from '../../src/manifest';
import { openAccount } from '../../src/providers';
import { settle } from '../../src/revocation';
import { rollback } from '../../src/rollback';
import { rotate } from '../../src/rotation';
import { type Context, type Outcome, PACE, type Pace } from '../../src/rotation-context';
import { secretsManagerClient } from '../../src/secrets-manager/client';
import { loginLedger } from '../../src/secrets-manager/login-ledger';
import { readSecret } from '../../src/secrets-manager/read-secret';
import { secretStore } from '../../src/secrets-manager/secret-store';
import { currentName } from '../../src/situation';
import type { AlarmName, Clock, Credential, Kind, Log } from '../../src/types';
import { type Sandbox, startSandbox } from '../sandbox/start';
import { afterFile } from './after-file';
import { type Company, type CompanyOptions, foundCompany } from './company';
import { makeTestLimits } from './providers/limits';
import { makeTestExclusive } from './providers/login-ledger';
import { temporaryFolder } from './temporary-folder';

/** One process's view of a company in the sandbox: real manifest, providers, HTTP and SDK; only Redis is left out. */
export interface LiveWorld {
  readonly sandbox: Sandbox;
  readonly company: Company;
  /** Every line that was logged, as JSON. */
  readonly lines: string[];
  readonly alarms: AlarmName[];
  /** The first credential of the kind. */
  first(kind: Kind): Credential;
  context(credential: Credential, pace?: Partial<Pace>): Context;
  /** As a `rotate` message would. */
  rotate(credential: Credential, pace?: Partial<Pace>): Promise<Outcome>;
  /** As a sweep's job would: only what is due or unfinished. */
  tend(credential: Credential): Promise<Outcome>;
  settle(credential: Credential): Promise<Outcome>;
  /** What is current is undone; no other worker is there, so a revocation under way is not waited for. */
  rollback(credential: Credential): Promise<Outcome>;
}

export async function liveWorld(options: CompanyOptions): Promise<LiveWorld> {
  const sandbox = await startSandbox();
  afterFile(() => sandbox.stop());
  const company = foundCompany(sandbox, temporaryFolder(), options);
  process.env.AWS_ENDPOINT_URL_SECRETS_MANAGER = sandbox.urls.secretsManager;
  const manifest = await loadManifest(company.manifestPath, company.env);
  const clock = awsClock();
  const client = secretsManagerClient({ clock });
  afterFile(() => client.destroy());
  const store = secretStore(client, clock);
  const lines: string[] = [];
  const alarms: AlarmName[] = [];
  const line = (level: string) => (fields: object, message: string) =>
    void lines.push(JSON.stringify({ level, ...fields, message }));
  const log: Log = {
    info: line('info'),
    warn: line('warn'),
    alarm: (name, fields, message) => {
      alarms.push(name);
      line('error')({ alarm: name, ...fields }, message);
    },
  };
  const deps = {
    clock,
    limits: makeTestLimits(),
    exclusive: makeTestExclusive(),
    ledger: loginLedger(client, clock),
    readSecret: readSecret(client, clock),
    env: company.env,
    alarm: log.alarm,
  };
  const accounts = new Map([...manifest.accounts].map(([name, account]) => [name, openAccount(account, deps)]));
  afterFile(() => {
    for (const account of accounts.values()) account.close();
  });

  const context = (credential: Credential, pace: Partial<Pace> = {}): Context => {
    const account = accounts.get(credential.account);
    if (account === undefined) throw new Error(`no account ${credential.account}`);
    const provider = account.provider(credential.kind);
    const quick = { providerTimeoutMs: 3_000, verifyPausesMs: [50, 100, 200], betweenPutsMs: 20 };
    return {
      credential,
      provider,
      store,
      clock,
      log,
      pace: { ...PACE, ...quick, ...pace },
      reserveWrites: async () => undefined,
      stopping: () => false,
    };
  };
  const run = async (credential: Credential, wish: Wish, pace?: Partial<Pace>): Promise<Outcome> =>
    rotate(context(credential, pace), { version: currentName(await store.observe(credential)), wish });
  return {
    sandbox,
    company,
    lines,
    alarms,
    first(kind) {
      const found = manifest.credentials.find((credential) => credential.kind === kind);
      if (found === undefined) throw new Error(`no credential of kind ${kind}`);
      return found;
    },
    context,
    rotate: (credential, pace) => run(credential, 'normal', pace),
    tend: (credential) => run(credential, 'none'),
    rollback: async (credential) => {
      const hasty: Clock = { ...clock, sleep: async () => undefined };
      return rollback(
        { ...context(credential), clock: hasty },
        { version: currentName(await store.observe(credential)) },
      );
    },
    settle: (credential) => settle(context(credential), { graceEnded: true }),
  };
}
