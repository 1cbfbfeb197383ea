import { DelayedError, type Job, UnrecoverableError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { RotationError } from '../errors';
import { safeError } from '../log';
import type { Clock, Instant, Log } from '../types';
import { isConnectionError } from './connection';
import type { JobResult } from './messages';
import { KEEP_COMPLETED, KEEP_FAILED } from './retention';

/** How a processor ends: with a result, or by putting the job off. */
export type JobEnd = { readonly result: JobResult } | { readonly notBefore: Instant; readonly reason: string };

export interface WorkerDeps {
  readonly patient: Redis;
  readonly prefix: string;
  readonly concurrency: number;
  readonly clock: Clock;
  readonly log: Log;
  /** An error that no retry mends; raises the alarm that fits it. */
  readonly onFailure: (error: unknown, fields: Readonly<Record<string, unknown>>) => void;
}

export interface RunningWorker {
  /** Takes no more jobs; ends when those under way have ended. */
  close(): Promise<void>;
}

// A crashed worker's job is taken up by another after about two of these (measured: 4 s). The check is one shared key whose
// life is the setter's interval, so that all workers must use the same.
const LOCK_MS = 3_000;
const STALLED_CHECK_MS = 2_000;
/** A job may lose its worker often: what it leads to is decided by the labels, and bounded there. */
const MOST_STALLS = 50;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 5 * 60_000;

/** Runs the jobs of one queue. Retries are ours: they depend on the error, not on the `attempts` that a sender gave. */
export function openWorker(
  queue: string,
  deps: WorkerDeps,
  work: (job: Job<unknown>) => Promise<JobEnd>,
): RunningWorker {
  const worker = new Worker<unknown, JobResult>(queue, (job, token) => processJob(deps, work, job, token), {
    connection: deps.patient,
    prefix: deps.prefix,
    concurrency: deps.concurrency,
    lockDuration: LOCK_MS,
    stalledInterval: STALLED_CHECK_MS,
    maxStalledCount: MOST_STALLS,
    drainDelay: 2,
    runRetryDelay: 1_000,
    removeOnComplete: KEEP_COMPLETED,
    removeOnFail: KEEP_FAILED,
  });
  worker.on('error', (error) => {
    if (!isConnectionError(error)) deps.log.warn({ queue, ...safeError(error) }, 'the queue reports an error');
  });
  return { close: () => worker.close() };
}

async function processJob(
  deps: WorkerDeps,
  work: (job: Job<unknown>) => Promise<JobEnd>,
  job: Job<unknown>,
  token: string | undefined,
): Promise<JobResult> {
  const end = await work(job).catch((error: unknown) => afterError(deps, job, error));
  if ('result' in end) return end.result;
  const waitMs = Math.max(0, end.notBefore - deps.clock.now());
  await job.moveToDelayed(Date.now() + waitMs, token);
  throw new DelayedError();
}

/** What BullMQ keeps of an error is its message and stack: only our own, safe ones get there. */
function afterError({ clock, log, onFailure }: WorkerDeps, job: Job<unknown>, error: unknown): JobEnd {
  const fields = { queue: job.queueName, job: job.name, ...safeError(error) };
  if (error instanceof RotationError && error.retryable) {
    const waitMs = Math.max(backOffMs(job.attemptsStarted), retryAfterMs(error));
    log.warn({ ...fields, waitMs }, 'tried again later');
    return { notBefore: clock.now() + waitMs, reason: error.code };
  }
  onFailure(error, fields);
  throw new UnrecoverableError(
    error instanceof RotationError ? `${error.code}: ${error.message}` : 'unexpected error: see the log',
  );
}

const retryAfterMs = (error: RotationError): number =>
  'retryAfterMs' in error && typeof error.retryAfterMs === 'number' ? error.retryAfterMs : 0;

/** Doubles from a second to five minutes, with jitter: half of it at least. */
function backOffMs(started: number): number {
  const whole = Math.min(FIRST_RETRY_MS * 2 ** Math.max(0, started - 1), LONGEST_RETRY_MS);
  return whole * (0.5 + Math.random() / 2);
}
