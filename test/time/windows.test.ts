import type { Window } from '../../src/types';
import { nextInWindow } from '../../src/window';
import { sized } from '../support/proof';
import { type Span, spansOf, wallClock } from './wall-clock';
import { WINDOWS, ZONES } from './zones';

// Windows in local time over every change of the clocks in many years, against a calculation that shares nothing with it.

const DAY = 86_400_000;
const MINUTE = 60_000;
const [FROM, TO] = sized({ short: ['2010-06-01', '2015-01-01'], full: ['2009-01-01', '2036-01-01'] }).map(
  Date.parse,
) as [number, number];

/** The clocks of UTC and Kathmandu are never set: any day will do. */
const SOME_DAYS = ['2026-03-29', '2026-10-25'].map((day) => Date.parse(`${day}T00:00:00Z`));

const expected = (spans: readonly Span[], from: number): number => {
  const span = spans.find(({ closes }) => from < closes);
  return Math.max(from, span?.opens ?? Number.NaN);
};

const iso = (at: number): string => new Date(at).toISOString();

function differences(window: Window, around: number, wall: ReturnType<typeof wallClock>): string[] {
  const spans = spansOf(window, wall, around - 3 * DAY, around + 12 * DAY);
  const edges = spans.flatMap(({ opens, closes }) => [opens, closes]);
  const asked = [around, ...edges].filter((at) => at > around - DAY && at < around + 2 * DAY);
  return asked
    .flatMap((at) => [at - 1, at])
    .filter((at) => nextInWindow(window, at) !== expected(spans, at))
    .map(
      (at) => `${JSON.stringify(window)} ${iso(at)}: ${iso(nextInWindow(window, at))}, not ${iso(expected(spans, at))}`,
    );
}

test.each(ZONES)('%s: a window opens once a day, at its time by the wall, at every change of the clocks', (zone) => {
  const wall = wallClock(zone, FROM, TO);
  const arounds = wall.changes.length === 0 ? SOME_DAYS : wall.changes.map(({ at }) => at);
  const found = arounds.flatMap((around) => {
    const weekday = new Date(around).getUTCDay() || 7;
    return WINDOWS.flatMap((times) => [
      ...differences({ zone, ...times }, around, wall),
      ...differences({ zone, ...times, days: [weekday] }, around, wall),
    ]);
  });
  expect(found).toEqual([]);
});

test('the oracle knows the changes of the clocks', () => {
  const of = (zone: string) => wallClock(zone, Date.parse('2010-01-01'), Date.parse('2027-01-01')).changes;
  expect(of('Asia/Kathmandu')).toEqual([]);
  expect(of('Europe/Berlin').map(({ at }) => iso(at))).toContain('2026-03-29T01:00:00.000Z');
  expect(of('Australia/Lord_Howe').find(({ at }) => at > Date.parse('2026-01-01'))).toEqual({
    at: Date.parse('2026-04-04T15:00:00Z'),
    before: 11 * 60 * MINUTE,
    after: 10.5 * 60 * MINUTE,
  });
  expect(of('Pacific/Apia').some(({ before, after }) => after - before === DAY)).toBe(true);
  expect(of('Africa/Casablanca').length).toBeGreaterThan(40);
});
