import { baseHash, intentId, newRotationId, parseVersionId, tryId, valueId } from '../../src/version-ids';
import { FOREIGN, NOW } from '../support/observations';

const BASE = 'terraform-20260101000000000000000001';

test('every id of ours has 64 characters, the most that AWS takes', () => {
  const value = valueId(newRotationId(NOW), NOW, BASE);
  for (const id of [
    value,
    valueId(newRotationId(0), undefined, BASE),
    intentId(BASE),
    tryId(value, 1),
    tryId(value, 3),
  ]) {
    expect(id).toHaveLength(64);
  }
});

test('a rotation id is a UUIDv7: its time, its version 7, its variant, and nothing that repeats', () => {
  const ids = Array.from({ length: 200 }, () => newRotationId(NOW));
  expect(new Set(ids).size).toBe(200);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
  expect(Number.parseInt(ids[0]?.slice(0, 12) ?? '', 16)).toBe(NOW);
});

test('the id of a value tells its rotation, its age, its expiry and its base', () => {
  const rotationId = newRotationId(NOW);
  expect(parseVersionId(valueId(rotationId, NOW + 90_000, BASE))).toEqual({
    is: 'value',
    id: expect.any(String),
    rotationId,
    issuedAt: NOW,
    expiresAt: NOW + 90_000,
    baseHash: baseHash(BASE),
  });
});

test('an expiry is kept in whole seconds, never later than asked', () => {
  const kept = (expiresAt: number | undefined) => {
    const version = parseVersionId(valueId(newRotationId(NOW), expiresAt, BASE));
    return version.is === 'value' ? version.expiresAt : 'no value';
  };
  expect(kept(NOW + 999)).toBe(NOW);
  expect(kept(undefined)).toBeUndefined();
});

test('an expiry beyond eight hex digits is kept as the last second that they hold, and the id stays valid', () => {
  const id = valueId(newRotationId(NOW), Date.parse('2200-01-01'), BASE);
  expect(id).toHaveLength(64);
  expect(parseVersionId(id)).toMatchObject({ is: 'value', expiresAt: 0xffff_ffff * 1000 });
});

test('an intent has one id for each version before it, so that only one worker can create it', () => {
  expect(intentId(BASE)).toBe(intentId(BASE));
  expect(intentId(BASE)).not.toBe(intentId(`${BASE}2`));
  expect(parseVersionId(intentId(BASE))).toEqual({ is: 'intent', id: intentId(BASE) });
});

test('each try of a value has an id of its own', () => {
  const ids = [tryId('a', 1), tryId('a', 2), tryId('b', 1)];
  expect(new Set(ids).size).toBe(3);
  for (const id of ids) expect(parseVersionId(id)).toEqual({ is: 'try', id });
});

test.each([
  ['a UUID with hyphens', FOREIGN],
  ['a UUIDv4 in our form', `${'0'.repeat(12)}4${'0'.repeat(3)}8${'0'.repeat(15)}-00000000-${'0'.repeat(22)}`],
  ['an id of ours in capitals', valueId(newRotationId(NOW), undefined, BASE).toUpperCase()],
  ['an id of ours with something after it', `${valueId(newRotationId(NOW), undefined, BASE)} `],
  ['an intent that is too short', intentId(BASE).slice(0, -1)],
  ['a try without number', `try-${'0'.repeat(60)}`],
  ['what terraform writes', BASE],
])('%s is foreign', (_what, id) => {
  expect(parseVersionId(id)).toEqual({ is: 'foreign', id });
});
