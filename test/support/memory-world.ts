import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Provider } from '../../src/provider';
import { type Context, PACE, type Pace } from '../../src/rotation-context';
import type { SecretStore } from '../../src/secret-store';
import { secretStore } from '../../src/secrets-manager/secret-store';
import type { AlarmName, Credential, Log } from '../../src/types';
import { makeStore, type Store } from '../sandbox/secrets-manager/store';
import { type VirtualClock, virtualClock } from './virtual-clock';

export interface MemoryWorld {
  readonly clock: VirtualClock;
  /** The stand-in's core: all 147 conformance cases hold for it. */
  readonly aws: Store;
  readonly store: SecretStore;
  readonly alarms: AlarmName[];
  readonly log: Log;
  /** Names of the operations sent, in order. */
  readonly calls: string[];
  /** Looks at every call before it is carried out; may throw. */
  intercept: (operation: string, input: unknown) => void;
  context(credential: Credential, provider: Provider, pace?: Partial<Pace>): Context;
}

/** The real algorithm and the real secret store over Secrets Manager in memory, in virtual time. */
export function memoryWorld(): MemoryWorld {
  const clock = virtualClock();
  const aws = makeStore({ now: clock.now });
  const calls: string[] = [];
  const alarms: AlarmName[] = [];
  const log: Log = { info: () => undefined, warn: () => undefined, alarm: (name) => alarms.push(name) };
  const send = async (command: { constructor: { name: string }; input: unknown }): Promise<object> => {
    const { input } = command;
    const operation = command.constructor.name.replace(/Command$/, '');
    calls.push(operation);
    world.intercept(operation, input);
    clock.advance(5);
    return aws.call(operation, input);
  };
  const client = { send } as unknown as SecretsManagerClient; // only `send` is used
  const store = secretStore(client, clock);
  const world: MemoryWorld = {
    clock,
    aws,
    store,
    alarms,
    log,
    calls,
    intercept: () => undefined,
    context: (credential, provider, pace = {}) => ({
      credential,
      provider,
      store,
      clock,
      log,
      pace: { ...PACE, ...pace },
      reserveWrites: async () => undefined,
      stopping: () => false,
    }),
  };
  return world;
}
