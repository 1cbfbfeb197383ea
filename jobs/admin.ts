import type { Metrics } from '../src/admin/metrics';
import { readinessOf } from '../src/admin/readiness';
import { startAdminServer } from '../src/admin/server';
import type { Collaborators } from '../src/collaborators';
import type { Config } from '../src/config';
import { type FleetFacts, fleetFacts } from '../src/fleet-facts';
import { safeError } from '../src/log';
import type { Connections } from '../src/queue/connection';
import { createDepths } from '../src/queue/depth';
import type { FleetBoard } from '../src/queue/fleet-board';
import { accountQueue, REQUESTS_QUEUE, SWEEPS_QUEUE } from '../src/queue/names';
import type { Schedulers } from '../src/queue/schedulers';
import type { SweepDeps } from '../src/sweep';
import { type Clock, KINDS, type Kind, type Log } from '../src/types';

interface Parts {
  readonly connections: Connections;
  readonly collaborators: Collaborators;
  readonly schedulers: Schedulers;
  readonly metrics: Metrics;
  readonly board: FleetBoard;
  readonly log: Log;
}

interface Admin {
  /** From now on the worker is not ready. */
  stopping(): void;
  close(): Promise<void>;
}

/** What the worker says of itself, where its configuration wants it. @throws ConfigError where it cannot listen */
export async function startAdmin({ admin, prefix }: Config, parts: Parts): Promise<Admin> {
  if (admin === undefined) return { stopping: () => undefined, close: async () => undefined };
  const { connections, collaborators, schedulers, metrics, board, log } = parts;
  const accounts = (): string[] => [...collaborators.inForce().manifest.accounts.keys()];
  const queues = () => [SWEEPS_QUEUE, REQUESTS_QUEUE, ...accounts().map(accountQueue)];
  const depths = createDepths(queues, { failFast: connections.failFast, prefix });
  let stopping = false;
  const readiness = readinessOf({
    stopping: () => stopping,
    redis: connections.ping,
    store: collaborators.probe,
    unscheduled: schedulers.unscheduled,
  });
  const sources = { depths: depths.read, fleet: () => readAll(board), now: collaborators.clock.now };
  const server = await startAdminServer(admin, { readiness, metrics: () => metrics.page(sources) }, log);
  return {
    stopping() {
      stopping = true;
    },
    async close() {
      await server.close();
      await depths.close();
    },
  };
}

async function readAll(board: FleetBoard): Promise<ReadonlyMap<Kind, FleetFacts>> {
  const found = await Promise.all(KINDS.map(async (kind) => [kind, await board.read(kind)] as const));
  return new Map(found.flatMap(([kind, facts]) => (facts === undefined ? [] : [[kind, facts] as const])));
}

/** Hands what a sweep has seen to the metrics of all replicas. Without Redis they keep what they have; the sweep goes on. */
export function fleetPublisher(
  { metricsPerCredential }: Config,
  { board, clock, log }: { readonly board: FleetBoard; readonly clock: Clock; readonly log: Log },
): SweepDeps['onObserved'] {
  return async ({ name, kinds }, fleet) => {
    try {
      for (const kind of kinds) await board.publish(kind, fleetFacts(kind, fleet, clock.now(), metricsPerCredential));
    } catch (error) {
      log.warn({ step: 'sweep', sweep: name, ...safeError(error) }, 'the metrics do not show what this sweep saw');
    }
  };
}
