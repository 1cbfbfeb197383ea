import type { RepeatStrategy } from 'bullmq';
import { CronExpressionParser } from 'cron-parser';
import type { Instant } from '../types';
import { clocksAreSet, offsetMs } from '../zone';
import type { Schedule } from './sweeps';

/** Of a clock that is never set. */
function nextWithout(pattern: string, after: Instant, offset: number): Instant {
  const currentDate = new Date(after + offset);
  return CronExpressionParser.parse(pattern, { tz: 'UTC', currentDate }).next().getTime() - offset;
}

/**
 * When a sweep runs next, by the wall. What would fall into skipped time runs as much later as the clocks are set; what comes
 * twice runs twice. BullMQ's own strategy leaves out a day where midnight or half an hour is skipped (Cairo, Lord Howe), and
 * knows no next run where half an hour comes twice: the schedule would stand still (measured with 6.7, cron-parser 5.10).
 */
export function nextRun({ pattern, tz }: Schedule, after: Instant): Instant {
  let [from, offset] = [after, offsetMs(tz, after)];
  for (;;) {
    const run = nextWithout(pattern, from, offset);
    const set = offsetMs(tz, run);
    if (set === offset) return run;
    const change = clocksAreSet(tz, offset, from + 1, run);
    if (run < change + offsetMs(tz, change) - offset) return run;
    [from, offset] = [change - 1, offsetMs(tz, change)];
  }
}

export const repeatStrategy: RepeatStrategy = (after, { pattern = '', tz = 'UTC' }) => nextRun({ pattern, tz }, after);
