import { expiryOf } from '../../../src/cli/expiry';

const NOW = Date.UTC(2027, 0, 1);
const of = (text: string | undefined) => expiryOf('flinks-auth-secret', text, NOW);

test.each([
  ['2027-06-30', '2027-06-30T00:00:00.000Z'],
  ['2027-06-30T12:30:00Z', '2027-06-30T12:30:00.000Z'],
  ['2027-06-30T12:30:00.9-04:00', '2027-06-30T16:30:00.000Z'],
])('%s is %s, in whole seconds', (text, instant) => {
  expect(new Date(of(text) ?? 0).toISOString()).toBe(instant);
});

test('never, or not said', () => {
  expect([of('never'), of(undefined)]).toEqual([undefined, undefined]);
});

test.each(['2027', 'tomorrow', '30.06.2027', '2027-06-31', '2027-06-30T12:30:00', '2027-06-30 12:30Z', ''])(
  '"%s" is refused, and not repeated',
  (text) => {
    expect(() => of(text)).toThrow(/^--expires cannot be read: write an ISO date/);
  },
);

test.each(['2026-12-31', '2027-01-01'])('%s has passed', (text) => {
  expect(() => of(text)).toThrow(/lies in the past/);
});
