import { tag } from '../../src/rotation-tags';
import { whyNotUndone } from '../../src/undo';
import { authSecret } from '../support/credentials';
import { DAY, FOREIGN, HOUR, NOW, observed, valueAged } from '../support/observations';

const [OLD, CURRENT] = [valueAged(DAY), valueAged(HOUR)];
const acme = authSecret('acme');
const settled = { ...tag.credential(acme), ...tag.revoked(OLD) };
const seen = observed(acme, { current: CURRENT, previous: OLD, tags: settled });

test('a value that was revoked comes back only where the vendor can enable it', () => {
  expect(whyNotUndone({ undo: 'enable' }, seen, NOW)).toBeUndefined();
  expect(whyNotUndone({ undo: 'forward' }, seen, NOW)).toBe('the-value-before-it-was-revoked');
});

test('a value that could not be revoked is alive', () => {
  const tags = { ...settled, ...tag.unrevoked(OLD, 'by hand') };
  expect(
    whyNotUndone({ undo: 'forward' }, observed(acme, { current: CURRENT, previous: OLD, tags }), NOW),
  ).toBeUndefined();
});

test('a value that a person stored may come back', () => {
  expect(
    whyNotUndone({ undo: 'forward' }, observed(acme, { current: CURRENT, previous: FOREIGN }), NOW),
  ).toBeUndefined();
});

test('a value of our own choice may come back, unless it is compromised', () => {
  expect(whyNotUndone({ undo: 'change' }, seen, NOW)).toBeUndefined();
  const tags = { ...settled, ...tag.compromised(OLD, NOW) };
  expect(whyNotUndone({ undo: 'change' }, observed(acme, { current: CURRENT, previous: OLD, tags }), NOW)).toBe(
    'the-value-before-it-is-compromised',
  );
});

test('a kind that cannot says so before all else', () => {
  expect(whyNotUndone({ undo: 'none' }, undefined, NOW)).toBe('the-kind-cannot-roll-back');
  expect(whyNotUndone({ undo: 'forward' }, undefined, NOW)).toBe('no-value-yet');
});
