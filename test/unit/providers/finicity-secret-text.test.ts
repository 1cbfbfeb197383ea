import fc from 'fast-check';
import {
  LONGEST_PARTNER_SECRET,
  randomPartnerSecret,
  SHORTEST_PARTNER_SECRET,
} from '../../../src/providers/finicity-secret-text';
import { PARTNER_SECRET_POLICY } from '../../sandbox/vendor-facts/finicity';

test("every one is of the vendor's alphabet, of the length asked for, with a letter and a digit", () => {
  const lengths = fc.integer({ min: SHORTEST_PARTNER_SECRET, max: LONGEST_PARTNER_SECRET });
  fc.assert(
    fc.property(lengths, (length) => {
      const text = randomPartnerSecret(length);
      expect(text).toHaveLength(length);
      expect(text).toMatch(PARTNER_SECRET_POLICY);
    }),
    { numRuns: 500 },
  );
});

test('every permitted character comes, none much oftener than another', () => {
  const counts = new Map<string, number>();
  const drawn = Array.from({ length: 600 }, () => randomPartnerSecret(LONGEST_PARTNER_SECRET)).join('');
  for (const character of drawn) counts.set(character, (counts.get(character) ?? 0) + 1);
  expect([...counts.keys()].sort().join('')).toBe(
    '!#$%&*+-0123456789@ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz',
  );
  const expected = drawn.length / counts.size;
  const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  // 71 degrees of freedom: beyond 200 once in 10^13 runs; modulo bias of a byte (256 = 3 * 72 + 40) comes to thousands.
  expect(chiSquare).toBeLessThan(200);
});

test('no two are alike', () => {
  const many = Array.from({ length: 2_000 }, () => randomPartnerSecret(SHORTEST_PARTNER_SECRET));
  expect(new Set(many).size).toBe(many.length);
});
