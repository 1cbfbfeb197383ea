import type { Manifest } from '../../src/manifest';
import { nextRun } from '../../src/queue/next-run';
import { type Instant, SWEEPS, type SweepName } from '../../src/types';
import { type Fleet, furthestAhead } from './fleet';
import type { MemoryQueue } from './queue';

/** A run is late after a minute, and looked at every three seconds. */
const WATCH_MS = 66_000;

/** The job schedulers of the sweeps, whose next run BullMQ writes down by the clock of the host that is furthest ahead. */
export interface SweepSchedules {
  /** When the first sweep of that name runs at that time or later. */
  runAt(sweep: SweepName, at: Instant): Instant;
  /** Of the schedulers nothing moves but their next run, whoever is there: as they stand when somebody comes or goes. */
  keep(): void;
  /** A sweep has run. */
  ran(sweep: SweepName): void;
  /**
   * As the watch of src/queue/schedulers.ts does (tested there, on a real Redis), by its third look: a run that a host has
   * scheduled whose clock was ahead, and that is gone.
   */
  putBackIfAhead(sweep: SweepName): void;
  clear(): void;
}

export function sweepSchedules(fleet: Fleet, schedules: Manifest['schedules'], queue: MemoryQueue): SweepSchedules {
  const scheduled = new Map<SweepName, Instant>();
  const known = new Map<SweepName, { at: Instant; ahead: number; run: Instant }>();

  const next = (sweep: SweepName, after: Instant): Instant => {
    const { pattern, zone } = schedules[sweep];
    return nextRun({ pattern, tz: zone }, after);
  };

  return {
    runAt(sweep, at) {
      const ahead = furthestAhead(fleet);
      const waits = (scheduled.get(sweep) ?? 0) - ahead;
      if (waits >= at) return waits;
      const before = known.get(sweep);
      if (before?.at === at && before.ahead === ahead) return before.run;
      const run = next(sweep, at + ahead - 1) - ahead;
      known.set(sweep, { at, ahead, run });
      return run;
    },
    keep() {
      if (fleet.alive.length === 0) return;
      for (const sweep of SWEEPS) {
        const waits = (scheduled.get(sweep) ?? 0) - furthestAhead(fleet);
        if (waits < fleet.now()) scheduled.set(sweep, next(sweep, fleet.now() + furthestAhead(fleet)));
      }
    },
    ran: (sweep) => void scheduled.delete(sweep),
    putBackIfAhead(sweep) {
      const waits = scheduled.get(sweep);
      if (waits === undefined || fleet.alive.length === 0) return;
      const expected = next(sweep, fleet.now() + furthestAhead(fleet));
      if (waits <= expected) return;
      fleet.later(expected - furthestAhead(fleet) - fleet.now() + WATCH_MS, async () => {
        const isGone = scheduled.get(sweep) !== waits || fleet.alive.length === 0;
        if (isGone || waits - furthestAhead(fleet) <= fleet.now()) return;
        await queue.queues.hurry([]);
        scheduled.delete(sweep);
        queue.addSweep(sweep, 'start');
      });
    },
    clear: () => scheduled.clear(),
  };
}
