import { decideRevocation, decideRotation } from '../../src/policy';
import { suspectKey, type Tags, tag } from '../../src/rotation-tags';
import { mappingFingerprint } from '../../src/value-fit';
import { intentId, newRotationId } from '../../src/version-ids';
import { authSecret, finoutToken } from '../support/credentials';
import {
  AGED,
  type Case,
  failed,
  input,
  key,
  OLD,
  outbound,
  revocation,
  rotation,
  settledOn,
  YOUNG,
} from '../support/decisions';
import { DAY, FOREIGN, HOUR, NOW, observed, parsedValue, valueAged } from '../support/observations';

// State, action and reason stand in logs, metrics, jobs and the status, where people and alarms look for them: each word is
// what it is, and the moments at which an answer changes are exact.

const suspect = (until: number | 'never' = 'never'): Tags => tag.suspect(newRotationId(1), until);

describe('the words of rotation', () => {
  test('a secret that is missing', () => {
    const missing = (create: boolean) =>
      decideRotation({ ...input(authSecret, { policy: { create } }), seen: undefined });
    expect(missing(false)).toEqual({
      state: 'missing',
      action: 'none',
      reason: 'secret-missing-and-may-not-be-created',
    });
    expect(missing(true)).toEqual({ state: 'absent', action: 'rotate', reason: 'no-value-yet' });
  });

  test.each<[string, Case, object]>([
    [
      'a secret that is being deleted',
      { ...settledOn(AGED), scheduledForDeletion: true },
      { state: 'being-deleted', action: 'none', reason: 'secret-scheduled-for-deletion' },
    ],
    [
      'a version of a person',
      { current: FOREIGN },
      { state: 'interrupted', action: 'resume', reason: 'a-person-made-a-version-current' },
    ],
    [
      'the same, blocked',
      { current: FOREIGN, more: tag.blocked('look at it') },
      { state: 'blocked', action: 'none', reason: 'look at it' },
    ],
    [
      'a value over another base',
      { current: AGED, pending: valueAged(0, OLD) },
      { state: 'superseded', action: 'resume', reason: 'base-is-no-longer-current' },
    ],
    [
      'the same, blocked',
      { current: AGED, pending: valueAged(0, OLD), more: tag.blocked('look at it') },
      { state: 'blocked', action: 'none', reason: 'look at it' },
    ],
    [
      'an intent whose owner is gone',
      { current: AGED, pending: intentId(AGED), lastChangedAt: NOW - 30_000 },
      { state: 'interrupted', action: 'resume', reason: 'owner-is-gone', at: NOW },
    ],
    [
      'an intent whose owner may act',
      { current: AGED, pending: intentId(AGED), lastChangedAt: NOW - 29_999 },
      { state: 'in-flight', action: 'resume', reason: 'owner-may-act', at: NOW + 1 },
    ],
    [
      'AWSPENDING nowhere',
      { current: AGED },
      { state: 'interrupted', action: 'resume', reason: 'awspending-is-nowhere' },
    ],
    [
      'the same, blocked',
      { current: AGED, more: tag.blocked('look at it') },
      { state: 'blocked', action: 'none', reason: 'look at it' },
    ],
    ['a wish', { ...settledOn(YOUNG), wish: 'normal' }, { state: 'due', action: 'rotate', reason: 'on-demand' }],
  ])('%s', (_what, given, expected) => {
    expect(rotation(given)).toEqual(expected);
  });

  test('what falls due outside its window is due from that moment, and waits', () => {
    const window = { zone: 'UTC', from: '02:00', to: '04:00' };
    const given = { ...settledOn(valueAged(HOUR, 'base', NOW + 7 * DAY)), policy: { window } };
    const at = NOW + 14 * HOUR;
    expect(key({ ...given, now: NOW - 1 })).toEqual({ state: 'fresh', action: 'none', reason: 'young', at });
    expect(key({ ...given, now: NOW })).toEqual({ state: 'due', action: 'none', reason: 'outside-window', at });
  });

  test('a value that is to be adopted', () => {
    const credential = { ...authSecret('acme'), adopt: { grants: {}, drops: [] } };
    const seen = observed(credential, { current: FOREIGN, tags: {} });
    expect(decideRotation({ ...input(authSecret, {}), credential, seen })).toEqual({
      state: 'interrupted',
      action: 'resume',
      reason: 'to-be-adopted',
    });
  });

  test('an AWSCURRENT that a lost call may have killed, and one that is dead', () => {
    const given = { ...settledOn(YOUNG), more: suspect() };
    expect(outbound(given)).toEqual({
      state: 'fresh',
      action: 'verify',
      reason: 'a-lost-call-may-have-killed-it',
      at: NOW,
    });
    expect(outbound({ ...given, dead: true })).toEqual({ state: 'due', action: 'rotate', reason: 'current-is-dead' });
  });
});

describe('the words of revocation', () => {
  const replaced = { ...settledOn(valueAged(HOUR)), previous: OLD };

  test('a secret that is not there yet has nothing to settle', () => {
    expect(decideRevocation({ ...input(authSecret, {}), seen: undefined })).toEqual({
      state: 'fresh',
      action: 'none',
      reason: 'settled',
    });
  });

  test('what is suspended', () => {
    const policy = { suspendUntil: NOW + 1 };
    const suspended = { state: 'suspended', action: 'none', reason: 'suspended', at: NOW + 1 };
    expect(revocation({ ...replaced, now: NOW, policy })).toEqual(suspended);
    expect(revocation({ ...replaced, now: NOW + 1, policy })).toMatchObject({ state: 'in-grace' });
  });

  test('a grace holds the next rotation up until the moment when it ends', () => {
    const given = { ...settledOn(AGED), previous: OLD };
    const ends = NOW - 30 * DAY;
    expect(rotation({ ...given, now: ends - 1, wish: 'normal' })).toEqual({
      state: 'due',
      action: 'none',
      reason: 'previous-in-grace',
      at: ends,
    });
    expect(rotation({ ...given, now: ends, wish: 'normal' })).toMatchObject({ action: 'rotate', reason: 'on-demand' });
  });

  test('what is in grace', () => {
    const at = NOW + 23 * HOUR;
    expect(revocation(replaced)).toEqual({ state: 'in-grace', action: 'none', reason: 'in-grace', at });
  });

  test('what awaits confirmation', () => {
    expect(revocation({ ...replaced, policy: { revokeAfter: 'confirmation' } })).toEqual({
      state: 'in-grace',
      action: 'none',
      reason: 'awaits-confirmation',
    });
  });
});

describe('after an attempt with an unknown outcome', () => {
  const tombstone = valueAged(HOUR, AGED);
  const { rotationId } = parsedValue(tombstone);
  const wary = { reissueAfterUnknown: false };
  const unknown: Case = { current: AGED, pending: tombstone, givenUp: tombstone, lastAttempt: failed(0), policy: wary };
  const listed = tag.suspect(rotationId, 'never');

  test('it is its own suspect that holds the next one up, not that of an earlier attempt', () => {
    const resolved = { [suspectKey(rotationId)]: 'resolved' };
    expect(rotation({ ...unknown, more: { ...suspect(), ...resolved } })).toMatchObject({ action: 'rotate' });
    expect(rotation({ ...unknown, more: { ...suspect(), ...listed } })).toEqual({
      state: 'suspected',
      action: 'none',
      reason: 'outcome-of-the-last-attempt-unknown',
    });
  });

  test('a value that was promoted, and that a person took back, is no such attempt', () => {
    const given = { current: AGED, pending: tombstone, previous: tombstone, policy: wary };
    const more = { ...listed, ...tag.revoked(tombstone) };
    expect(rotation({ ...given, more })).toMatchObject({ state: 'due', action: 'rotate' });
    expect(rotation({ ...given, givenUp: tombstone, more })).toMatchObject({ state: 'suspected', action: 'none' });
  });

  test('a dead AWSCURRENT is replaced all the same', () => {
    expect(outbound({ ...unknown, more: listed, dead: true })).toMatchObject({ action: 'rotate' });
    expect(outbound({ ...unknown, more: listed, dead: false })).toMatchObject({ state: 'suspected' });
  });

  test('a secret without a value has none to protect', () => {
    const first = intentId('acme');
    expect(
      rotation({ current: first, pending: tombstone, givenUp: tombstone, policy: wary, more: listed }),
    ).toMatchObject({
      state: 'absent',
      action: 'rotate',
    });
    expect(rotation({ pending: tombstone, givenUp: tombstone, policy: wary, more: listed })).toMatchObject({
      state: 'absent',
    });
  });

  test('it is read again until nothing that it left can take effect any more', () => {
    const pending = valueAged(DAY, YOUNG);
    const given = { current: YOUNG, pending, givenUp: pending };
    expect(outbound({ ...given, now: NOW - 1 })).toMatchObject({ action: 'resume', reason: 'last-attempt-unread' });
    expect(outbound(given)).toMatchObject({ action: 'none', reason: 'young' });
  });

  test('compromised in the same moment as the failure rests like it', () => {
    const given = { current: AGED, pending: tombstone, givenUp: tombstone };
    const more = tag.compromised(AGED, NOW);
    expect(rotation({ ...given, more, lastAttempt: failed(2, 0, { at: NOW }) })).toMatchObject({ action: 'none' });
    expect(rotation({ ...given, more, lastAttempt: failed(2, 0, { at: NOW - 1 }) })).toMatchObject({
      action: 'rotate',
    });
  });
});

describe('what a person makes', () => {
  const token = (more: Tags) => decideRotation(input(finoutToken, { ...settledOn(YOUNG), more }));

  test('the tag of a retired version before this one is dropped at once', () => {
    const more = tag.retired({ version: OLD, at: NOW - DAY, unused: false });
    expect(token(more)).toMatchObject({ state: 'fresh', action: 'resume', reason: 'young', at: NOW });
    expect(token({})).toMatchObject({ state: 'fresh', action: 'none' });
  });

  test('fields that are to be looked at again come first', () => {
    const outdated = {
      ...tag.retired({ version: OLD, at: NOW - DAY, unused: false }),
      ...tag.unmapped(YOUNG, 'another', 'the value lacks clientId'),
    };
    expect(token(outdated)).toEqual({ state: 'unmapped', action: 'resume', reason: 'the value lacks clientId' });
    const known = tag.unmapped(YOUNG, mappingFingerprint(finoutToken('acme')), 'the value lacks clientId');
    expect(token(known)).toEqual({ state: 'unmapped', action: 'none', reason: 'the value lacks clientId' });
  });
});
