import { openGate } from './account-gate';
import { awsClock } from './clock';
import type { Config } from './config';
import { type InForce, putInForce } from './in-force';
import type { Manifest } from './manifest';
import type { Provider } from './provider';
import { openAccount } from './providers';
import { createAccountLimits } from './queue/account-limits';
import { type AccountStates, createAccountStates } from './queue/account-states';
import type { Connections } from './queue/connection';
import { createExclusive } from './queue/exclusive';
import { type Context, PACE } from './rotation-context';
import type { Observation, SecretStore } from './secret-store';
import { secretsManagerClient } from './secrets-manager/client';
import { listFleet, listPauses } from './secrets-manager/fleet';
import { loginLedger, type StoredLedger } from './secrets-manager/login-ledger';
import { probe } from './secrets-manager/probe';
import { readSecret } from './secrets-manager/read-secret';
import { secretStore } from './secrets-manager/secret-store';
import type { Account, Clock, Credential, Log } from './types';
import { watchedProvider } from './watched-provider';

/** What the algorithm works with, for every credential of the manifest. */
export interface Collaborators {
  readonly clock: Clock;
  readonly store: SecretStore;
  readonly fleet: () => AsyncIterable<Observation>;
  /** The secrets whose tag says that an account is paused; may lag. */
  readonly pauses: () => AsyncIterable<Observation>;
  readonly ledger: StoredLedger;
  /** Does Secrets Manager answer? @throws SecretStoreError */
  readonly probe: () => Promise<void>;
  /** The manifest in force, with its accounts open: one for all that belongs together. */
  readonly inForce: () => InForce;
  /** Puts another manifest in force. @param underWay ends when all that runs now has ended */
  readonly follow: (manifest: Manifest, underWay: Promise<unknown>) => void;
  readonly accountOf: (credential: Credential) => Account;
  readonly providerOf: (credential: Credential) => Provider;
  /** Which accounts fail, and which are paused. */
  readonly states: AccountStates;
  /** For one run; its gate is to be left when the run is over. */
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

export function openCollaborators({ config, manifest: first, connections, log, onStoreCall }: Given): Collaborators {
  const { prefix } = config;
  const { failFast } = connections;
  const clock = awsClock();
  const proxyUrl = config.outboundProxy?.reveal();
  const client = secretsManagerClient({ clock, proxy: proxyUrl, onCall: onStoreCall });
  const store = secretStore(client, clock);
  const limits = createAccountLimits({ failFast, prefix, log });
  const ledger = loginLedger(client, clock);
  const states = createAccountStates({ failFast, prefix });
  const accounts = putInForce(first, (account) =>
    openAccount(account, {
      clock,
      limits,
      exclusive: createExclusive({ failFast, prefix }),
      ledger,
      readSecret: readSecret(client, clock),
      env: process.env,
      alarm: log.alarm,
      ...(proxyUrl === undefined ? {} : { proxyUrl }),
    }),
  );

  const accountOf = (credential: Credential): Account => accounts.now().accountOf(credential);
  const providerOf = (credential: Credential): Provider =>
    accounts.now().openedOf(credential).provider(credential.kind);
  const reserveWrites = (n: number): Promise<void> => {
    const { secretsManagerWritesPerSecond: callsPerSecond } = accounts.now().manifest.limits;
    return limits.pace({ name: 'secrets-manager', callsPerSecond }, n);
  };

  return {
    clock,
    store,
    fleet: () => listFleet(client, clock),
    pauses: () => listPauses(client, clock),
    ledger,
    probe: () => probe(client),
    inForce: accounts.now,
    follow: accounts.follow,
    accountOf,
    providerOf,
    states,
    contextOf(credential, contextLog, stopping) {
      const account = accountOf(credential);
      const provider = providerOf(credential);
      const tryAccount = async () => provider.probe?.(credential);
      const gate = openGate({ account, credential, states, store, clock, log: contextLog, probe: tryAccount });
      return {
        credential,
        provider: watchedProvider(provider, gate),
        store,
        clock,
        log: contextLog,
        pace: { ...PACE, providerTimeoutMs: account.timeoutMs },
        reserveWrites,
        gate,
        stopping,
      };
    },
    close() {
      accounts.close();
      client.destroy();
    },
  };
}
