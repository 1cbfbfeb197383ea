import type { Instant, Window } from './types';
import { clocksAreSet, MINUTE_MS, offsetMs } from './zone';

const DAY_MS = 24 * 60 * MINUTE_MS;
const LOOK_AHEAD_DAYS = 8; // one day more than a week, so that every weekday is met

/** What the clock on the wall shows, in milliseconds, as if it were UTC. */
type Local = number;

interface Span {
  readonly opens: Instant;
  readonly closes: Instant;
}

/** The first time that the wall shows this or later: what is skipped is shown as the clocks are set, what comes twice counts at first. */
function firstShows(zone: string, local: Local): Instant {
  const [before, after] = [offsetMs(zone, local - DAY_MS), offsetMs(zone, local + DAY_MS)];
  const [old, set] = [local - before, local - after];
  if (before === after || offsetMs(zone, old) === before) return old;
  return offsetMs(zone, set) === after ? set : clocksAreSet(zone, before, set, old);
}

const sinceMidnight = (time: string): number => {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return (hours * 60 + minutes) * MINUTE_MS;
};

/**
 * The span that opens on the given local day; a window whose end is not after its start closes on the next day. One that
 * would be skipped whole opens when the clocks have moved on, for as long as it is.
 */
function spanOf(day: Local, { zone, from, to, days }: Window): Span | undefined {
  const weekday = new Date(day).getUTCDay() || 7;
  if (days !== undefined && !days.includes(weekday)) return undefined;
  const starts = sinceMidnight(from);
  const ends = to <= from ? sinceMidnight(to) + DAY_MS : sinceMidnight(to);
  const opens = firstShows(zone, day + starts);
  const closes = firstShows(zone, day + ends);
  return { opens, closes: closes > opens ? closes : opens + ends - starts };
}

/**
 * The first instant not before `from` that lies in the window. Local times are the zone's own, so a window keeps its
 * hours over a change of the clocks; one that falls into the skipped hour opens when the clocks have moved on.
 */
export function nextInWindow(window: Window | undefined, from: Instant): Instant {
  const span = window && spanAt(window, from);
  return span === undefined ? from : Math.max(from, span.opens); // a window that never opens is refused by the manifest
}

/** When the window that is open closes; undefined where none is. */
export function openUntil(window: Window | undefined, at: Instant): Instant | undefined {
  const span = window && spanAt(window, at);
  return span === undefined || span.opens > at ? undefined : span.closes;
}

/** The span that is open, or opens next. */
function spanAt(window: Window, at: Instant): Span | undefined {
  const today = Math.floor((at + offsetMs(window.zone, at)) / DAY_MS) * DAY_MS;
  for (let n = -1; n <= LOOK_AHEAD_DAYS; n += 1) {
    const span = spanOf(today + n * DAY_MS, window);
    if (span !== undefined && at < span.closes) return span;
  }
  return undefined;
}
