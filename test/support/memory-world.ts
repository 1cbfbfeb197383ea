import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SecretStore } from '../../src/secret-store';
import { secretStore } from '../../src/secrets-manager/secret-store';
import type { Clock, Instant } from '../../src/types';
import { makeStore, type Store } from '../sandbox/secrets-manager/store';
import { type Effect, type Gate, open } from './gates';
import { type LabClock, type VirtualClock, virtualClock } from './virtual-clock';

/** What a call takes. */
const CALL_MS = 5;

/** Secrets Manager, as the workers of a lab meet it: in memory, or over a socket (live-lab.ts). */
export interface LabWorld {
  readonly clock: LabClock;
  /** The stand-in's core: all 147 conformance cases hold for it. */
  readonly aws: Store;
  /** Names of the operations sent, in order. */
  readonly calls: string[];
  /** Told of every call that was carried out. */
  onCall: (effect: Effect) => void;
  client(gate?: Gate): SecretsManagerClient;
  store(gate?: Gate): SecretStore;
  /** The clock as a worker has it: each of its waits is an effect. */
  waits(gate?: Gate): Clock;
}

export interface MemoryWorld extends LabWorld {
  readonly clock: VirtualClock;
  /** The same world at the same moment, in which nobody works yet. */
  fork(): MemoryWorld;
}

/** The real secret store over Secrets Manager in memory, in virtual time; each worker has a client of its own. */
export const memoryWorld = (start?: Instant): MemoryWorld => worldAt(virtualClock(start));

function worldAt(clock: VirtualClock, before?: MemoryWorld): MemoryWorld {
  const aws = makeStore({ now: clock.now, secrets: before?.aws.secrets() ?? [] });
  const perform = (effect: Effect): object => {
    clock.advance(CALL_MS);
    world.calls.push(effect.name);
    const answer = aws.call(effect.name, effect.input);
    world.onCall(effect);
    return answer;
  };
  const world: MemoryWorld = {
    clock,
    aws,
    calls: [...(before?.calls ?? [])],
    onCall: () => undefined,
    client(gate = open) {
      const send = (command: { constructor: { name: string }; input: unknown }): Promise<object> => {
        const name = command.constructor.name.replace(/Command$/, '');
        const effect: Effect = { at: 'store', name, input: command.input };
        return gate(effect, () => perform(effect));
      };
      return { send } as unknown as SecretsManagerClient; // only `send` is used
    },
    store: (gate = open) => secretStore(world.client(gate), world.waits(gate)),
    waits: (gate = open) => ({
      now: clock.now,
      monotonic: clock.monotonic,
      sleep: (ms) => gate({ at: 'clock', name: 'wait', input: ms }, () => clock.sleep(ms)),
    }),
    fork: () => worldAt(clock.fork(), world),
  };
  return world;
}
