import { DelayedError, type Job, UnrecoverableError } from 'bullmq';
import { InvariantError, RotationError } from '../errors';
import type { Log } from '../types';
import type { JobResult } from './messages';
import { frames, judge } from './retries';

/** Why a job's signal was aborted. */
export const LOCK_LOST = 'lock-lost';
export const STOPPING = 'stopping';

export interface JobContext {
  /**
   * Aborted when the process stops, or when the job's lock was lost (another worker may have it by now). A processor looks
   * at it between its steps and throws; what must not be abandoned it finishes first.
   */
  readonly signal: AbortSignal;
  /** Ends this run and puts the job away until then, by the host's clock: throws what must reach the caller. */
  delayUntil(at: number): never;
}

export type ProcessJob = (job: Job<unknown>, context: JobContext) => Promise<JobResult>;

interface Run {
  readonly job: Job<unknown>;
  readonly token: string | undefined;
  readonly signal: AbortSignal | undefined;
}

class PutAway extends Error {
  constructor(readonly until: number) {
    super('The job is put away');
  }
}

/** Runs a job, and turns whatever its processor throws into what BullMQ may know of it. */
export async function runJob({ job, token, signal }: Run, process: ProcessJob, log: Log): Promise<JobResult> {
  // BullMQ makes a signal only for a processor with three parameters.
  if (!signal) throw new InvariantError('The job has no signal');
  try {
    signal.throwIfAborted();
    return await process(job, { signal, delayUntil });
  } catch (error) {
    // Nothing more is written to a job that is perhaps another worker's: BullMQ leaves it where it is.
    if (signal.reason === LOCK_LOST) throw new DelayedError();
    const verdict = afterError(job, error, signal, log);
    if (verdict.kind === 'failed') throw new UnrecoverableError(verdict.reason);
    // Does not count as an attempt (measured).
    await job.moveToDelayed(verdict.until, token);
    throw new DelayedError();
  }
}

function delayUntil(at: number): never {
  throw new PutAway(at);
}

type Fate = { readonly kind: 'delayed'; readonly until: number } | { readonly kind: 'failed'; readonly reason: string };

function afterError(job: Job, error: unknown, signal: AbortSignal, log: Log): Fate {
  if (error instanceof PutAway) return { kind: 'delayed', until: error.until };
  // What the abort interrupted, and what was not begun, is anybody's now.
  if (signal.aborted && !isFinal(error)) return { kind: 'delayed', until: Date.now() };
  // That a worker died with it says nothing against the job.
  const verdict = judge(error, job.attemptsStarted - job.stalledCounter);
  const about = { queue: job.queueName, job: job.id, action: job.name, reason: verdict.reason };
  if (verdict.kind === 'later') {
    log.warn({ ...about, delayMs: verdict.delayMs }, 'The job is tried again');
    return { kind: 'delayed', until: Date.now() + verdict.delayMs };
  }
  if (verdict.ours) log.warn(about, 'The job has failed');
  else log.alarm('invariant', { ...about, at: frames(error) }, 'The job met an error that is not ours');
  return verdict;
}

function isFinal(error: unknown): boolean {
  return error instanceof RotationError && !error.retryable;
}
