import { count, seedOr, sized } from '../support/proof';
import { fleetManifest } from './fleet-manifest';
import { judge } from './judge';
import { randomOf } from './random';
import { type Fleet, simulate } from './simulation';
import { type Troubles, troublesOver } from './troubles';

// Whole fleets through years, in virtual time: see simulation.ts for what is real, and oracle.ts for what is expected.

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;
const SEED = seedOr(20_261_121);
const { credentials, years } = sized({ short: { credentials: 40, years: 2 }, full: { credentials: 1_000, years: 5 } });

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

test.each(SCENARIOS)(
  '%s: each due time is followed by one rotation, in time',
  async (name, { from, skewsMs, troubles, leaves = false }) => {
    const random = randomOf(SEED + SCENARIOS.findIndex(([other]) => other === name));
    const start = Date.parse(`${from}T00:00:00Z`);
    const end = start + years * YEAR;
    const manifest = await fleetManifest(credentials, random, start, end);
    const began = process.cpuUsage();
    const fleet = await simulate({
      ...{ manifest, start, end, random, skewsMs },
      disturbances: (one) => [
        ...troublesOver(start, end, troubles)(one),
        ...(leaves ? [{ at: start + (end - start) / 3, run: takeAway }] : []),
      ],
      checkEveryMs: 20 * DAY,
    });
    const found = judge(fleet, start, end);
    const cpu = process.cpuUsage(began);
    const cpuSeconds = Math.round((cpu.user + cpu.system) / 1e6);
    console.log(`${name}: seed ${SEED}, ${manifest.credentials.length} credentials, ${years} years`, {
      ...found.figures,
      cpuSeconds,
    });
    for (const [word, text] of BROKEN) if (found.wrong.some((one) => one.includes(text))) count(word);
    expect([...found.wrong.slice(0, 20), `${found.wrong.length} wrong`]).toEqual(['0 wrong']);
    expect(found.figures.busiestMinute).toBeLessThanOrEqual(found.figures.mostByChance);
    count('virtual years', years);
  },
  3_000_000,
);

function takeAway(fleet: Fleet): void {
  const last = fleet.alive.at(-1);
  if (last !== undefined) fleet.kill(last, false);
}
