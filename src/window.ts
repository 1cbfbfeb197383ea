import { DateTime } from 'luxon';
import type { Instant, Window } from './types';

const LOOK_AHEAD_DAYS = 8; // one day more than a week, so that every weekday is met

interface Span {
  readonly opens: Instant;
  readonly closes: Instant;
}

/** The span that opens on the given local day; a window whose end is not after its start closes on the next day. */
function spanOf(day: DateTime, window: Window): Span | undefined {
  if (window.days !== undefined && !window.days.includes(day.weekday)) return undefined;
  const at = (base: DateTime, time: string): Instant => {
    const [hour = 0, minute = 0] = time.split(':').map(Number);
    return base.set({ hour, minute }).toMillis();
  };
  const overMidnight = window.to <= window.from;
  return { opens: at(day, window.from), closes: at(overMidnight ? day.plus({ days: 1 }) : day, window.to) };
}

/**
 * The first instant not before `from` that lies in the window. Local times are the zone's own, so a window keeps its
 * hours over a change of the clocks; one that falls into the skipped hour opens when the clocks have moved on.
 */
export function nextInWindow(window: Window | undefined, from: Instant): Instant {
  if (window === undefined) return from;
  const today = DateTime.fromMillis(from, { zone: window.zone }).startOf('day');
  for (let day = -1; day <= LOOK_AHEAD_DAYS; day += 1) {
    const span = spanOf(today.plus({ days: day }), window);
    if (span !== undefined && from < span.closes) return Math.max(from, span.opens);
  }
  return from; // a window that never opens is refused by the manifest
}
