import type { Logger } from 'pino';
import { createMetrics } from '../src/admin/metrics';
import { type Collaborators, openCollaborators } from '../src/collaborators';
import type { Config } from '../src/config';
import { type FleetWatch, watchFleet } from '../src/fleet-watch';
import { logOn } from '../src/log';
import type { Manifest } from '../src/manifest';
import { createAccountQueues } from '../src/queue/account-queues';
import { connect } from '../src/queue/connection';
import { createFleetBoard } from '../src/queue/fleet-board';
import { createHousekeeping } from '../src/queue/housekeeping';
import { accountQueue, REQUESTS_QUEUE, SWEEPS_QUEUE } from '../src/queue/names';
import { createRevokeLimit } from '../src/queue/revoke-limit';
import { createSchedulers } from '../src/queue/schedulers';
import { createWorkers } from '../src/queue/workers';
import type { SweepDeps, SweepPlan } from '../src/sweep';
import { type Credential, type Log, SWEEPS } from '../src/types';
import { fleetPublisher, startAdmin } from './admin';
import { checkManifest, checkUntilAnswered } from './check-manifest';
import { loadApart } from './load-apart';
import { accountProcessor, type ProcessorDeps, requestProcessor, sweepProcessor } from './processors';
import { reloadManifest } from './reload-manifest';
import { schedulesOf } from './schedules';

type Fields = Readonly<Record<string, unknown>>;

export interface RunningWorker {
  /** Ends when it takes work, or was stopped before. @throws ConfigError the manifest has lost too many entries */
  readonly takesWork: Promise<void>;
  /** Reads the manifest anew, and follows it unless something is wrong with it. Not to be called twice at a time. */
  reload(): Promise<void>;
  /** No new work; a call that issues is awaited and its value stored, everything else is left resumable. */
  stop(): Promise<void>;
}

/** Beside the vendor's time-out, a stop waits this long for what it answered to be stored. */
export const STORING_MS = 25_000;
/** Sweeps of different names may run at once. */
const SWEEPS_AT_ONCE = SWEEPS.length;

/**
 * Puts the parts together and runs them: the admin server, schedules, and workers of every queue.
 * @throws ConfigError where the admin server cannot listen
 */
export async function startWorker(config: Config, manifest: Manifest, logger: Logger): Promise<RunningWorker> {
  const { prefix, dryRun, manifestPath } = config;
  const metrics = createMetrics();
  const logWith = (fields: Fields = {}): Log => metrics.listening(logOn(logger, fields), fields);
  const log = logWith();
  const connections = connect(config.redis, log);
  const { failFast, patient } = connections;
  const collaborators = openCollaborators({ config, manifest, connections, log, onStoreCall: metrics.storeCalled });
  const { clock, fleet, inForce, states, store } = collaborators;
  const queues = createAccountQueues({ failFast, prefix });
  const schedules = () => schedulesOf(inForce().manifest);
  const hurry = () => queues.hurry(inForce().manifest.accounts.keys());
  const schedulers = createSchedulers({ failFast, prefix, log, schedules, hurry });
  const housekeeping = createHousekeeping([REQUESTS_QUEUE], { failFast, prefix });
  const workers = createWorkers({ patient, prefix, log });
  const board = createFleetBoard({ failFast, prefix });
  const watch = watchFleet({ states, store, clock, log, dryRun });
  const deps: ProcessorDeps = {
    find: (id) => inForce().manifest.byId.get(id),
    contextOf: (credential, fields, stopping) => collaborators.contextOf(credential, logWith(fields), stopping),
    queues,
    clock,
    log,
    sweepDeps: sweepDepsOf(collaborators, watch, log, fleetPublisher(config, { board, clock, log })),
    revokeLimit: createRevokeLimit({ failFast, prefix }),
    schedules,
    dryRun,
  };
  let stopped = false;

  const check = (found: Manifest) => checkManifest({ manifestPath, fleet, watch }, found);
  /** A dry run leaves what others have enqueued to them. The queue of an account that is gone is worked off. */
  const takeFromAccounts = (): void => {
    for (const { name, limits } of dryRun ? [] : inForce().manifest.accounts.values()) {
      const atOnce = Math.min(config.concurrency, jobsAtOnce(limits.concurrency));
      workers.start(accountQueue(name), atOnce, accountProcessor(deps));
    }
  };
  const start = async (): Promise<void> => {
    await checkUntilAnswered(() => check(manifest), { log, sleep: clock.sleep, stopped: () => stopped });
    if (stopped) return;
    workers.start(SWEEPS_QUEUE, SWEEPS_AT_ONCE, sweepProcessor(deps));
    workers.start(REQUESTS_QUEUE, config.concurrency, requestProcessor(deps));
    takeFromAccounts();
    connections.whenReady(schedulers.watch);
    housekeeping.start();
    log.info({ credentials: manifest.credentials.length, accounts: manifest.accounts.size, dryRun }, 'worker started');
  };
  const follow = async (found: Manifest): Promise<void> => {
    collaborators.follow(found, workers.underWay());
    takeFromAccounts();
    await schedulers.renew();
  };

  const admin = await startAdmin(config, { connections, collaborators, schedulers, metrics, board, log });
  return {
    takesWork: start(),
    reload: () =>
      reloadManifest({
        ...{ check, follow, log },
        load: () => loadApart(manifestPath),
        stopped: () => stopped,
      }),
    async stop() {
      stopped = true;
      admin.stopping();
      const [{ stillRunning }] = await Promise.all([
        workers.stop({ graceMs: 0, deadlineMs: longestTimeoutMs(inForce().manifest) + STORING_MS }),
        schedulers.close(),
        housekeeping.stop(),
      ]);
      await queues.close();
      collaborators.close();
      await admin.close();
      await connections.close();
      log.info({ stillRunning }, 'worker stopped');
    },
  };
}

/** Few more than the account takes calls at once: the others would only wait for their place. */
const jobsAtOnce = (callsAtOnce: number): number => 2 * callsAtOnce + 1;

const longestTimeoutMs = ({ accounts }: Manifest): number =>
  Math.max(0, ...[...accounts.values()].map(({ timeoutMs }) => timeoutMs));

function sweepDepsOf(
  { clock, store, fleet, inForce }: Collaborators,
  watch: FleetWatch,
  log: Log,
  onObserved: SweepDeps['onObserved'],
): (plan: SweepPlan) => SweepDeps {
  const reported = new Map<string, string>();
  return ({ name }) => {
    const { manifest, openedOf, accountOf } = inForce();
    const { createShare, revokeShare, revokeAtLeast } = manifest.limits;
    return {
      ...{ clock, store, fleet, log, reported, onObserved },
      credentials: manifest.credentials,
      traitsOf: (credential: Credential) => openedOf(credential).provider(credential.kind).traits,
      providerTimeoutMs: (credential: Credential) => accountOf(credential).timeoutMs,
      ...{ createShare, revokeShare, revokeAtLeast },
      spreadMs: manifest.schedules[name].spreadMs,
      look: async (seen) => void (await watch.look(seen, manifest)),
    };
  };
}
