import { IANAZone } from 'luxon';
import type { Instant } from './types';

export const MINUTE_MS = 60_000;

/** How far the clocks of an IANA zone are ahead of UTC, in milliseconds. */
export const offsetMs = (zone: string, at: Instant): number => IANAZone.create(zone).offset(at) * MINUTE_MS;

/** The minute in which the clocks of a zone are set, between a time at which their offset is `before` and one at which it is another. */
export function clocksAreSet(zone: string, before: number, from: Instant, to: Instant): Instant {
  let [early, late] = [Math.floor(from / MINUTE_MS), Math.ceil(to / MINUTE_MS)];
  while (late - early > 1) {
    const middle = Math.floor((early + late) / 2);
    if (offsetMs(zone, middle * MINUTE_MS) === before) early = middle;
    else late = middle;
  }
  return late * MINUTE_MS;
}
