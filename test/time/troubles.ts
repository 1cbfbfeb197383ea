import type { Instant } from '../../src/types';
import type { Disturbance, Fleet } from './fleet';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

const LONGEST_OUTAGE_MS = 48 * HOUR;

/** How often a year. */
export interface Troubles {
  readonly vendorOutages: number;
  readonly storeOutages: number;
  readonly workerOutages: number;
  readonly restarts: number;
  /** Redis is emptied. */
  readonly flushes: number;
}

/** Half of them are short, one in four is as long as it may be. */
function length({ random }: Fleet): number {
  if (random.chance(0.25)) return LONGEST_OUTAGE_MS;
  return random.chance(0.5) ? random.whole(1, 90) * MINUTE : random.whole(2, 47) * HOUR;
}

/** At random over the years; the same with the same seed. */
export function troublesOver(start: Instant, end: Instant, often: Troubles): (fleet: Fleet) => Disturbance[] {
  return (fleet) => {
    const times = (aYear: number): Instant[] =>
      Array.from(
        { length: Math.round((aYear * (end - start)) / YEAR) },
        () => start + Math.floor(fleet.random.next() * (end - start)),
      );
    const accounts = [...fleet.company.manifest.accounts.keys()];
    const is = (aYear: number, run: (fleet: Fleet) => void) => times(aYear).map((at) => ({ at, run }));
    return [
      ...is(often.vendorOutages, (one) => notAnswering(one, one.random.pick(accounts))),
      ...is(often.storeOutages, (one) => notAnswering(one, 'store')),
      ...is(often.workerOutages, (one) => nobodyThere(one)),
      ...is(often.restarts, restart),
      ...is(often.flushes, (one) => one.emptyRedis()),
    ];
  };
}

function notAnswering(fleet: Fleet, what: string): void {
  const { down } = fleet.company;
  const [from, forMs] = [fleet.now(), length(fleet)];
  fleet.outages.push({ what, from, to: from + forMs });
  down.set(what, (down.get(what) ?? 0) + 1);
  fleet.later(forMs, () => {
    const left = (down.get(what) ?? 0) - 1;
    if (left > 0) down.set(what, left);
    else down.delete(what);
  });
}

/** All workers are gone for so long. */
export function nobodyThere(fleet: Fleet, forMs = length(fleet)): void {
  const from = fleet.now();
  fleet.outages.push({ what: 'workers', from, to: from + forMs });
  const stopped = [...fleet.alive];
  for (const replica of stopped) fleet.kill(replica, false);
  fleet.later(forMs, async () => {
    for (const { skewMs } of stopped) await fleet.start(skewMs);
  });
}

/** One is stopped, or killed in the midst of its next job; it comes back a little later. */
function restart(fleet: Fleet): void {
  if (fleet.alive.length === 0) return;
  const replica = fleet.random.pick(fleet.alive);
  const from = fleet.now();
  const inItsJob = fleet.random.chance(0.5);
  fleet.kill(replica, inItsJob);
  if (inItsJob) return;
  fleet.later(fleet.random.whole(5, 600) * SECOND, async () => {
    await fleet.start(replica.skewMs);
    fleet.outages.push({ what: fleet.alive.length === 1 ? 'workers' : 'one worker', from, to: fleet.now() });
  });
}
