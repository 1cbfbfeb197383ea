import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SecretStore } from '../../src/secret-store';
import { secretStore } from '../../src/secrets-manager/secret-store';
import { makeStore, type Store } from '../sandbox/secrets-manager/store';
import type { Effect, Gate } from './gates';
import { open } from './gates';
import { type VirtualClock, virtualClock } from './virtual-clock';

/** What a call takes. */
const CALL_MS = 5;

/** Secrets Manager, as the workers of a lab meet it: in memory, or over a socket (live-lab.ts). */
export interface LabWorld {
  readonly clock: VirtualClock;
  /** The stand-in's core: all 147 conformance cases hold for it. */
  readonly aws: Store;
  /** Names of the operations sent, in order. */
  readonly calls: string[];
  /** Told of every call that was carried out. */
  onCall: (effect: Effect) => void;
  client(gate?: Gate): SecretsManagerClient;
  store(gate?: Gate): SecretStore;
}

/** The real secret store over Secrets Manager in memory, in virtual time; each worker has a client of its own. */
export function memoryWorld(): LabWorld {
  const clock = virtualClock();
  const aws = makeStore({ now: clock.now });
  const perform = (effect: Effect): object => {
    clock.advance(CALL_MS);
    world.calls.push(effect.name);
    const answer = aws.call(effect.name, effect.input);
    world.onCall(effect);
    return answer;
  };
  const world: LabWorld = {
    clock,
    aws,
    calls: [],
    onCall: () => undefined,
    client(gate = open) {
      const send = (command: { constructor: { name: string }; input: unknown }): Promise<object> => {
        const name = command.constructor.name.replace(/Command$/, '');
        const effect: Effect = { at: 'store', name, input: command.input };
        return gate(effect, () => perform(effect));
      };
      return { send } as unknown as SecretsManagerClient; // only `send` is used
    },
    store: (gate = open) => secretStore(world.client(gate), clock),
  };
  return world;
}
