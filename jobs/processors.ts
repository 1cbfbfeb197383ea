import type { Job } from 'bullmq';
import { InvariantError, ProviderAuthError, RotationError, SecretStoreError } from '../src/errors';
import { safeError } from '../src/log';
import { orUnavailable } from '../src/queue/connection';
import type { JobContext, ProcessJob } from '../src/queue/process-job';
import { isOvertaken, type Schedules } from '../src/queue/sweeps';
import type { AlarmName, Log } from '../src/types';
import { type JobDeps, type JobEnd, refused } from './job';
import { revokeGrant } from './revoke-grant';
import { rollbackCredential } from './rollback-credential';
import { rotateCredential } from './rotate-credential';
import { rotationRequest } from './rotation-request';
import { runSweep, type SweepJobDeps } from './run-sweep';

// Which function works on the jobs of which queue: the one place that knows both BullMQ's jobs and ours.

export interface ProcessorDeps extends Omit<JobDeps, 'stopping'>, SweepJobDeps {
  /** Those in force now. */
  readonly schedules: () => Schedules;
}

export const sweepProcessor = (deps: ProcessorDeps): ProcessJob =>
  processor(deps, async (job, jobDeps) => {
    if (isOvertaken(job, deps.schedules()))
      return { result: { outcome: 'overtaken', reason: 'a later run of its schedule has come' } };
    return runSweep({ ...deps, ...jobDeps }, job.name, job.data);
  });

export const requestProcessor = (deps: ProcessorDeps): ProcessJob =>
  processor(deps, async (job, jobDeps) => {
    if (deps.dryRun) return refused('dry-run');
    // The job may be gone by now: Redis was emptied.
    const pin = (version: string): Promise<void> =>
      orUnavailable('the message was not pinned', () => job.updateData({ ...Object(job.data), version }));
    return rotationRequest(jobDeps, { name: job.name, data: job.data, pin });
  });

export const accountProcessor = (deps: ProcessorDeps): ProcessJob =>
  processor(deps, async ({ name, data }, jobDeps) => {
    if (name === 'rotate') return rotateCredential(jobDeps, data);
    if (name === 'revoke') return revokeGrant(jobDeps, data);
    return name === 'rollback' ? rollbackCredential(jobDeps, data) : refused('unknown-job');
  });

type Work = (job: Job<unknown>, deps: JobDeps) => Promise<JobEnd>;

function processor(deps: ProcessorDeps, work: Work): ProcessJob {
  return async (job: Job<unknown>, { signal, delayUntil }: JobContext) => {
    const end = await work(job, { ...deps, stopping: () => signal.aborted }).catch((error: unknown) => {
      raise(deps.log, job, error);
      throw error;
    });
    if ('result' in end) return end.result;
    // BullMQ reckons by the host's clock.
    return delayUntil(Date.now() + Math.max(0, end.notBefore - deps.clock.now()));
  };
}

/** What no retry mends is for a person. An error that is none of ours has its alarm from src/queue. */
function raise(log: Log, { queueName, name }: Job<unknown>, error: unknown): void {
  if (!(error instanceof RotationError) || error.retryable) return;
  log.alarm(alarmFor(error), { queue: queueName, job: name, ...safeError(error) }, 'a job failed');
}

function alarmFor(error: RotationError): AlarmName {
  if (error instanceof ProviderAuthError) return 'own-credential-refused';
  if (error instanceof SecretStoreError) return 'secret-store-refused';
  return error instanceof InvariantError ? 'invariant' : 'job-failed';
}
