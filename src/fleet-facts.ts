import { z } from 'zod';
import type { State } from './decision';
import { expiryOf, issuedAt, isUnsettled } from './due';
import { isCurrentUnsettled } from './retired';
import { isOpen } from './rotation-tags';
import type { Observation } from './secret-store';
import type { Credential, Instant, Kind } from './types';

/** What a sweep saw of one credential, and the state that it is in. */
export interface Observed {
  readonly credential: Credential;
  readonly seen: Observation | undefined;
  readonly state: State;
}

const instant = z.number().int();
const count = z.number().int().nonnegative();

/** What a sweep saw of all credentials of a kind, in numbers; times in ms since 1970, by AWS's clock. */
export const fleetFactsSchema = z.strictObject({
  observedAt: instant,
  /** Credentials by state. */
  states: z.record(z.string().regex(/^[a-z-]{1,40}$/), count),
  /** When the oldest AWSCURRENT was issued. */
  oldest: instant.optional(),
  /** When the first AWSCURRENT ends. */
  nearestExpiry: instant.optional(),
  /** Grants of AWSCURRENT, and those of AWSPREVIOUS that are not settled. */
  liveGrants: count,
  suspects: count,
  /** Grants that a person has to revoke. */
  unrevoked: count,
  /** Only where each is wanted: its id, when its AWSCURRENT was issued and when that ends. */
  each: z.array(z.strictObject({ id: z.string().max(200), issuedAt: instant.optional(), endsAt: instant.optional() })),
});
export type FleetFacts = Readonly<z.infer<typeof fleetFactsSchema>>;

/** The age and the end of a value that is not to be used any more are nobody's worry. */
const ENDED: readonly State[] = ['retiring', 'retired', 'unused'];

/** @param each are the credentials wanted one by one as well? */
export function fleetFacts(kind: Kind, fleet: readonly Observed[], now: Instant, each: boolean): FleetFacts {
  const ours = fleet.filter(({ credential }) => credential.kind === kind);
  const used = ours.filter(({ state }) => !ENDED.includes(state));
  const present = used.flatMap(({ credential, seen }) => (seen === undefined ? [] : [ages(credential, seen)]));
  const tags = ours.flatMap(({ seen }) => (seen === undefined ? [] : [seen.tags]));
  return {
    observedAt: Math.round(now),
    states: counted(ours.map(({ state }) => state)),
    ...least(
      'oldest',
      present.map(({ issuedAt: at }) => at),
    ),
    ...least(
      'nearestExpiry',
      present.map(({ endsAt }) => endsAt),
    ),
    liveGrants: sum(ours.map(({ seen }) => (seen === undefined ? 0 : liveGrants(seen)))),
    suspects: sum(tags.map(({ suspects }) => suspects.filter((suspect) => isOpen(suspect, now)).length)),
    unrevoked: sum(tags.map(({ unrevoked }) => unrevoked.length)),
    each: each ? present : [],
  };
}

function ages({ id }: Credential, seen: Observation) {
  const at = issuedAt(seen.current, seen);
  const endsAt = expiryOf(seen.current);
  return { id, ...(at === undefined ? {} : { issuedAt: at }), ...(endsAt === undefined ? {} : { endsAt }) };
}

const liveGrants = (seen: Observation): number => Number(isCurrentUnsettled(seen)) + Number(isUnsettled(seen));

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);

/** Not by spreading: 100,000 arguments are more than a call takes. */
function least<Name extends string>(name: Name, times: readonly (Instant | undefined)[]): { [N in Name]?: Instant } {
  let found: Instant | undefined;
  for (const at of times) if (at !== undefined && (found === undefined || at < found)) found = at;
  return (found === undefined ? {} : { [name]: found }) as { [N in Name]?: Instant };
}

function counted(states: readonly State[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const state of states) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}
