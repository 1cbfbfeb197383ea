import fc from 'fast-check';
import { nextTimes, rateOf } from '../../../src/queue/rate';

test('a rate is a number of calls in a window, also where it is not whole or less than one a second', () => {
  expect(rateOf(5)).toEqual({ count: 5, windowMs: 1_000 });
  expect(rateOf(2.5)).toEqual({ count: 2, windowMs: 800 });
  expect(rateOf(0.2)).toEqual({ count: 1, windowMs: 5_000 });
});

test('no window ever holds more calls than the rate allows, and the calls keep their order', () => {
  const calls = fc.array(fc.record({ n: fc.integer({ min: 1, max: 9 }), pause: fc.integer({ min: 0, max: 1_500 }) }));
  fc.assert(
    fc.property(calls, fc.integer({ min: 1, max: 6 }), (demands, callsPerSecond) => {
      const rate = rateOf(callsPerSecond);
      const times: number[] = [];
      let now = 0;
      for (const { n, pause } of demands) {
        now += pause;
        times.push(...nextTimes(times, n, now, rate));
      }
      for (const [i, time] of times.entries()) {
        expect(time).toBeGreaterThanOrEqual(times[i - 1] ?? 0);
        expect(time - (times[i - rate.count] ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(rate.windowMs);
      }
    }),
  );
});

test('a call goes at once where the rate has room', () => {
  expect(nextTimes([0, 10], 1, 500, { count: 3, windowMs: 1_000 })).toEqual([500]);
  expect(nextTimes([0, 10, 20], 2, 500, { count: 3, windowMs: 1_000 })).toEqual([1_000, 1_010]);
});
