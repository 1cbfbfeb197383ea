import { awsClock } from '../../src/clock';

const header = (at: number) => new Date(at).toUTCString();
const T = Date.parse('2026-11-21T12:00:00Z');

function clockAt(start: number) {
  let host = start;
  const clock = awsClock(() => host);
  return {
    clock,
    /** One call: sent now, answered so much later by an AWS whose clock is so far ahead. */
    call: (ahead: number, tookMs = 20) => {
      const sentAt = host;
      host += tookMs;
      clock.learn(header(sentAt + tookMs / 2 + ahead), sentAt, host);
    },
    pass: (ms: number) => {
      host += ms;
    },
    offset: () => clock.now() - host,
  };
}

test('before the first answer now is the host’s now', () => {
  expect(clockAt(T).offset()).toBe(0);
});

test.each([0, 90_000, -90_000, 3_600_000])(
  'an AWS that is %d ms ahead is known to within a second at once',
  (ahead) => {
    const { call, offset } = clockAt(T + 400);
    call(ahead);
    expect(Math.abs(offset() - ahead)).toBeLessThanOrEqual(1_000);
  },
);

test('more answers make it more exact, and it does not wander', () => {
  const { call, pass, offset } = clockAt(T);
  for (let n = 0; n < 200; n += 1) {
    call(45_678, 10);
    pass(137);
  }
  expect(Math.abs(offset() - 45_678)).toBeLessThan(100);
  const before = offset();
  for (let n = 0; n < 50; n += 1) call(45_678, 10);
  expect(Math.abs(offset() - before)).toBeLessThan(50);
});

test('a host clock that is near enough is left as it is', () => {
  const { call, pass, offset } = clockAt(T + 300);
  for (let n = 0; n < 100; n += 1) {
    call(0, 10);
    pass(119);
  }
  expect(Math.abs(offset())).toBeLessThan(20);
});

test('a slow answer moves it no further than it must', () => {
  const { call, offset } = clockAt(T + 500);
  call(0, 30_000);
  expect(offset()).toBe(0);
});

test('when the host clock is set, the next answer sets it right', () => {
  const { call, pass, offset } = clockAt(T);
  call(0);
  pass(-600_000);
  call(600_000);
  expect(Math.abs(offset() - 600_000)).toBeLessThanOrEqual(1_000);
});

test.each([undefined, '', 'yesterday'])('an answer whose Date is %p teaches nothing', (date) => {
  const clock = awsClock(() => T);
  clock.learn(date, T - 5_000_000, T);
  expect(clock.now()).toBe(T);
});

test('durations within the process do not follow it', () => {
  const clock = awsClock(() => T);
  const from = clock.monotonic();
  clock.learn(header(T + 3_600_000), T, T);
  expect(clock.monotonic() - from).toBeLessThan(1_000);
});
