import { randomFrom } from '../support/random';

// What happens when and to whom: a pure function of the seed. What the processes make of it is not.

export const WORKERS = ['worker-1', 'worker-2', 'worker-3'] as const;
export type WorkerLane = (typeof WORKERS)[number];
export const DOORS = ['secretsManager', 'flinksOutbound', 'flinksDataSharing', 'finicity', 'finout'] as const;
export type DoorLane = (typeof DOORS)[number];
export type Lane = WorkerLane | DoorLane | 'redis' | 'sandbox' | 'sender' | 'person';

/** One event. Those of one lane follow each other; lanes go on beside each other. */
export interface Happening {
  /** Milliseconds from the beginning. */
  readonly at: number;
  readonly lane: Lane;
  readonly what: string;
  /** How long until it is undone. */
  readonly forMs: number;
  /** In [0, 1): whom or what it picks. */
  readonly pick: number;
}

type Range = readonly [number, number];

interface Plan {
  /** From the end of one event to the next. */
  readonly gapMs: Range;
  /** What may happen, how likely beside the others, and for how long. */
  readonly events: readonly { readonly what: string; readonly weight: number; readonly forMs?: Range }[];
}

const WORKER: Plan = { gapMs: [3_500, 11_000], events: [{ what: 'kill', weight: 1, forMs: [0, 2_500] }] };

const DOOR: Plan = {
  gapMs: [1_500, 11_000],
  events: [
    { what: 'lose', weight: 5, forMs: [300, 2_000] },
    { what: 'hang', weight: 4, forMs: [300, 7_000] },
    { what: 'reset', weight: 4 },
    { what: 'stall', weight: 3, forMs: [300, 7_000] },
    { what: 'refuse', weight: 2, forMs: [300, 3_000] },
    { what: 'throttle', weight: 2, forMs: [500, 4_000] },
    { what: 'slow', weight: 1, forMs: [1_000, 4_000] },
  ],
};

const PLANS: Readonly<Record<Lane, Plan>> = {
  ...{ 'worker-1': WORKER, 'worker-2': WORKER, 'worker-3': WORKER },
  ...{ secretsManager: DOOR, flinksOutbound: DOOR, flinksDataSharing: DOOR, finicity: DOOR, finout: DOOR },
  redis: {
    gapMs: [2_000, 12_000],
    events: [
      { what: 'flush', weight: 4 },
      { what: 'stop', weight: 2, forMs: [200, 3_000] },
      { what: 'crash', weight: 2, forMs: [0, 2_000] },
      { what: 'stop-and-lose', weight: 2, forMs: [0, 2_000] },
      { what: 'freeze', weight: 1, forMs: [500, 4_000] },
    ],
  },
  sandbox: { gapMs: [15_000, 40_000], events: [{ what: 'freeze', weight: 1, forMs: [300, 3_000] }] },
  sender: {
    gapMs: [200, 1_200],
    events: [
      { what: 'rotate', weight: 4 },
      { what: 'compromised', weight: 2 },
      { what: 'revoke', weight: 2 },
      { what: 'rollback', weight: 2 },
    ],
  },
  person: {
    gapMs: [8_000, 25_000],
    events: [
      { what: 'import', weight: 2, forMs: [3_000, 3_000] },
      { what: 'import-and-kill', weight: 1, forMs: [200, 3_000] },
    ],
  },
};

const LANES: readonly Lane[] = [...WORKERS, ...DOORS, 'redis', 'sandbox', 'sender', 'person'];

/**
 * All events of a run of so many seconds, in order.
 * @param dense how often things happen, 2 is twice as often; but a worker needs its time to start
 */
export function timelineOf(seed: number, seconds: number, dense = 1): readonly Happening[] {
  const endMs = seconds * 1_000;
  const lanes = LANES.flatMap((lane, n) => {
    const random = randomFrom(seed * LANES.length + n);
    return laneOf(lane, random, endMs, PLANS[lane] === WORKER ? 1 : dense);
  });
  return lanes.sort((a, b) => a.at - b.at);
}

function laneOf(lane: Lane, random: () => number, endMs: number, dense: number): Happening[] {
  const { gapMs, events } = PLANS[lane];
  const found: Happening[] = [];
  const weights = events.reduce((sum, { weight }) => sum + weight, 0);
  let at = 0;
  for (;;) {
    at += Math.round(within(gapMs, random()) / dense);
    const chosen = events[nth(events, random() * weights)];
    const forMs = Math.round(within(chosen?.forMs ?? [0, 0], random()));
    const pick = random();
    if (chosen === undefined || at + forMs > endMs) return found;
    found.push({ at, lane, what: chosen.what, forMs, pick });
    at += forMs;
  }
}

const within = ([least, most]: Range, share: number): number => least + (most - least) * share;

function nth(events: Plan['events'], share: number): number {
  let left = share;
  return events.findIndex(({ weight }) => {
    left -= weight;
    return left < 0;
  });
}
