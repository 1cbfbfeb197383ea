import { IANAZone } from 'luxon';
import type { Instant } from '../../src/types';
import type { Random } from './random';
import type { Replica } from './replica';

const QUARTER_MS = 15 * 60_000;

/** What the process takes from its host: the time, by the clock of whoever is at work, and chance. */
export interface HostClocks {
  /** Date.now() is that of the replica's host until the work has ended. */
  as<T>(replica: Replica, work: () => Promise<T>): Promise<T>;
  /** The work of one that has died does not end. */
  diedAtWork(): void;
  putBack(): void;
}

/** Replaces those of the process until they are put back. */
export function hostClocks(now: () => Instant, random: Random): HostClocks {
  let skewMs = 0;
  const back = [replaced(Date, 'now', () => now() + skewMs), replaced(Math, 'random', random.next), rememberOffsets()];
  return {
    async as(replica, work) {
      skewMs = replica.skewMs;
      try {
        return await work();
      } finally {
        skewMs = 0;
      }
    },
    diedAtWork() {
      skewMs = 0;
    },
    putBack() {
      for (const one of back) one();
    },
  };
}

/** jest's own spies remember every call. @returns what puts it back */
function replaced<K extends string>(on: { [name in K]: unknown }, name: K, by: unknown): () => void {
  const before = on[name];
  on[name] = by;
  return () => {
    on[name] = before;
  };
}

/** No clock was set but at a quarter of an hour since 1970: so luxon, of policy and of schedules, need not ask Intl again. */
function rememberOffsets(): () => void {
  const { prototype } = IANAZone;
  const offsetOf = prototype.offset;
  const zones = new Map<string, Map<number, number>>();
  return replaced(prototype, 'offset', function offset(this: IANAZone, at: number) {
    const zone = zones.get(this.name) ?? new Map<number, number>();
    zones.set(this.name, zone);
    const quarter = Math.floor(at / QUARTER_MS);
    const known = zone.get(quarter) ?? offsetOf.call(this, at);
    zone.set(quarter, known);
    return known;
  });
}
