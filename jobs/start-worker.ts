import { setTimeout as pause } from 'node:timers/promises';
import type { Job } from 'bullmq';
import type { Config } from '../src/config';
import { InvariantError, ProviderAuthError, SecretStoreError } from '../src/errors';
import { logOn, rootLogger } from '../src/log';
import type { Manifest } from '../src/manifest';
import { createAccountQueues } from '../src/queue/account-queues';
import { connect } from '../src/queue/connection';
import { accountQueue, REQUESTS_QUEUE, SWEEPS_QUEUE } from '../src/queue/names';
import { createSchedulers } from '../src/queue/schedulers';
import { type JobEnd, openWorker, type RunningWorker, type WorkerDeps } from '../src/queue/workers';
import type { SweepDeps, SweepPlan } from '../src/sweep';
import type { AlarmName, Log, SweepName } from '../src/types';
import { type Collaborators, openCollaborators } from './collaborators';
import { type JobDeps, refused } from './job';
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

/** Puts the parts together and runs them: workers of all queues, schedules, watchdog. */
export function startWorker(config: Config, manifest: Manifest): RunningProcess {
  const logger = rootLogger(config.logLevel);
  const log = logOn(logger);
  let isStopping = false;
  const stopping = (): boolean => isStopping;
  const { prefix, concurrency, dryRun } = config;
  const connections = connect(config.redis, log);
  const { failFast, patient } = connections;
  const collaborators = openCollaborators({ config, manifest, connections, log, stopping });
  const { clock } = collaborators;
  const queues = createAccountQueues({ failFast, prefix });
  const jobDeps: JobDeps = {
    byId: manifest.byId,
    contextOf: (credential, fields) => collaborators.contextOf(credential, logOn(logger, fields)),
    queues,
    clock,
    log,
    stopping,
  };
  const workerDeps: WorkerDeps = { patient, prefix, concurrency, clock, log, onFailure: raise(log) };
  const schedulers = createSchedulers({ failFast, prefix, log, schedules: schedulesOf(manifest) });
  const sweepDeps = sweepDepsOf(manifest, collaborators, log);
  const workers: RunningWorker[] = [
    openWorker(SWEEPS_QUEUE, workerDeps, ({ name }) => runSweep({ queues, clock, log, dryRun, sweepDeps }, name)),
    openWorker(REQUESTS_QUEUE, workerDeps, (job) => receive(jobDeps, job, dryRun)),
  ];
  if (!dryRun) {
    for (const account of manifest.accounts.keys()) {
      workers.push(openWorker(accountQueue(account), workerDeps, (job) => carryOut(jobDeps, job)));
    }
  }
  schedulers.watch();
  log.info({ credentials: manifest.credentials.length, accounts: manifest.accounts.size, dryRun }, 'worker started');

  return {
    async stop() {
      isStopping = true;
      const longest = Math.max(...[...manifest.accounts.values()].map(({ timeoutMs }) => timeoutMs), 0) + STORING_MS;
      const closed = Promise.all([schedulers.close(), ...workers.map((worker) => worker.close())]);
      await Promise.race([closed.catch(() => undefined), pause(longest, undefined, { ref: false })]);
      await queues.close();
      collaborators.close();
      connections.close();
      log.info({}, 'worker stopped');
    },
  };
}

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

/** What no retry mends is for a person. */
function raise(log: Log): WorkerDeps['onFailure'] {
  return (error, fields) => log.alarm(alarmFor(error), fields, 'a job failed');
}

function alarmFor(error: unknown): AlarmName {
  if (error instanceof ProviderAuthError) return 'own-credential-refused';
  if (error instanceof SecretStoreError) return 'secret-store-refused';
  return error instanceof InvariantError || !(error instanceof Error) ? 'invariant' : 'job-failed';
}
