import type { Redis } from 'ioredis';
import { type FleetFacts, fleetFactsSchema } from '../fleet-facts';
import type { Kind } from '../types';
import { orUnavailable } from './connection';
import { ownKey } from './names';

/** What the last sweep of any replica saw of each kind, for the metrics of all of them. Gone with Redis, until the next sweep. */
export interface FleetBoard {
  /** @throws RedisUnavailableError */
  publish(kind: Kind, facts: FleetFacts): Promise<void>;
  /** @throws RedisUnavailableError */
  read(kind: Kind): Promise<FleetFacts | undefined>;
}

/** Of a worker that is no longer there nobody wants the numbers. */
const KEPT_MS = 24 * 60 * 60_000;

export function createFleetBoard({
  failFast,
  prefix,
}: {
  readonly failFast: Redis;
  readonly prefix: string;
}): FleetBoard {
  return {
    async publish(kind, facts) {
      const text = JSON.stringify(facts);
      await orUnavailable('the metrics of the fleet stay old', () =>
        failFast.set(ownKey(prefix, 'fleet', kind), text, 'PX', KEPT_MS),
      );
    },
    async read(kind) {
      const text = await orUnavailable('no metrics of the fleet', () => failFast.get(ownKey(prefix, 'fleet', kind)));
      return text === null ? undefined : parsed(text);
    },
  };
}

/** Another version of this program, or a person, may have written it: then it counts as not there. */
function parsed(text: string): FleetFacts | undefined {
  try {
    return fleetFactsSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined; // no JSON
  }
}
