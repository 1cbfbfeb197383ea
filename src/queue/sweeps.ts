import type { Job, Queue } from 'bullmq';
import { SWEEPS, type SweepName } from '../types';
import type { SweepJob } from './messages';
import { nextRun } from './next-run';
import { KEEP_COMPLETED, KEEP_FAILED } from './retention';

/** A cron pattern and the IANA time zone that it is read in. */
export interface Schedule {
  readonly pattern: string;
  readonly tz: string;
}
export type Schedules = Readonly<Record<SweepName, Schedule>>;

const OPTIONS = { attempts: 1, removeOnComplete: KEEP_COMPLETED, removeOnFail: KEEP_FAILED };

/**
 * Puts a sweep's job scheduler, from now on. By `pattern`: BullMQ runs an `every` at once whenever it is changed, and an
 * `immediately` a second time when it is put again (measured), so that the sweep at start is a job of our own.
 */
export async function schedule(queue: Queue<unknown>, sweep: SweepName, { pattern, tz }: Schedule): Promise<void> {
  const data: SweepJob = { trigger: 'schedule' };
  await queue.upsertJobScheduler(sweep, { pattern, tz }, { name: sweep, data, opts: OPTIONS });
}

/** Schedulers as they are put already stay as they are: putting one again drops a run that waits. */
export async function scheduleAnew(queue: Queue<unknown>, schedules: Schedules): Promise<void> {
  for (const sweep of SWEEPS) {
    const wanted = schedules[sweep];
    const found = await queue.getJobScheduler(sweep);
    if (found?.pattern !== wanted.pattern || found.tz !== wanted.tz) await schedule(queue, sweep, wanted);
  }
}

/** Removes schedulers that an earlier version of this program, or a person, left there. */
export async function removeOthers(queue: Queue<unknown>): Promise<void> {
  for (const { key } of await queue.getJobSchedulers()) {
    if (!SWEEPS.some((sweep) => sweep === key)) await queue.removeJobScheduler(key);
  }
}

/**
 * Enqueues one run of each. While one waits nothing is added; while one runs, one more follows it, since that one may have
 * passed already what this one is to see.
 */
export async function runNow(
  queue: Queue<unknown>,
  sweeps: readonly SweepName[],
  trigger: SweepJob['trigger'],
): Promise<void> {
  const data: SweepJob = { trigger };
  const deduplicated = (sweep: SweepName) => ({ ...OPTIONS, deduplication: { id: sweep, keepLastIfActive: true } });
  await queue.addBulk(sweeps.map((sweep) => ({ name: sweep, data, opts: deduplicated(sweep) })));
}

/**
 * Has a later run of its schedule come while this one was tried again? That one sees the same: after a long outage only the
 * last is left, instead of one that lists all secrets for each that failed.
 */
export function isOvertaken(job: Job<unknown>, schedules: Schedules): boolean {
  const sweep = SWEEPS.find((known) => known === job.repeatJobKey);
  if (sweep === undefined || job.attemptsStarted - job.stalledCounter < 2) return false;
  const dueAt = job.timestamp + (job.opts.delay ?? 0);
  return nextRun(schedules[sweep], dueAt) <= Date.now();
}
