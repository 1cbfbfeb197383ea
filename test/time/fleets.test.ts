import type { Instant } from '../../src/types';
import { count, seedOr, sized } from '../support/proof';
import type { Disturbance, Fleet } from './fleet';
import { fleetManifest } from './fleet-manifest';
import { type Judgement, judge } from './judge';
import { randomOf } from './random';
import { simulate } from './simulation';
import { nobodyThere, type Troubles, troublesOver } from './troubles';

// Whole fleets through years, in virtual time: see queue.ts for what is not real, and oracle.ts for what is expected.

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const SEED = seedOr(20_261_121);
const { credentials, years } = sized({ short: { credentials: 40, years: 1 }, full: { credentials: 1_000, years: 5 } });

const NONE: Troubles = { vendorOutages: 0, storeOutages: 0, workerOutages: 0, restarts: 0, flushes: 0 };
const OFTEN: Troubles = { vendorOutages: 6, storeOutages: 2, workerOutages: 2, restarts: 12, flushes: 2 };

interface Scenario {
  readonly from: string;
  readonly skewsMs: readonly number[];
  readonly troubles: Troubles;
  /** The last host goes away for good. */
  readonly leaves?: boolean;
}

const SCENARIOS: readonly (readonly [string, Scenario])[] = [
  ['nothing happens', { from: '2026-01-01', skewsMs: [0, 0], troubles: NONE }],
  ['outages and restarts', { from: '2026-06-01', skewsMs: [0, 0], troubles: OFTEN }],
  ['the host of one is a day ahead', { from: '2010-06-01', skewsMs: [0, DAY], troubles: OFTEN }],
  ['the host of one is a day behind', { from: '2011-06-01', skewsMs: [0, -DAY], troubles: OFTEN }],
  ['one that was a day ahead is taken away', { from: '2027-01-01', skewsMs: [0, DAY], troubles: NONE, leaves: true }],
  ['all are a day ahead', { from: '2026-03-01', skewsMs: [DAY, DAY], troubles: OFTEN }],
  ['all are a day behind', { from: '2026-09-01', skewsMs: [-DAY, -DAY], troubles: OFTEN }],
];

const BROKEN = [
  ['issued twice', 'rotated early, or twice'],
  ['lost', 'lost: '],
  ['leaked', 'leaked: '],
] as const;

interface Run {
  readonly name: string;
  readonly credentials: number;
  readonly days: number;
  readonly from: string;
  readonly skewsMs: readonly number[];
  readonly disturbances: (start: Instant, end: Instant) => (fleet: Fleet) => readonly Disturbance[];
}

/** Runs a fleet, prints what it went through, and judges it. */
async function judged({ name, credentials, days, from, skewsMs, disturbances }: Run): Promise<Judgement> {
  const random = randomOf(SEED + [...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0));
  const start = Date.parse(`${from}T00:00:00Z`);
  const end = start + days * DAY;
  const manifest = await fleetManifest(credentials, random, start, end);
  const began = process.cpuUsage();
  const given = { manifest, start, end, random, skewsMs, checkEveryMs: 20 * DAY };
  const judgement = judge(await simulate({ ...given, disturbances: disturbances(start, end) }), start, end);
  const { user, system } = process.cpuUsage(began);
  const figures = { ...judgement.figures, cpuSeconds: Math.round((user + system) / 1e6) };
  console.log(`${name}: seed ${SEED}, ${credentials} credentials, ${days} days`, figures);
  for (const [word, text] of BROKEN) if (judgement.wrong.some((one) => one.includes(text))) count(word);
  expect([...judgement.wrong.slice(0, 20), `${judgement.wrong.length} wrong`]).toEqual(['0 wrong']);
  expect(judgement.figures.busiestMinute).toBeLessThanOrEqual(judgement.figures.mostByChance);
  return judgement;
}

const LONG = 3_000_000;

test.each(SCENARIOS)(
  '%s: each due time is followed by one rotation, in time',
  async (name, { from, skewsMs, troubles, leaves = false }) => {
    const goes = (start: Instant, end: Instant) => (leaves ? [{ at: start + (end - start) / 3, run: takeAway }] : []);
    await judged({
      ...{ name, credentials, days: years * 365, from, skewsMs },
      disturbances: (start, end) => (fleet) => [...troublesOver(start, end, troubles)(fleet), ...goes(start, end)],
    });
    count('virtual years', years);
  },
  LONG,
);

function takeAway(fleet: Fleet): void {
  const last = fleet.alive.at(-1);
  if (last !== undefined) fleet.kill(last, false);
}

test.each([
  ['', [0, 0]],
  [', with one a day ahead', [0, DAY]],
  [', with one a day behind', [0, -DAY]],
])(
  'what two days without a worker have left is spread%s',
  async (hosts, skewsMs) => {
    const { figures } = await judged({
      ...{ name: `two days without a worker${hosts}`, credentials: sized({ short: 600, full: 1_000 }), days: 14 },
      ...{ from: '2026-03-25', skewsMs },
      disturbances: (start) => () => [{ at: start + 7 * DAY, run: (fleet) => nobodyThere(fleet, 2 * DAY) }],
    });
    expect(figures.mostFoundAtOnce).toBeGreaterThan(10);
  },
  LONG,
);
