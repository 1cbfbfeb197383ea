import type { RepeatStrategy } from 'bullmq';
import { CronExpressionParser } from 'cron-parser';
import { IANAZone } from 'luxon';
import type { Instant } from '../types';
import type { Schedule } from './sweeps';

const MINUTE_MS = 60_000;

/** Of a clock that is never set. */
function nextWithout(pattern: string, after: Instant, offset: number): Instant {
  const currentDate = new Date(after + offset);
  return CronExpressionParser.parse(pattern, { tz: 'UTC', currentDate }).next().getTime() - offset;
}

/** When the clocks are set between the two. */
function changeBetween(offsetAt: (at: Instant) => number, from: Instant, to: Instant): Instant {
  const before = offsetAt(from);
  let [early, late] = [Math.floor(from / MINUTE_MS), Math.ceil(to / MINUTE_MS)];
  while (late - early > 1) {
    const middle = Math.floor((early + late) / 2);
    if (offsetAt(middle * MINUTE_MS) === before) early = middle;
    else late = middle;
  }
  return late * MINUTE_MS;
}

/**
 * When a sweep runs next, by the wall. What would fall into skipped time runs as much later as the clocks are set; what comes
 * twice runs twice. BullMQ's own strategy leaves out a day where midnight or half an hour is skipped (Cairo, Lord Howe), and
 * knows no next run where half an hour comes twice: the schedule would stand still (measured with 6.7, cron-parser 5.10).
 */
export function nextRun({ pattern, tz }: Schedule, after: Instant): Instant {
  const zone = IANAZone.create(tz);
  const offsetAt = (at: Instant): number => zone.offset(at) * MINUTE_MS;
  let [from, offset] = [after, offsetAt(after)];
  for (;;) {
    const run = nextWithout(pattern, from, offset);
    const set = offsetAt(run);
    if (set === offset) return run;
    const change = changeBetween(offsetAt, Math.max(after, from), run);
    if (run < change + offsetAt(change) - offset) return run;
    [from, offset] = [change - 1, offsetAt(change)];
  }
}

export const repeatStrategy: RepeatStrategy = (after, { pattern = '', tz = 'UTC' }) => nextRun({ pattern, tz }, after);
