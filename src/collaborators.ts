import { awsClock } from './clock';
import type { Config } from './config';
import { InvariantError } from './errors';
import type { Manifest } from './manifest';
import type { Provider } from './provider';
import { type OpenAccount, openAccount } from './providers';
import { createAccountLimits } from './queue/account-limits';
import type { Connections } from './queue/connection';
import { createExclusive } from './queue/exclusive';
import { type Context, PACE } from './rotation-context';
import type { Observation, SecretStore } from './secret-store';
import { secretsManagerClient } from './secrets-manager/client';
import { listFleet } from './secrets-manager/fleet';
import { loginLedger } from './secrets-manager/login-ledger';
import { probe } from './secrets-manager/probe';
import { readSecret } from './secrets-manager/read-secret';
import { secretStore } from './secrets-manager/secret-store';
import type { Account, Clock, Credential, Log } from './types';

/** What the algorithm works with, for every credential of the manifest. */
export interface Collaborators {
  readonly clock: Clock;
  readonly store: SecretStore;
  readonly fleet: () => AsyncIterable<Observation>;
  /** Does Secrets Manager answer? @throws SecretStoreError */
  readonly probe: () => Promise<void>;
  readonly accountOf: (credential: Credential) => Account;
  readonly providerOf: (credential: Credential) => Provider;
  readonly contextOf: (credential: Credential, log: Log, stopping: () => boolean) => Context;
  close(): void;
}

interface Given {
  readonly config: Config;
  readonly manifest: Manifest;
  readonly connections: Connections;
  readonly log: Log;
  /** Hears of every call to Secrets Manager. */
  readonly onStoreCall?: (operation: string, outcome: string) => void;
}

export function openCollaborators({ config, manifest, connections, log, onStoreCall }: Given): Collaborators {
  const { prefix } = config;
  const { failFast } = connections;
  const clock = awsClock();
  const proxyUrl = config.outboundProxy?.reveal();
  const client = secretsManagerClient({ clock, proxy: proxyUrl, onCall: onStoreCall });
  const store = secretStore(client, clock);
  const limits = createAccountLimits({ failFast, prefix, log });
  const opened = new Map<string, OpenAccount>();
  for (const account of manifest.accounts.values()) {
    const deps = {
      clock,
      limits,
      exclusive: createExclusive({ failFast, prefix }),
      ledger: loginLedger(client, clock),
      readSecret: readSecret(client, clock),
      env: process.env,
      alarm: log.alarm,
      ...(proxyUrl === undefined ? {} : { proxyUrl }),
    };
    opened.set(account.name, openAccount(account, deps));
  }

  const accountOf = ({ account }: Credential): Account => present(manifest.accounts.get(account), account);
  const providerOf = ({ account, kind }: Credential): Provider => present(opened.get(account), account).provider(kind);
  const writes = { name: 'secrets-manager', callsPerSecond: manifest.limits.secretsManagerWritesPerSecond };

  return {
    clock,
    store,
    fleet: () => listFleet(client, clock),
    probe: () => probe(client),
    accountOf,
    providerOf,
    contextOf: (credential, contextLog, stopping) => ({
      credential,
      provider: providerOf(credential),
      store,
      clock,
      log: contextLog,
      pace: { ...PACE, providerTimeoutMs: accountOf(credential).timeoutMs },
      reserveWrites: (n) => limits.pace(writes, n),
      stopping,
    }),
    close() {
      for (const account of opened.values()) account.close();
      client.destroy();
    },
  };
}

/** The manifest has been checked: every credential names an account. */
function present<T>(found: T | undefined, account: string): T {
  if (found === undefined) throw new InvariantError(`no account ${account}`);
  return found;
}
