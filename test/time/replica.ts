import type { ProcessorDeps } from '../../jobs/processors';
import { schedulesOf } from '../../jobs/schedules';
import { openGate } from '../../src/account-gate';
import { type AccountState, HEALTHY } from '../../src/account-pause';
import { awsClock } from '../../src/clock';
import { watchFleet } from '../../src/fleet-watch';
import { PACE } from '../../src/rotation-context';
import type { SecretStore } from '../../src/secret-store';
import { listFleet } from '../../src/secrets-manager/fleet';
import { secretStore } from '../../src/secrets-manager/secret-store';
import type { SweepDeps } from '../../src/sweep';
import type { AlarmName, Clock, Credential, Log } from '../../src/types';
import { watchedProvider } from '../../src/watched-provider';
import { type Gate, open } from '../support/gates';
import { TRAITS } from '../support/traits';
import type { Company } from './company';
import type { MemoryQueue } from './queue';

/** One worker process: it knows only what it has learned since its start. */
export interface Replica {
  readonly skewMs: number;
  readonly clock: Clock;
  readonly store: SecretStore;
  readonly deps: ProcessorDeps;
  /** The troubles that it has reported, each once while it lasts. */
  readonly reported: Map<string, string>;
  /** Its effects pass here: a test may kill it. */
  gate: Gate;
  /** What the sweep that it runs looks at; all where it is undefined. */
  subset: ReadonlySet<string> | undefined;
}

export interface ReplicaGiven {
  readonly company: Company;
  readonly queue: MemoryQueue;
  /** Which accounts are paused: in Redis. */
  readonly states: Map<string, AccountState>;
  readonly skewMs: number;
  readonly onAlarm: (name: AlarmName, fields: Readonly<Record<string, unknown>>) => void;
}

/** The parts as jobs/start-worker.ts puts them together, over the memory of the fleet. Date.now() must be that of its host. */
export function startReplica({ company, queue, states, skewMs, onAlarm }: ReplicaGiven): Replica {
  const { world, manifest } = company;
  const learning = awsClock();
  const clock: Clock = { now: learning.now, monotonic: world.clock.monotonic, sleep: world.clock.sleep };
  const clientTo = (account: string) => {
    const client = world.client(company.gateTo(account, (effect, perform) => replica.gate(effect, perform)));
    const send = async (command: never): Promise<object> => {
      const sentAt = Date.now();
      const answer: object = await client.send(command);
      learning.learn(new Date(world.clock.now()).toUTCString(), sentAt, Date.now());
      return answer;
    };
    return { send } as unknown as typeof client;
  };
  const client = clientTo('');
  const store = secretStore(client, clock);
  const log: Log = { info: () => undefined, warn: () => undefined, alarm: onAlarm };
  const accountStates = statesIn(states);
  const watch = watchFleet({ states: accountStates, store, clock, log, dryRun: false });
  const accountOf = ({ account }: Credential) => {
    const found = manifest.accounts.get(account);
    if (found === undefined) throw new Error(`no account ${account}`);
    return found;
  };
  const reported = new Map<string, string>();

  const sweepDeps = (name: keyof typeof manifest.schedules): SweepDeps => {
    const { subset } = replica;
    const credentials =
      subset === undefined ? manifest.credentials : [...subset].flatMap((id) => manifest.byId.get(id) ?? []);
    return {
      ...{ clock, store, log, reported, credentials },
      traitsOf: ({ kind }) => TRAITS[kind],
      providerTimeoutMs: (credential) => accountOf(credential).timeoutMs,
      fleet: () => (subset === undefined ? listFleet(client, clock) : describeEach(store, credentials)),
      ...manifest.limits,
      spreadMs: manifest.schedules[name].spreadMs,
      look: async (seen) => void (await watch.look(seen, manifest)),
      onObserved: async () => undefined,
    };
  };

  const replica: Replica = {
    ...{ skewMs, clock, store, reported, gate: open, subset: undefined },
    deps: {
      find: (id) => manifest.byId.get(id),
      contextOf(credential, _fields, stopping) {
        const account = accountOf(credential);
        const gate = openGate({
          ...{ account, credential, states: accountStates, store, clock, log },
          probe: async () => undefined,
        });
        const toVendor = company.gateTo(account.name, (effect, perform) => replica.gate(effect, perform));
        const provider = company.providerOf(credential, toVendor, (name) => onAlarm(name, {}));
        return {
          ...{ credential, provider: watchedProvider(provider, gate), store, clock, log, gate, stopping },
          pace: { ...PACE, providerTimeoutMs: account.timeoutMs },
          reserveWrites: async () => undefined,
        };
      },
      ...{ queues: queue.queues, clock, log, dryRun: false },
      sweepDeps: ({ name }) => sweepDeps(name),
      schedules: () => schedulesOf(manifest),
      revokeLimit: { ask: async () => ({ granted: true, released: false }) },
    },
  };
  return replica;
}

/** What a list would show of these alone. */
async function* describeEach(store: SecretStore, credentials: readonly Credential[]) {
  for (const credential of credentials) {
    const seen = await store.observe(credential);
    if (seen !== undefined) yield seen;
  }
}

/** As src/queue/account-states.ts keeps them in Redis. */
const statesIn = (states: Map<string, AccountState>) => {
  const change = async (account: string, next: (state: AccountState) => AccountState) => {
    const before = states.get(account) ?? HEALTHY;
    const after = next(before);
    states.set(account, after);
    return { before, after };
  };
  return { change, read: async (account: string) => (await change(account, (state) => state)).after };
};
