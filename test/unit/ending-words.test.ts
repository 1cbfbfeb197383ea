import { DELETED_BY_A_PERSON, decideImport, troubleWord } from '../../src/by-hand';
import { paused } from '../../src/decision';
import { dueTime, graceEndsAt, tooSoon, usedUntil } from '../../src/due';
import { decideRevocation, decideRotation } from '../../src/policy';
import { tag } from '../../src/rotation-tags';
import type { Credential } from '../../src/types';
import { whyNotUndone } from '../../src/undo';
import { intentId, tryId, valueId } from '../../src/version-ids';
import { accessKey, authSecret, finoutToken, outboundRecipient } from '../support/credentials';
import { AGED, type Case, input, OLD, settledOn, YOUNG } from '../support/decisions';
import { DAY, FOREIGN, HOUR, NOW, observed, parsedValue, valueAged } from '../support/observations';

// The words and the moments of credentials that end, that come back, and that a person makes.

const retiredTag = (version: string, unused = false) => tag.retired({ version, at: NOW - HOUR, unused });
const retiredOne =
  (make: typeof authSecret | typeof outboundRecipient, deleteSecret: boolean) =>
  (id: string, given?: object): Credential => ({ ...make(id, given), retired: { deleteSecret } });
const ends = (given: Case, deleteSecret = false) =>
  decideRevocation(input(retiredOne(authSecret, deleteSecret), given));

describe('a retired entry', () => {
  test.each<[string, Case, object]>([
    ['holds nothing', { tags: {} }, { state: 'retired', action: 'none', reason: 'secret-never-held-a-value' }],
    [
      'is suspended',
      { ...settledOn(YOUNG), policy: { suspendUntil: NOW + 1 } },
      { state: 'suspended', action: 'none', reason: 'suspended', at: NOW + 1 },
    ],
    [
      'was deleted before its grants ended',
      { ...settledOn(YOUNG), scheduledForDeletion: true, more: retiredTag(YOUNG) },
      { state: 'retiring', action: 'resume', reason: 'scheduled-for-deletion-before-its-grants-ended' },
    ],
    [
      'was deleted by somebody who wrote a tag of their own',
      { ...settledOn(YOUNG), scheduledForDeletion: true, more: { 'rotation:retired': 'by hand' } },
      { state: 'being-deleted', action: 'none', reason: 'secret-scheduled-for-deletion' },
    ],
    [
      'was deleted after somebody took our tag',
      { ...settledOn(YOUNG), scheduledForDeletion: true, tags: {} },
      { state: 'being-deleted', action: 'none', reason: 'secret-scheduled-for-deletion' },
    ],
  ])('%s', (_what, given, expected) => {
    expect(ends(given, true)).toEqual(expected);
  });

  test('two reasons why its secret is kept are both told', () => {
    const more = {
      ...retiredTag(YOUNG),
      ...tag.revoked(OLD, YOUNG),
      ...tag.suspect('0'.repeat(32), 'never'),
      ...tag.unrevoked(OLD, 'no'),
    };
    expect(ends({ ...settledOn(YOUNG), previous: OLD, more }, true)).toEqual({
      state: 'retiring',
      action: 'none',
      reason: 'suspected-orphans-are-open grants-are-unrevoked',
    });
  });

  test('of a kind that cannot be revoked has AWSPREVIOUS settled first', () => {
    const given = { ...settledOn(YOUNG), previous: OLD };
    expect(decideRevocation(input(retiredOne(outboundRecipient, false), given))).toEqual({
      state: 'retiring',
      action: 'settle',
      reason: 'to-be-settled',
    });
  });
});

describe('unused', () => {
  const V = valueAged(20 * DAY);
  const policy = { revokeUnusedAfterMs: 10 * DAY };
  const watched = (given: Case) => decideRevocation(input(authSecret, { ...settledOn(V), policy, ...given }));

  test('is stale, and then unused, until a message asks for another', () => {
    expect(watched({})).toEqual({ state: 'stale', action: 'retire', reason: 'unused' });
    const done = { ...settledOn(V), policy, more: { ...retiredTag(V, true), ...tag.revoked(V) } };
    expect(decideRotation(input(authSecret, done))).toEqual({ state: 'unused', action: 'none', reason: 'unused' });
    expect(decideRotation(input(authSecret, { ...done, wish: 'normal' }))).toEqual({
      state: 'due',
      action: 'rotate',
      reason: 'was-unused',
    });
  });

  test('is not judged before a suspension ends', () => {
    expect(watched({ policy: { ...policy, suspendUntil: NOW + 1 } })).toMatchObject({ action: 'none' });
    expect(watched({ policy: { ...policy, suspendUntil: NOW } })).toMatchObject({ action: 'retire' });
  });

  test('counts from the issue, the promotion of this very version, or the last day of a read', () => {
    const until = (given: Parameters<typeof observed>[1], more = {}) => {
      const credential = authSecret('acme', policy);
      const seen = observed(credential, {
        ...settledOn(V),
        ...given,
        tags: { ...tag.credential(credential), ...more },
      });
      return usedUntil(credential, seen);
    };
    const { issuedAt } = parsedValue(V);
    expect(until({})).toBe(issuedAt + 10 * DAY);
    expect(until({}, tag.promoted(V, NOW))).toBe(NOW + 10 * DAY);
    expect(until({}, tag.promoted(OLD, NOW))).toBe(issuedAt + 10 * DAY);
    expect(until({ lastAccessedOn: NOW })).toBe(NOW + 11 * DAY);
    const unknown = observed(authSecret('acme', policy), { current: FOREIGN });
    expect(usedUntil(authSecret('acme', policy), unknown)).toBeUndefined();
    expect(usedUntil(authSecret('acme'), observed(authSecret('acme'), settledOn(V)))).toBeUndefined();
    expect(usedUntil(authSecret('acme', policy), observed(authSecret('acme', policy)))).toBeUndefined();
  });
});

describe('when things fall due', () => {
  test('a window that leaves less than an hour before the grant ends is too late', () => {
    const window = { zone: 'UTC', from: '14:00', to: '15:00' };
    const credential = accessKey('acme', { window });
    const at = (expiresAt: number) => {
      const current = valueAged(80 * DAY, 'base', expiresAt);
      return dueTime(credential, observed(credential, settledOn(current)), NOW)?.at;
    };
    const opens = NOW + 2 * HOUR;
    expect(at(opens)).toBeLessThan(NOW);
    expect(at(opens + HOUR - 1_000)).toBeLessThan(NOW);
    expect(at(opens + HOUR)).toBe(opens);
  });

  test('a window that opens as the grant ends is too late, however little is left before it', () => {
    const window = { zone: 'UTC', from: '14:00', to: '15:00' };
    const credential = accessKey('acme', { window, renewBeforeMs: 0 });
    const due = (expiresAt: number) =>
      dueTime(credential, observed(credential, settledOn(valueAged(80 * DAY, 'base', expiresAt))), NOW);
    const opens = NOW + 2 * HOUR;
    expect(due(opens)?.at).toBe(due(opens)?.from);
    expect(due(opens + 1_000)?.at).toBe(opens);
  });

  test('the moment when something fell due, or a grace ended, stays what it was where no window is waited for', () => {
    const old = authSecret('acme');
    const due = dueTime(old, observed(old, settledOn(AGED)), NOW);
    expect(due?.at).toBe(due?.from);
    expect(due?.at).toBeLessThan(NOW);
    const replaced = { ...settledOn(valueAged(2 * DAY)), previous: OLD };
    expect(graceEndsAt(old, observed(old, replaced), NOW)).toBe(NOW - DAY);
  });

  test('where a confirmation is waited for, a grant ends with its expiry, in the window or not', () => {
    const window = { zone: 'UTC', from: '02:00', to: '03:00' };
    const credential = accessKey('acme', { window, revokeAfter: 'confirmation' });
    const previous = valueAged(90 * DAY, 'base', NOW + DAY);
    expect(graceEndsAt(credential, observed(credential, { ...settledOn(YOUNG), previous }), NOW)).toBe(NOW + DAY);
  });

  test('a version that is as old as the one before it counts from its issue', () => {
    const credential = authSecret('acme');
    const { rotationId, issuedAt } = parsedValue(YOUNG);
    const previous = valueId(rotationId, undefined, 'another base');
    const seen = observed(credential, { current: YOUNG, previous, lastChangedAt: NOW });
    expect(graceEndsAt(credential, seen, NOW)).toBe(issuedAt + DAY);
  });

  test('nothing is too soon where the age is unknown', () => {
    const credential = authSecret('acme');
    expect(tooSoon(credential, observed(credential, { current: FOREIGN }), NOW, 'normal')).toBeUndefined();
  });

  test('an account that a tag says is paused is so until somebody finds out more', () => {
    expect(paused('unknown')).toEqual({ state: 'paused', action: 'none', reason: 'account-paused' });
    expect(paused(NOW)).toEqual({ state: 'paused', action: 'none', reason: 'account-paused', at: NOW });
  });
});

describe('what a person makes', () => {
  test('of an age that nobody knows is taken as young', () => {
    const given = input(finoutToken, { current: FOREIGN });
    expect(decideImport(given)).toEqual({ state: 'fresh', action: 'none', reason: 'young' });
    expect(decideImport({ ...given, seen: undefined })).toMatchObject({ reason: 'first-value-comes-by-import' });
  });

  test('is asked for again when the word of its trouble changes', () => {
    const expiring = (inMs: number) => ({ state: 'expiring', action: 'none', reason: 'r', at: NOW + inMs }) as const;
    expect(troubleWord(expiring(8 * DAY), NOW)).toBe('expiring r ');
    expect(troubleWord(expiring(7 * DAY), NOW)).toBe('expiring r 7');
    expect(troubleWord(expiring(DAY), NOW)).toBe('expiring r 1');
    expect(troubleWord(expiring(1), NOW)).toBe('expiring r 1');
    expect(troubleWord(expiring(0), NOW)).toBe('expiring r ');
    expect(troubleWord({ state: 'expiring', action: 'none', reason: 'r' }, NOW)).toBe('expiring r');
    expect(troubleWord({ state: 'expired', action: 'none', reason: 'r', at: NOW + 1 }, NOW)).toBe('expired r');
  });

  test('is for a person to delete, in words that a tag may hold', () => {
    expect(tag.unrevoked('v', DELETED_BY_A_PERSON)).toEqual({
      'rotation:unrevoked:v': 'made by a person: a person has to delete it in the portal of the vendor',
    });
  });
});

describe('a value that cannot come back', () => {
  const acme = authSecret('acme');
  const why = (given: Parameters<typeof observed>[1], now = NOW) =>
    whyNotUndone({ undo: 'enable' }, observed(acme, given), now);

  test('since there is none', () => {
    for (const given of [{}, { current: intentId('acme') }]) expect(why(given)).toBe('no-value-yet');
    for (const previous of [intentId('acme'), tryId(AGED, 1)])
      expect(why({ current: YOUNG, previous })).toBe('no-value-before-it');
    expect(why({ current: YOUNG })).toBe('no-value-before-it');
  });

  test('since it has expired, to the moment', () => {
    const previous = valueAged(2 * DAY, 'base', NOW);
    expect(why({ current: YOUNG, previous })).toBe('the-value-before-it-has-expired');
    expect(why({ current: YOUNG, previous }, NOW - 1)).toBeUndefined();
  });
});
