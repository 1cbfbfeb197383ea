import type { Job } from 'bullmq';
import type { Config } from '../src/config';
import { InvariantError, ProviderAuthError, RotationError, SecretStoreError } from '../src/errors';
import { logOn, rootLogger, safeError } from '../src/log';
import type { Manifest } from '../src/manifest';
import { createAccountQueues } from '../src/queue/account-queues';
import { connect } from '../src/queue/connection';
import { createHousekeeping } from '../src/queue/housekeeping';
import { accountQueue, REQUESTS_QUEUE, SWEEPS_QUEUE } from '../src/queue/names';
import type { ProcessJob } from '../src/queue/process-job';
import { createSchedulers } from '../src/queue/schedulers';
import { createWorkers } from '../src/queue/workers';
import type { SweepDeps, SweepPlan } from '../src/sweep';
import { type AlarmName, type Log, SWEEPS, type SweepName } from '../src/types';
import { type Collaborators, openCollaborators } from './collaborators';
import { type JobDeps, type JobEnd, refused } from './job';
import { revokeGrant } from './revoke-grant';
import { rotateCredential } from './rotate-credential';
import { rotationRequest } from './rotation-request';
import { runSweep } from './run-sweep';

export interface RunningProcess {
  /** No new work; a call that issues is awaited and its value stored, everything else is left resumable. */
  stop(): Promise<void>;
}

/** Beside the vendor's time-out, a stop waits this long for what it answered to be stored. */
const STORING_MS = 25_000;
/** Sweeps of different names may run at once. */
const SWEEPS_AT_ONCE = SWEEPS.length;

/** Puts the parts together and runs them: workers of all queues, schedules, watchdog. */
export function startWorker(config: Config, manifest: Manifest): RunningProcess {
  const logger = rootLogger(config.logLevel);
  const log = logOn(logger);
  let isStopping = false;
  const { prefix, dryRun } = config;
  const connections = connect(config.redis, log);
  const { failFast, patient } = connections;
  const collaborators = openCollaborators({ config, manifest, connections, log });
  const { clock } = collaborators;
  const queues = createAccountQueues({ failFast, prefix });
  const schedulers = createSchedulers({ failFast, prefix, log, schedules: schedulesOf(manifest) });
  const housekeeping = createHousekeeping([REQUESTS_QUEUE], { failFast, prefix });
  const workers = createWorkers({ patient, prefix, log });
  const sweepDeps = sweepDepsOf(manifest, collaborators, log);

  const run =
    (work: (deps: JobDeps, job: Job<unknown>) => Promise<JobEnd>): ProcessJob =>
    async (job, { signal, delayUntil }) => {
      const stopping = (): boolean => isStopping || signal.aborted;
      const contextOf: JobDeps['contextOf'] = (credential, fields) =>
        collaborators.contextOf(credential, logOn(logger, fields), stopping);
      const end = await work({ byId: manifest.byId, contextOf, queues, clock, log, stopping }, job).catch(
        alarmed(log, job),
      );
      return 'result' in end ? end.result : delayUntil(Date.now() + end.notBefore - clock.now());
    };

  workers.start(
    SWEEPS_QUEUE,
    SWEEPS_AT_ONCE,
    run((deps, { name }) => runSweep({ ...deps, dryRun, sweepDeps }, name)),
  );
  workers.start(
    REQUESTS_QUEUE,
    config.concurrency,
    run((deps, job) => receive(deps, job, dryRun)),
  );
  if (!dryRun) {
    for (const { name, limits } of manifest.accounts.values()) {
      workers.start(accountQueue(name), Math.min(config.concurrency, jobsAtOnce(limits.concurrency)), run(carryOut));
    }
  }
  connections.whenReady(schedulers.watch);
  housekeeping.start();
  log.info({ credentials: manifest.credentials.length, accounts: manifest.accounts.size, dryRun }, 'worker started');

  return {
    async stop() {
      isStopping = true;
      await schedulers.close();
      const { stillRunning } = await workers.stop({ graceMs: 0, deadlineMs: longestTimeoutMs(manifest) + STORING_MS });
      await housekeeping.stop();
      await queues.close();
      collaborators.close();
      await connections.close();
      log.info({ stillRunning }, 'worker stopped');
    },
  };
}

/** Few more than the account takes calls at once: the others would only wait for their place. */
const jobsAtOnce = (callsAtOnce: number): number => 2 * callsAtOnce + 1;

const longestTimeoutMs = ({ accounts }: Manifest): number =>
  Math.max(0, ...[...accounts.values()].map(({ timeoutMs }) => timeoutMs));

function carryOut(deps: JobDeps, { name, data }: Job<unknown>): Promise<JobEnd> {
  if (name === 'rotate') return rotateCredential(deps, data);
  return name === 'revoke' ? revokeGrant(deps, data) : Promise.resolve(refused('unknown-job'));
}

async function receive(deps: JobDeps, job: Job<unknown>, dryRun: boolean): Promise<JobEnd> {
  if (dryRun) return refused('dry-run');
  const pin = (version: string): Promise<void> => job.updateData({ ...Object(job.data), version });
  return rotationRequest(deps, { name: job.name, data: job.data, pin });
}

function schedulesOf(manifest: Manifest): Record<SweepName, { pattern: string; tz: string }> {
  const of = (sweep: SweepName) => ({ pattern: manifest.schedules[sweep].pattern, tz: manifest.schedules[sweep].zone });
  return {
    'regenerate-outbound-secrets': of('regenerate-outbound-secrets'),
    'reissue-expiring-tokens': of('reissue-expiring-tokens'),
    'revoke-stale-flinks-permissions': of('revoke-stale-flinks-permissions'),
    'revoke-stale-finicity-receipts': of('revoke-stale-finicity-receipts'),
  };
}

function sweepDepsOf(manifest: Manifest, collaborators: Collaborators, log: Log): (plan: SweepPlan) => SweepDeps {
  const reported = new Map<string, string>();
  const { clock, store, fleet, providerOf, accountOf } = collaborators;
  return ({ name }) => ({
    credentials: manifest.credentials,
    traitsOf: (credential) => providerOf(credential).traits,
    providerTimeoutMs: (credential) => accountOf(credential).timeoutMs,
    fleet,
    store,
    clock,
    log,
    spreadMs: manifest.schedules[name].spreadMs,
    createShare: manifest.limits.createShare,
    reported,
  });
}

/** What no retry mends is for a person; what is no error of ours the queue itself reports. */
function alarmed(log: Log, { name, queueName }: Job<unknown>): (error: unknown) => never {
  return (error) => {
    if (error instanceof RotationError && !error.retryable) {
      log.alarm(alarmFor(error), { queue: queueName, job: name, ...safeError(error) }, 'a job failed');
    }
    throw error;
  };
}

function alarmFor(error: RotationError): AlarmName {
  if (error instanceof ProviderAuthError) return 'own-credential-refused';
  if (error instanceof SecretStoreError) return 'secret-store-refused';
  return error instanceof InvariantError ? 'invariant' : 'job-failed';
}
