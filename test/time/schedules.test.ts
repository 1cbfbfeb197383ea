import { CronExpressionParser } from 'cron-parser';
import { nextRun } from '../../src/queue/next-run';
import { type ClockChange, type WallClock, wallClock } from './wall-clock';
import { ZONES } from './zones';

// The schedules of the sweeps over changes of the clocks: no run is left out, and none comes to a stop.

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const [FROM, TO] = [Date.parse('2010-06-01'), Date.parse('2015-01-01')];
const NEVER_SET: readonly ClockChange[] = [{ at: Date.parse('2012-02-28'), before: 0, after: 0 }];

/** Patterns, and how often each runs. */
const OFTEN: readonly (readonly [string, number])[] = [
  ['*/5 * * * *', 5 * MINUTE],
  ['2-59/10 * * * *', 10 * MINUTE],
  ['5,25,45 * * * *', 20 * MINUTE],
  ['15 * * * *', HOUR],
  ['0 */2 * * *', 2 * HOUR],
];
const DAILY = ['10 2 * * *', '30 2 * * *', '40 1 * * *', '30 0 * * *', '0 12 * * *'];
/** Until the next run the clocks are set many times; in Apia to what they never showed before. */
const SELDOM = ['30 2 29 2 *', '0 12 1 1 *'];
/** Two for each change of the clocks in some twenty years. */
const MOST_LOOKS = 200;

const iso = (at: number): string => new Date(at).toISOString();
const changesOf = ({ changes }: WallClock) => (changes.length === 0 ? NEVER_SET : changes);

function runs(pattern: string, tz: string, from: number, to: number): number[] {
  const found: number[] = [];
  for (let at = from; ; ) {
    const next = nextRun({ pattern, tz }, at);
    if (!(next > at)) throw new Error(`${pattern} in ${tz} stands still at ${iso(at)}: ${next}`);
    if (next > to) return found;
    found.push(next);
    at = next;
  }
}

/** A search that has no end fails, where it would hold up the whole run. */
function boundLooks(): void {
  const parse = CronExpressionParser.parse.bind(CronExpressionParser);
  const looks = jest.spyOn(CronExpressionParser, 'parse');
  looks.mockImplementation((...given) => {
    if (looks.mock.calls.length > MOST_LOOKS) throw new Error(`no next run after ${MOST_LOOKS} looks`);
    return parse(...given);
  });
}

afterEach(() => jest.restoreAllMocks());

describe.each(ZONES)('%s', (zone) => {
  const wall = wallClock(zone, FROM, TO);

  test.each(OFTEN)('%s: never later than by what the clocks are set back', (pattern, everyMs) => {
    const found = changesOf(wall).flatMap(({ at, before, after }) => {
      const all = runs(pattern, zone, at - 5 * HOUR, at + 7 * HOUR);
      const setMs = Math.abs(after - before) % DAY;
      const longest = everyMs + (setMs % everyMs === 0 ? 0 : setMs);
      return all
        .slice(1)
        .flatMap((run, n) => (run - (all[n] ?? 0) > longest ? [`${iso(all[n] ?? 0)} to ${iso(run)}`] : []));
    });
    expect(found).toEqual([]);
  });

  test.each(DAILY)('%s: on every day that there is, at its time by the wall', (pattern) => {
    const [minute = 0, hour = 0] = pattern.split(' ').map(Number);
    const found = changesOf(wall).flatMap(({ at, before, after }) => {
      const all = runs(pattern, zone, at - 3 * DAY, at + 3 * DAY);
      const days = new Set(all.map((run) => Math.floor(wall.shows(run) / DAY)));
      const first = Math.floor(wall.shows(at - 2 * DAY) / DAY);
      const wanted = [0, 1, 2, 3]
        .map((n) => first + n)
        .filter((day) => wall.shows(wall.firstShows(day * DAY)) < (day + 1) * DAY);
      const atItsTime = (run: number): boolean => {
        const shown = wall.shows(run) % DAY;
        const asked = hour * HOUR + minute * MINUTE;
        return shown === asked || shown === (asked + Math.abs(after - before)) % DAY;
      };
      return [
        ...wanted.filter((day) => !days.has(day)).map((day) => `none on ${iso(day * DAY)}`),
        ...all.filter((run) => !atItsTime(run)).map((run) => `one at ${iso(run)}`),
      ];
    });
    expect(found).toEqual([]);
  });

  test.each(SELDOM)('%s: in its year, however often the clocks are set until then', (pattern) => {
    const [minute = 0, hour = 0, day = 0, month = 0] = pattern.split(' ').map(Number);
    const days = [2011, 2012, 2013, 2014, 2015].map((year) => new Date(Date.UTC(year, month - 1, day, hour, minute)));
    const there = days.filter((local) => local.getUTCDate() === day);
    const wanted = there.map((local) => wall.firstShows(local.getTime())).filter((at) => at <= TO);
    boundLooks();
    expect(runs(pattern, zone, FROM, TO).map(iso)).toEqual(wanted.map(iso));
  });
});
