import type { Instant, Window } from '../../src/types';

// Local time by Intl alone, so that it shares nothing with what it judges (luxon, cron-parser).

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** No clocks were set twice in one. */
const WEEK = 7 * DAY;
/** No zone is further from UTC. */
const FURTHEST = DAY;

/** The clocks are set: the wall shows `before` more than UTC until then, and `after` from then on. */
export interface ClockChange {
  readonly at: Instant;
  readonly before: number;
  readonly after: number;
}

/** A stretch of time, its end not included. */
export interface Span {
  readonly opens: Instant;
  readonly closes: Instant;
}

export interface WallClock {
  readonly changes: readonly ClockChange[];
  /** What the wall shows, as if it were UTC. */
  shows(at: Instant): number;
  /** The first time that the wall shows this or later; what is skipped is shown as the clocks are set. */
  firstShows(local: number): Instant;
}

/** The clocks of one zone. Changes are found between the two instants; outside it must not be asked. */
export function wallClock(zone: string, from: Instant, to: Instant): WallClock {
  const offset = offsetsOf(zone);
  const changes: ClockChange[] = [];
  for (let week = from - 2 * DAY; week < to + 2 * DAY; week += WEEK) {
    if (offset(week) !== offset(week + WEEK)) changes.push(changeBetween(offset, week, week + WEEK));
  }
  const first = changes[0]?.before ?? offset(from);
  const offsetAt = (at: Instant): number => lastUntil(changes, at)?.after ?? first;
  return {
    changes,
    shows: (at) => at + offsetAt(at),
    firstShows(local) {
      const near = lastUntil(changes, local - FURTHEST);
      let candidate = local - (near?.after ?? first);
      for (const { at, after } of changes) {
        if (at <= local - FURTHEST || candidate < at) continue;
        candidate = Math.max(at, local - after);
      }
      return candidate;
    },
  };
}

function lastUntil(changes: readonly ClockChange[], at: Instant): ClockChange | undefined {
  let low = 0;
  let high = changes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((changes[middle]?.at ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return changes[low - 1];
}

function offsetsOf(timeZone: string): (at: Instant) => number {
  const format = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric' },
    ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
  });
  return (at) => {
    const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    const [year = 0, month = 0, day = 0] = [parts.get('year'), parts.get('month'), parts.get('day')];
    const [hour = 0, minute = 0, second = 0] = [parts.get('hour'), parts.get('minute'), parts.get('second')];
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
  };
}

function changeBetween(offset: (at: Instant) => number, from: Instant, to: Instant): ClockChange {
  const [before, after] = [offset(from), offset(to)];
  let [early, late] = [from, to];
  while (late - early > 1000) {
    const middle = Math.floor((early + late) / 2000) * 1000;
    if (offset(middle) === before) early = middle;
    else late = middle;
  }
  return { at: late, before, after };
}

const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

/**
 * When a window is open, in plain words: from the first time that the wall shows `from` to the first time that it shows `to`; one
 * that would be skipped whole opens as the clocks are set, for as long as it is long.
 */
export function spansOf({ from, to, days }: Window, wall: WallClock, begin: Instant, end: Instant): Span[] {
  const overMidnight = minutesOf(to) <= minutesOf(from);
  const startMs = minutesOf(from) * MINUTE;
  const lengthMs = minutesOf(to) * MINUTE - startMs + (overMidnight ? DAY : 0);
  const spans: Span[] = [];
  for (let day = Math.floor(begin / DAY) * DAY - 2 * DAY; day < end + 2 * DAY; day += DAY) {
    const weekday = new Date(day).getUTCDay();
    if (days !== undefined && !days.includes(weekday === 0 ? 7 : weekday)) continue;
    const opens = wall.firstShows(day + startMs);
    const closes = wall.firstShows(day + startMs + lengthMs);
    spans.push({ opens, closes: closes > opens ? closes : opens + lengthMs });
  }
  return spans;
}
