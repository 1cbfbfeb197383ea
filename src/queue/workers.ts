import { Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Log } from '../types';
import { isConnectionError, redisFailure } from './connection';
import type { JobResult } from './messages';
import { repeatStrategy } from './next-run';
import { LOCK_LOST, type ProcessJob, runJob, STOPPING } from './process-job';
import { KEEP_COMPLETED, KEEP_FAILED } from './retention';

export interface Workers {
  /** Takes jobs of a queue, so many at once, from now on; of one that is taken from already, only the number changes. */
  start(queue: string, concurrency: number, process: ProcessJob): void;
  /** Ends when every job that runs now has ended, however. */
  underWay(): Promise<unknown>;
  /**
   * Takes no new job; after the grace aborts the signals of those under way, and waits for them until the deadline. Never
   * rejects. What is still running then was not abandoned by its processor; its job is another worker's soon.
   */
  stop(limits: { readonly graceMs: number; readonly deadlineMs: number }): Promise<{ readonly stillRunning: number }>;
}

/**
 * Short locks: a killed worker's job runs again within lock and interval together, four seconds (measured; 60 s by BullMQ's
 * defaults), so that what it has staged is resumed within five (design, section 7).
 */
const LOCK_MS = 3_000;
/** The same on every worker: one key holds it for all, with the time of whoever set it (measured). */
const STALLED_INTERVAL_MS = 1_000;
/** A job may meet so many deaths of its workers, as in a rolling restart that goes wrong. */
const MAX_STALLED = 10;
/** After a lost connection BullMQ takes jobs again so much later; by default 15 s. */
const RUN_RETRY_MS = 1_000;
/** `close` waits for a connection to end that is not there, for good (measured): with no job under way so long is enough. */
const CLOSE_MS = 1_000;
const POLL_MS = 20;

interface Deps {
  readonly patient: Redis;
  readonly prefix: string;
  readonly log: Log;
}

export function createWorkers({ patient, prefix, log }: Deps): Workers {
  const workers = new Map<string, Worker<unknown, JobResult>>();
  const state: State = { running: new Set(), stopping: false };
  return {
    start(queue, concurrency, process) {
      const there = workers.get(queue);
      if (there !== undefined) {
        there.concurrency = concurrency;
        return;
      }
      const counted = noteRunning(process, state);
      const worker: Worker<unknown, JobResult> = new Worker<unknown, JobResult>(
        queue,
        async (job, token, signal) => {
          // Fetched while the workers closed: it was not there when the others were told.
          if (state.stopping) worker.cancelJob(job.id ?? '', STOPPING);
          return runJob({ job, token, signal }, counted, log);
        },
        settings(patient, prefix, concurrency),
      );
      listen(worker, log);
      workers.set(queue, worker);
    },
    underWay: () => Promise.allSettled(state.running),
    async stop({ graceMs, deadlineMs }) {
      const deadline = performance.now() + deadlineMs;
      const all = [...workers.values()];
      const closing = createProgress(Promise.allSettled(all.map((worker) => worker.close())));
      await closing.within(Math.min(graceMs, deadlineMs));
      state.stopping = true;
      for (const worker of all) worker.cancelAllJobs(STOPPING);
      for (let idleMs = 0; !closing.done() && idleMs < CLOSE_MS && performance.now() < deadline; idleMs += POLL_MS) {
        if (state.running.size > 0) idleMs = 0;
        await closing.within(POLL_MS);
      }
      return { stillRunning: state.running.size };
    },
  };
}

interface State {
  readonly running: Set<Promise<JobResult>>;
  stopping: boolean;
}

function noteRunning(process: ProcessJob, { running }: State): ProcessJob {
  return async (job, context) => {
    const run = process(job, context);
    running.add(run);
    try {
      return await run;
    } finally {
      running.delete(run);
    }
  };
}

/** A promise that can be waited for with a limit, leaving no timer behind. */
function createProgress(promise: Promise<unknown>): { done(): boolean; within(ms: number): Promise<void> } {
  let done = false;
  const ended = promise.then(() => {
    done = true;
  });
  return {
    done: () => done,
    async within(ms) {
      let timer: NodeJS.Timeout | undefined;
      const limit = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, ms);
      });
      await Promise.race([ended, limit]);
      clearTimeout(timer);
    },
  };
}

function settings(connection: Redis, prefix: string, concurrency: number) {
  return {
    connection,
    prefix,
    concurrency,
    settings: { repeatStrategy },
    lockDuration: LOCK_MS,
    stalledInterval: STALLED_INTERVAL_MS,
    maxStalledCount: MAX_STALLED,
    runRetryDelay: RUN_RETRY_MS,
    // For jobs whose sender said nothing.
    removeOnComplete: KEEP_COMPLETED,
    removeOnFail: KEEP_FAILED,
  };
}

function listen(worker: Worker<unknown, JobResult>, log: Log): void {
  // A lost lock does not abort the signal by itself (measured).
  worker.on('lockRenewalFailed', (ids) => {
    log.warn({ queue: worker.name, jobs: ids }, 'The locks of jobs are lost: other workers may have them');
    for (const id of ids) worker.cancelJob(id, LOCK_LOST);
  });
  worker.on('stalled', (job) => log.warn({ queue: worker.name, job }, 'The job of a dead worker runs again'));
  worker.on('error', (error) => {
    if (!isConnectionError(error))
      log.warn({ queue: worker.name, redis: redisFailure(error) }, 'BullMQ reports an error');
  });
}
