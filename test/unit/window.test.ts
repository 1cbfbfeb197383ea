import type { Window } from '../../src/types';
import { nextInWindow, openUntil } from '../../src/window';

const next = (window: Window, from: string) => new Date(nextInWindow(window, Date.parse(from))).toISOString();

const NIGHT: Window = { zone: 'Europe/Berlin', from: '02:00', to: '05:00' };

test('without a window every time is inside', () => {
  expect(nextInWindow(undefined, 1234)).toBe(1234);
});

test.each([
  ['before it opens: when it opens', '2026-11-21T00:30:00Z', '2026-11-21T01:00:00.000Z'],
  ['as it opens: now', '2026-11-21T01:00:00Z', '2026-11-21T01:00:00.000Z'],
  ['inside: now', '2026-11-21T03:59:59.999Z', '2026-11-21T03:59:59.999Z'],
  ['as it closes: tomorrow', '2026-11-21T04:00:00Z', '2026-11-22T01:00:00.000Z'],
  ['after it: tomorrow', '2026-11-21T12:00:00Z', '2026-11-22T01:00:00.000Z'],
])('%s', (_what, from, expected) => {
  expect(next(NIGHT, from)).toBe(expected);
});

describe('over midnight', () => {
  const window: Window = { zone: 'America/New_York', from: '22:00', to: '02:00' };
  test.each([
    ['before midnight it is open', '2026-11-22T04:30:00Z', '2026-11-22T04:30:00.000Z'],
    ['after midnight it is open', '2026-11-22T06:59:00Z', '2026-11-22T06:59:00.000Z'],
    ['in the morning it is closed', '2026-11-22T07:00:00Z', '2026-11-23T03:00:00.000Z'],
  ])('%s', (_what, from, expected) => {
    expect(next(window, from)).toBe(expected);
  });

  test('a weekday is the day on which it opens', () => {
    const friday = { ...window, days: [5] };
    expect(next(friday, '2026-11-21T06:30:00Z')).toBe('2026-11-21T06:30:00.000Z'); // Saturday 01:30, opened on Friday
    expect(next(friday, '2026-11-22T06:30:00Z')).toBe('2026-11-28T03:00:00.000Z'); // opened on Saturday
  });
});

test('weekdays are met in a week at most', () => {
  expect(next({ ...NIGHT, days: [7] }, '2026-11-22T04:00:00Z')).toBe('2026-11-29T01:00:00.000Z');
  expect(next({ ...NIGHT, days: [1, 3] }, '2026-11-21T12:00:00Z')).toBe('2026-11-23T01:00:00.000Z');
});

test('from and to alike: the whole day', () => {
  expect(next({ ...NIGHT, from: '03:00', to: '03:00' }, '2026-11-21T12:34:00Z')).toBe('2026-11-21T12:34:00.000Z');
});

test('far from Greenwich too, what opened yesterday by the wall is still open', () => {
  const window: Window = { zone: 'Pacific/Pago_Pago', from: '22:00', to: '04:00' };
  expect(next(window, '2026-11-21T14:00:00Z')).toBe('2026-11-21T14:00:00.000Z'); // 03:00
});

test('a window that opens on no day is none', () => {
  expect(next({ ...NIGHT, days: [] }, '2026-11-21T12:00:00Z')).toBe('2026-11-21T12:00:00.000Z');
});

test.each([
  ['as it opens', '2026-11-21T01:00:00Z', '2026-11-21T04:00:00.000Z'],
  ['to its last moment', '2026-11-21T03:59:59.999Z', '2026-11-21T04:00:00.000Z'],
  ['not before it', '2026-11-21T00:59:59.999Z', undefined],
  ['not as it closes', '2026-11-21T04:00:00Z', undefined],
])('it is open until it closes: %s', (_when, at, expected) => {
  const closes = openUntil(NIGHT, Date.parse(at));
  expect(closes && new Date(closes).toISOString()).toBe(expected);
});

test('nothing closes where there is no window, or one that opens on no day', () => {
  expect(openUntil(undefined, 1234)).toBeUndefined();
  expect(openUntil({ ...NIGHT, days: [] }, 1234)).toBeUndefined();
});

describe('over a change of the clocks', () => {
  test('the hours stay those of the wall', () => {
    expect(next(NIGHT, '2026-07-01T12:00:00Z')).toBe('2026-07-02T00:00:00.000Z');
    expect(next(NIGHT, '2026-12-01T12:00:00Z')).toBe('2026-12-02T01:00:00.000Z');
  });

  test.each([
    [
      'Berlin, spring: 02:30 does not exist',
      { zone: 'Europe/Berlin', from: '02:30', to: '04:00' },
      '2026-03-28T20:00:00Z',
      '2026-03-29T01:00:00.000Z',
    ],
    [
      'New York, spring',
      { zone: 'America/New_York', from: '02:30', to: '05:00' },
      '2026-03-08T05:00:00Z',
      '2026-03-08T07:00:00.000Z',
    ],
    [
      'Berlin, autumn: the window is an hour longer',
      { zone: 'Europe/Berlin', from: '01:00', to: '04:00' },
      '2026-10-25T02:59:00Z',
      '2026-10-25T02:59:00.000Z',
    ],
    [
      'Lord Howe, half an hour',
      { zone: 'Australia/Lord_Howe', from: '01:00', to: '03:00' },
      '2026-10-03T20:00:00Z',
      '2026-10-04T14:00:00.000Z',
    ],
    [
      'Cairo, where midnight is skipped',
      { zone: 'Africa/Cairo', from: '00:30', to: '03:00' },
      '2026-04-23T20:00:00Z',
      '2026-04-23T22:00:00.000Z',
    ],
    [
      'Berlin, spring: it closes as soon as the wall shows its end',
      { zone: 'Europe/Berlin', from: '01:30', to: '02:30' },
      '2026-03-29T01:00:00Z',
      '2026-03-29T23:30:00.000Z',
    ],
    [
      'Berlin, spring: what is skipped whole opens all the same, for as long',
      { zone: 'Europe/Berlin', from: '02:15', to: '02:45' },
      '2026-03-29T01:29:59Z',
      '2026-03-29T01:29:59.000Z',
    ],
    [
      'Berlin, spring: and then it closes',
      { zone: 'Europe/Berlin', from: '02:15', to: '02:45' },
      '2026-03-29T01:30:00Z',
      '2026-03-30T00:15:00.000Z',
    ],
    [
      'Berlin, spring: what opens before the clocks are set',
      { zone: 'Europe/Berlin', from: '01:30', to: '04:00' },
      '2026-03-28T20:00:00Z',
      '2026-03-29T00:30:00.000Z',
    ],
    [
      'Berlin, autumn: what comes twice opens at first',
      { zone: 'Europe/Berlin', from: '02:30', to: '05:00' },
      '2026-10-24T20:00:00Z',
      '2026-10-25T00:30:00.000Z',
    ],
    [
      'Berlin, autumn: and closes at first',
      { zone: 'Europe/Berlin', from: '01:00', to: '02:30' },
      '2026-10-25T00:30:00Z',
      '2026-10-26T00:00:00.000Z',
    ],
    [
      'Apia: the Friday that was left out',
      { zone: 'Pacific/Apia', from: '12:00', to: '13:00', days: [5] },
      '2011-12-29T12:00:00Z',
      '2011-12-30T10:00:00.000Z',
    ],
    [
      'Kolkata, no change',
      { zone: 'Asia/Kolkata', from: '00:00', to: '01:00' },
      '2026-03-29T12:00:00Z',
      '2026-03-29T18:30:00.000Z',
    ],
  ] as [string, Window, string, string][])('%s', (_what, window, from, expected) => {
    expect(next(window, from)).toBe(expected);
  });
});

test('a window whose beginning is skipped does not open after its end: what is due meets it on that day', () => {
  const window: Window = { zone: 'Europe/Berlin', from: '02:30', to: '03:15' };
  const opens = next(window, '2026-03-29T00:59:00Z');
  expect(opens).toBe('2026-03-29T01:00:00.000Z'); // 03:00 by the wall
  expect(next(window, opens)).toBe(opens);
  expect(next(window, '2026-03-29T01:15:00Z')).toBe('2026-03-30T00:30:00.000Z');
});
