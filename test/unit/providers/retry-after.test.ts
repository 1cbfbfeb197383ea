import { retryAfterMs } from '../../../src/providers/retry-after';

const now = Date.parse('2030-01-01T00:00:00Z');

it.each([
  ['0', 0],
  ['7', 7_000],
  [' 7 ', 7_000],
  ['1.5', 1_500],
  ['86400', 86_400_000],
  ['99999999999999999999', 86_400_000],
  ['Tue, 01 Jan 2030 00:00:30 GMT', 30_000],
  ['Mon, 31 Dec 2029 00:00:00 GMT', 0],
  ['Fri, 01 Jan 2100 00:00:00 GMT', 86_400_000],
  ['Tuesday, 01-Jan-30 00:00:30 GMT', 30_000],
])('reads %p as %p ms', (header, expected) => {
  expect(retryAfterMs(header, now)).toBe(expected);
});

it.each([undefined, '', 'soon', '-5', '1e3', '0x10', 'NaN', 'Infinity', '2030-01-01', 'Tue, nonsense'])(
  'makes nothing of %p',
  (header) => {
    expect(retryAfterMs(header, now)).toBeUndefined();
  },
);
