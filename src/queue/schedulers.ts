import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { RedisUnavailableError } from '../errors';
import { type Log, SWEEPS, type SweepName } from '../types';
import { orUnavailable } from './connection';
import { createLoop } from './loop';
import { SWEEPS_QUEUE } from './names';
import { nextRun } from './next-run';
import { openProducer } from './producer';
import { removeOthers, runNow, type Schedules, schedule, scheduleAnew } from './sweeps';

export interface Schedulers {
  /**
   * Looks once and puts right what it finds. The first look puts the schedules of this process in force and starts each
   * sweep; later ones see to it that they stay.
   * @throws RedisUnavailableError
   */
  look(): Promise<void>;
  /** The schedules are others by now: puts those in force, and starts each sweep. Redis away: the next look does it. */
  renew(): Promise<void>;
  /** Looks now and every few seconds; where Redis is away the next look does it. */
  watch(): void;
  /** The sweeps that have no next run, or one that lies in the past by more than a moment. @throws RedisUnavailableError */
  unscheduled(): Promise<Readonly<Partial<Record<SweepName, 'missing' | 'late'>>>>;
  close(): Promise<void>;
}

interface Deps {
  readonly failFast: Redis;
  readonly prefix: string;
  /** Those in force now. */
  readonly schedules: () => Schedules;
  readonly log: Log;
  /** Has everything run now that the queues of the accounts put off. */
  readonly hurry: () => Promise<void>;
  readonly everyMs?: number;
}

interface Watch {
  readonly queue: Queue<unknown>;
  readonly schedules: () => Schedules;
  readonly log: Log;
  readonly hurry: () => Promise<void>;
  /** The next run of each sweep at the last look, since when it is that one, and at how many looks it was late. */
  readonly seen: Map<SweepName, { readonly next: number; readonly since: number; readonly looks: number }>;
}

const LOOK_EVERY_MS = 3_000;
/** Upstream knows of schedulers that stop (#3272, #3499); killing and restarting never made one here (measured). */
const LATE_AFTER_MS = 60_000;

/** The four job schedulers, and a watch on them: Redis may be emptied at any moment. */
export function createSchedulers({ failFast, prefix, everyMs = LOOK_EVERY_MS, ...deps }: Deps): Schedulers {
  const watch: Watch = { ...deps, queue: openProducer(SWEEPS_QUEUE, { failFast, prefix }), seen: new Map() };
  let started = false;
  let renewed = false;
  let renewal = Promise.resolve();
  const look = async () => {
    const anew = renewed;
    renewed = false;
    try {
      await orUnavailable('the schedules were not looked at', async () => {
        if (!started) await start(watch);
        else if (anew) await follow(watch);
        else await repair(watch);
      });
      started = true;
    } catch (error) {
      renewed ||= anew;
      throw error;
    }
  };
  const notLooked = (error: unknown): void => {
    // An outage has its line already.
    if (failFast.status !== 'ready') return;
    deps.log.warn(error instanceof RedisUnavailableError ? error.fields : {}, 'The schedules were not looked at');
  };
  const loop = createLoop(look, everyMs, notLooked);
  return {
    look,
    renew() {
      renewed = true;
      renewal = started ? look().catch(notLooked) : renewal;
      return renewal;
    },
    watch: loop.start,
    unscheduled: () => orUnavailable('the schedules were not looked at', () => unscheduled(watch.queue)),
    async close() {
      await Promise.all([loop.stop(), renewal]);
      await watch.queue.close();
    },
  };
}

async function start({ queue, schedules }: Watch): Promise<void> {
  await removeOthers(queue);
  await runNow(queue, SWEEPS, 'start');
  await scheduleAnew(queue, schedules());
}

async function follow({ queue, schedules }: Watch): Promise<void> {
  await removeOthers(queue);
  await scheduleAnew(queue, schedules());
  await runNow(queue, SWEEPS, 'reload');
}

/** When each sweep runs next, by the host's clock, as BullMQ reckons; a sweep without a schedule is not in it. */
async function nextRuns(queue: Queue<unknown>): Promise<ReadonlyMap<SweepName, number>> {
  const next = new Map<SweepName, number>();
  for (const sweep of SWEEPS) {
    const found = await queue.getJobScheduler(sweep);
    if (found) next.set(sweep, found.next ?? 0);
  }
  return next;
}

const isLate = (next: number): boolean => next <= Date.now() - LATE_AFTER_MS;

async function unscheduled(queue: Queue<unknown>): Promise<Partial<Record<SweepName, 'missing' | 'late'>>> {
  const next = await nextRuns(queue);
  const found: Partial<Record<SweepName, 'missing' | 'late'>> = {};
  for (const sweep of SWEEPS) {
    const at = next.get(sweep);
    if (at === undefined) found[sweep] = 'missing';
    else if (isLate(at)) found[sweep] = 'late';
  }
  return found;
}

async function repair(watch: Watch): Promise<void> {
  const next = await nextRuns(watch.queue);
  if (next.size < SWEEPS.length) await restore(watch);
  for (const [sweep, at] of next) await repairLate(watch, sweep, at);
}

/** The sweeps first: whoever dies between leaves schedulers missing, and the next one to look does it again. */
async function restore({ queue, schedules, log }: Watch): Promise<void> {
  log.warn({}, 'Redis came back without our schedules: they are put back, and every sweep runs now');
  await runNow(queue, SWEEPS, 'redis-emptied');
  await scheduleAnew(queue, schedules());
}

/**
 * A next run in the past is late; so is one further ahead than the schedule says, once that time has come and it has not
 * moved: a host whose clock is ahead put it there, and is gone. What it put off in other queues lies as far ahead.
 */
async function repairLate(
  { queue, schedules, log, seen, hurry }: Watch,
  sweep: SweepName,
  next: number,
): Promise<void> {
  const before = seen.get(sweep);
  const { since, looks } = before?.next === next ? before : { since: Date.now(), looks: 0 };
  const late = isLate(Math.min(next, nextRun(schedules()[sweep], since)));
  seen.set(sweep, { next, since, looks: late ? looks + 1 : 0 });
  // Seen once it may be a moment before a worker takes the job, as after an outage.
  if (!late || looks === 0) return;
  if (looks === 1) {
    log.alarm('scheduler-late', { sweep, next: new Date(next).toISOString() }, 'A sweep did not run: it runs now');
  }
  if (next > Date.now()) await hurry();
  await runNow(queue, [sweep], 'late');
  await schedule(queue, sweep, schedules()[sweep]);
}
