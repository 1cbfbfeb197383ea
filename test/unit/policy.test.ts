import type { Tombstone } from '../../src/attempt-record';
import { dueTime, hashShare } from '../../src/due';
import { decideRevocation, decideRotation, nextAttemptAt, stateOf } from '../../src/policy';
import { suspectKey, type Tags, tag } from '../../src/rotation-tags';
import { intentId, newRotationId, tryId } from '../../src/version-ids';
import { accessKey, authSecret, partnerSecret, policy } from '../support/credentials';
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
import { DAY, FOREIGN, HOUR, MINUTE, NOW, observed, parsedValue, valueAged } from '../support/observations';

describe('due', () => {
  test('a young version is fresh, and says when it falls due', () => {
    expect(rotation(settledOn(YOUNG))).toMatchObject({ state: 'fresh', action: 'none', reason: 'young' });
    expect(rotation(settledOn(YOUNG)).at).toBeGreaterThan(NOW + 26 * DAY);
  });

  test('one older than the policy allows is due', () => {
    expect(rotation(settledOn(AGED))).toMatchObject({ state: 'due', action: 'rotate', reason: 'older-than-allowed' });
  });

  test('a credential without a value is due at once', () => {
    const first = intentId('acme');
    const tombstone = valueAged(0, first);
    for (const given of [{}, { current: first, pending: tombstone, givenUp: tombstone }]) {
      expect(rotation({ ...given, lastAttempt: { ...failed(0), because: 'superseded' } })).toMatchObject({
        state: 'absent',
        action: 'rotate',
      });
    }
  });

  test('due times are spread over the tenth before, by the id: no restart moves them', () => {
    const times = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((id) => {
      const credential = authSecret(id);
      const due = dueTime(credential, observed(credential, settledOn(YOUNG)), NOW);
      return (due?.at ?? 0) - parsedValue(YOUNG).issuedAt;
    });
    expect(new Set(times).size).toBe(8);
    expect(Math.min(...times)).toBeGreaterThan(27 * DAY - 1);
    expect(Math.max(...times)).toBeLessThanOrEqual(30 * DAY);
    expect(hashShare('a')).toBe(hashShare('a'));
  });

  test('expiry comes before age: it is due that long before', () => {
    const expiring = valueAged(HOUR, 'base', NOW + 7 * DAY);
    expect(key(settledOn(expiring))).toMatchObject({ state: 'due', action: 'rotate', reason: 'expires-soon' });
    expect(key({ ...settledOn(expiring), now: NOW - MINUTE })).toMatchObject({ state: 'fresh', at: NOW });
  });

  test('an adopted version counts from its creation', () => {
    const adopted = (age: number) => rotation({ ...settledOn(FOREIGN), more: tag.adopted(FOREIGN, NOW - age) });
    expect(adopted(HOUR)).toMatchObject({ state: 'fresh' });
    expect(adopted(31 * DAY)).toMatchObject({ state: 'due' });
  });

  test('one whose age nobody knows is fresh, and does not say when it falls due', () => {
    expect(rotation(settledOn(tryId(AGED, 1)))).toEqual({ state: 'fresh', action: 'none', reason: 'young' });
  });
});

describe('the window', () => {
  const window = { zone: 'UTC', from: '02:00', to: '04:00' }; // NOW is noon

  test('what is due waits for it, and for the next one when it was missed', () => {
    expect(rotation({ ...settledOn(AGED), policy: { window } })).toEqual({
      state: 'due',
      action: 'none',
      reason: 'outside-window',
      at: NOW + 14 * HOUR,
    });
    expect(rotation({ ...settledOn(AGED), policy: { window }, now: NOW + 15 * HOUR })).toMatchObject({
      action: 'rotate',
    });
  });

  test('it yields to expiry', () => {
    const expiring = valueAged(80 * DAY, 'base', NOW + 10 * HOUR);
    expect(key({ ...settledOn(expiring), policy: { window } })).toMatchObject({ action: 'rotate' });
    expect(key({ ...settledOn(valueAged(80 * DAY, 'base', NOW + 15 * HOUR)), policy: { window } })).toMatchObject({
      action: 'none',
      reason: 'outside-window',
    });
  });

  test('it yields to an expiry that would follow its opening too soon for a sweep to find it', () => {
    const left = (ms: number) => valueAged(80 * DAY, 'base', NOW + 14 * HOUR + ms);
    expect(key({ ...settledOn(left(HOUR - MINUTE)), policy: { window } })).toMatchObject({ action: 'rotate' });
    expect(key({ ...settledOn(left(HOUR)), policy: { window } })).toMatchObject({ reason: 'outside-window' });
    const renewBeforeMs = 20 * MINUTE;
    const expiring = { ...settledOn(left(15 * MINUTE)), now: NOW + 13 * HOUR + 56 * MINUTE };
    expect(key({ ...expiring, policy: { window, renewBeforeMs } })).toMatchObject({ reason: 'outside-window' });
  });

  test('what expires does not wait for the window in which the grace of the one before would end', () => {
    const expiring = valueAged(9 * DAY, 'base', NOW + 10 * HOUR);
    const given = { ...settledOn(expiring), previous: OLD, policy: { window: { ...window, days: [7] } } };
    expect(key(given)).toMatchObject({ action: 'rotate', reason: 'expires-soon' });
    expect(decideRevocation(input(accessKey, given))).toMatchObject({ state: 'in-grace', action: 'none' });
  });

  test('it binds neither a wish, nor what is compromised, nor a new secret', () => {
    expect(rotation({ policy: { window } })).toMatchObject({ action: 'rotate' });
    expect(rotation({ ...settledOn(YOUNG), policy: { window }, wish: 'normal' })).toMatchObject({ action: 'rotate' });
    expect(rotation({ ...settledOn(YOUNG), policy: { window }, more: tag.compromised(YOUNG, NOW) })).toMatchObject({
      action: 'rotate',
    });
  });

  test('it binds revocation', () => {
    const given = { ...settledOn(valueAged(3 * DAY)), previous: OLD, policy: { window } };
    expect(revocation(given)).toMatchObject({ state: 'in-grace', action: 'none', at: NOW + 14 * HOUR });
    expect(revocation({ ...given, now: NOW + 15 * HOUR })).toMatchObject({ action: 'settle' });
    expect(revocation({ ...given, more: tag.compromised(OLD, NOW) })).toMatchObject({ action: 'settle' });
  });
});

describe('wishes', () => {
  test('a normal one makes the version due, unless it is inside its minimum interval', () => {
    expect(rotation({ ...settledOn(YOUNG), wish: 'normal' })).toMatchObject({ action: 'rotate', reason: 'on-demand' });
    expect(rotation({ ...settledOn(valueAged(MINUTE)), wish: 'normal' })).toMatchObject({
      state: 'fresh',
      action: 'none',
    });
  });

  test('compromised is a tag: it needs no wish, and no interval', () => {
    const current = valueAged(MINUTE);
    expect(rotation({ ...settledOn(current), more: tag.compromised(current, NOW) })).toMatchObject({
      state: 'due',
      action: 'rotate',
      reason: 'compromised',
    });
  });
});

describe('clearing the way', () => {
  const inGrace = { ...settledOn(AGED), previous: OLD, more: tag.promoted(AGED, NOW - HOUR) };

  test('a rotation waits while AWSPREVIOUS is in grace', () => {
    expect(rotation(inGrace)).toMatchObject({ action: 'none', reason: 'previous-in-grace', at: NOW + 23 * HOUR });
  });

  test.each([
    ['it is settled', tag.revoked(OLD)],
    ['it is compromised', tag.compromised(OLD, NOW)],
    ['AWSCURRENT is compromised', tag.compromised(AGED, NOW)],
  ])('and does not when %s', (_when, more) => {
    expect(rotation({ ...inGrace, more: { ...inGrace.more, ...more } })).toMatchObject({ action: 'rotate' });
  });

  test('where confirmation ends the grace it waits for a message', () => {
    expect(rotation({ ...inGrace, policy: { revokeAfter: 'confirmation' } })).toEqual({
      state: 'due',
      action: 'none',
      reason: 'previous-awaits-confirmation',
    });
  });
});

describe('after a failed attempt', () => {
  test('the next ones rest for 1 min, 5 min, 30 min, then an hour', () => {
    const rests = [1, 2, 3, 4, 5, 9].map((n) => nextAttemptAt(policy(), failed(n)) - NOW);
    expect(rests).toEqual([MINUTE, 5 * MINUTE, 30 * MINUTE, HOUR, HOUR, HOUR]);
  });

  test('those that did nothing rest in the same way, or as long as the vendor said', () => {
    expect(nextAttemptAt(policy(), failed(0, 2)) - NOW).toBe(5 * MINUTE);
    expect(nextAttemptAt(policy(), failed(0, 1, { retryAt: NOW + 10 * MINUTE })) - NOW).toBe(10 * MINUTE);
  });

  test('a superseded value was no failure', () => {
    expect(nextAttemptAt(policy(), failed(0))).toBe(NOW);
  });

  const tombstone = valueAged(MINUTE, AGED);
  const given = { current: AGED, pending: tombstone, givenUp: tombstone };

  test('what is due rests, then begins', () => {
    expect(rotation({ ...given, lastAttempt: failed(2) })).toMatchObject({
      action: 'none',
      reason: 'backing-off',
      at: NOW + 5 * MINUTE,
    });
    expect(rotation({ ...given, lastAttempt: failed(2), now: NOW + 5 * MINUTE })).toMatchObject({ action: 'rotate' });
  });

  test('a failure on another version does not count', () => {
    expect(rotation({ ...given, lastAttempt: failed(2, 0, { base: OLD }) })).toMatchObject({ action: 'rotate' });
  });

  test('compromised does not rest where it was said after the failure; the vendor is left in peace all the same', () => {
    const more = tag.compromised(AGED, NOW + 1);
    expect(rotation({ ...given, more, lastAttempt: failed(2) })).toMatchObject({ action: 'rotate' });
    expect(rotation({ ...given, more, lastAttempt: failed(2, 0, { at: NOW + 2 }) })).toMatchObject({ action: 'none' });
    expect(rotation({ ...given, more, lastAttempt: failed(0, 1, { retryAt: NOW + HOUR }) })).toMatchObject({
      action: 'none',
      at: NOW + HOUR,
    });
  });

  test('the block is a tag; once a person has cleared it the next attempt begins at once', () => {
    expect(rotation({ ...given, more: tag.blocked('five attempts failed'), lastAttempt: failed(5) })).toEqual({
      state: 'blocked',
      action: 'none',
      reason: 'five attempts failed',
    });
    expect(rotation({ ...given, lastAttempt: failed(5) })).toMatchObject({ action: 'rotate' });
  });
});

describe('suspects', () => {
  const suspects = (count: number, until: number | 'never' = 'never'): Tags =>
    Object.assign({}, ...Array.from({ length: count }, (_, n) => tag.suspect(newRotationId(n), until)));
  const tombstone = valueAged(HOUR, AGED);
  const { rotationId } = parsedValue(tombstone);
  const unknown = { current: AGED, pending: tombstone, givenUp: tombstone, lastAttempt: failed(0) };
  const wary = { reissueAfterUnknown: false };

  test('five open ones block', () => {
    expect(rotation({ ...settledOn(AGED), more: suspects(4) })).toMatchObject({ action: 'rotate' });
    expect(rotation({ ...settledOn(AGED), more: suspects(5) })).toMatchObject({
      state: 'blocked',
      reason: 'five-suspected-orphans',
    });
    expect(rotation({ ...settledOn(AGED), more: suspects(5, NOW) })).toMatchObject({ action: 'rotate' });
  });

  test('where the policy says so, another is issued only when the last one is resolved', () => {
    const more = tag.suspect(rotationId, 'never');
    expect(rotation({ ...unknown, more, policy: wary })).toMatchObject({ state: 'suspected', action: 'none' });
    expect(rotation({ ...unknown, more })).toMatchObject({ action: 'rotate' });
    const resolved = { [suspectKey(rotationId)]: 'resolved' };
    expect(rotation({ ...unknown, more: resolved, policy: wary })).toMatchObject({ action: 'rotate' });
  });

  test('a suspect on a version that is no longer current holds nothing up', () => {
    const more = tag.suspect(rotationId, 'never');
    expect(rotation({ ...unknown, ...{ current: OLD }, more, policy: wary })).toMatchObject({ action: 'rotate' });
  });

  test('while one is open AWSCURRENT is verified, where the kind can', () => {
    const more = suspects(1);
    expect(outbound({ ...settledOn(YOUNG), more })).toMatchObject({ state: 'fresh', action: 'verify', at: NOW });
    expect(outbound({ ...settledOn(YOUNG), more, dead: false })).toMatchObject({ state: 'fresh', action: 'none' });
    expect(rotation({ ...settledOn(YOUNG), more })).toMatchObject({ action: 'none' });
    expect(outbound({ ...unknown, more: tag.suspect(rotationId, 'never'), policy: wary })).toMatchObject({
      state: 'suspected',
      action: 'verify',
    });
  });

  test('AWSCURRENT is not verified while the next attempt rests', () => {
    const rests = { ...unknown, more: suspects(1), lastAttempt: failed(1) };
    expect(outbound(rests)).toMatchObject({ action: 'none', reason: 'backing-off' });
  });

  test('a dead AWSCURRENT is healed, due or not, in grace or not, suspended or not; it rests all the same', () => {
    const more = { ...suspects(1), ...tag.promoted(YOUNG, NOW) };
    const policyGiven = { suspendUntil: NOW + DAY, ...wary };
    const given = { current: YOUNG, pending: YOUNG, previous: OLD, more, dead: true, policy: policyGiven };
    expect(outbound(given)).toMatchObject({ action: 'rotate', reason: 'current-is-dead' });
    const last = failed(3, 0, { base: YOUNG });
    const again = valueAged(MINUTE, YOUNG);
    expect(outbound({ ...given, pending: again, givenUp: again, lastAttempt: last })).toMatchObject({
      action: 'none',
      reason: 'backing-off',
    });
    expect(outbound({ ...given, more: { ...more, ...tag.blocked('x') } })).toMatchObject({ state: 'blocked' });
  });

  test('a last attempt that nobody listed is read: whoever gave it up may have died before', () => {
    const given = { current: YOUNG, pending: valueAged(MINUTE, YOUNG), givenUp: '' };
    const unread = { ...given, givenUp: given.pending };
    expect(rotation(unread)).toMatchObject({ action: 'resume', reason: 'last-attempt-unread' });
    const blocked = { state: 'blocked', action: 'resume', reason: 'five failed' };
    expect(rotation({ ...unread, more: tag.blocked('five failed') })).toMatchObject(blocked);
    expect(rotation({ ...unread, lastAttempt: failed(1, 0, { base: YOUNG }) })).toMatchObject({ action: 'none' });
    const listed = tag.suspect(parsedValue(given.pending).rotationId, 'never');
    expect(rotation({ ...unread, more: listed })).toMatchObject({ action: 'none' });
    const longAgo = valueAged(2 * DAY, YOUNG); // nothing that an Outbound call left takes effect after a day
    expect(outbound({ current: YOUNG, pending: longAgo, givenUp: longAgo })).toMatchObject({ action: 'none' });
  });
});

test('suspended: nothing is begun, unfinished work is finished', () => {
  const suspended = { suspendUntil: NOW + DAY };
  expect(rotation({ ...settledOn(AGED), policy: suspended })).toEqual({
    state: 'suspended',
    action: 'none',
    reason: 'suspended',
    at: NOW + DAY,
  });
  expect(rotation({ current: AGED, pending: valueAged(0, AGED), policy: suspended })).toMatchObject({
    action: 'resume',
  });
  expect(revocation({ ...settledOn(AGED), previous: OLD, policy: suspended })).toMatchObject({ state: 'suspended' });
});

test('the account is paused: nothing is begun, unfinished work is finished, what is not due says so', () => {
  const pausedUntil = NOW + 8 * MINUTE;
  const paused = { state: 'paused', action: 'none', reason: 'account-paused', at: pausedUntil };
  expect(rotation({ ...settledOn(AGED), pausedUntil })).toEqual(paused);
  expect(revocation({ ...settledOn(AGED), previous: OLD, pausedUntil })).toEqual(paused);
  expect(rotation({ current: AGED, pending: valueAged(0, AGED), pausedUntil })).toMatchObject({ action: 'resume' });
  expect(rotation({ ...settledOn(YOUNG), pausedUntil })).toMatchObject({ state: 'fresh' });
  expect(revocation({ ...settledOn(YOUNG), pausedUntil })).toMatchObject({ state: 'fresh', reason: 'settled' });
  const suspect = tag.suspect(newRotationId(NOW), NOW + DAY);
  expect(outbound({ ...settledOn(YOUNG), more: suspect })).toMatchObject({ action: 'verify' });
  expect(outbound({ ...settledOn(YOUNG), more: suspect, pausedUntil })).toEqual(paused);
});

test('an intent is left to its owner until the issue window, the time-out and the margin are over', () => {
  const given = { current: AGED, pending: intentId(AGED), lastChangedAt: NOW };
  expect(rotation({ ...given, now: NOW + 29_999 })).toMatchObject({ state: 'in-flight', at: NOW + 30_000 });
  expect(rotation({ ...given, now: NOW + 30_000 })).toMatchObject({ state: 'interrupted', action: 'resume' });
});

describe('revocation', () => {
  const replaced = { ...settledOn(valueAged(HOUR)), previous: OLD };

  test('leaves AWSPREVIOUS alone within its grace, which counts from the promotion', () => {
    expect(revocation(replaced)).toMatchObject({ state: 'in-grace', action: 'none', at: NOW + 23 * HOUR });
    const current = valueAged(2 * DAY);
    const late = { ...settledOn(current), previous: OLD, more: tag.promoted(current, NOW - HOUR) };
    expect(revocation(late)).toMatchObject({ state: 'in-grace', at: NOW + 23 * HOUR });
    expect(revocation({ ...late, more: tag.promoted(FOREIGN, NOW) })).toMatchObject({ action: 'settle' });
  });

  test('settles it afterwards', () => {
    expect(revocation({ ...replaced, now: NOW + 23 * HOUR })).toEqual({
      state: 'stale',
      action: 'settle',
      reason: 'grace-is-over',
    });
  });

  test('settles it at once where it is compromised, or a message ended its grace', () => {
    expect(revocation({ ...replaced, more: tag.compromised(OLD, NOW) })).toMatchObject({ reason: 'compromised' });
    expect(revocation({ ...replaced, graceEnded: true })).toMatchObject({ action: 'settle' });
  });

  test('awaits confirmation where the policy says so, but not beyond the end that the vendor gave the grant', () => {
    const confirmed = { revokeAfter: 'confirmation' } as const;
    expect(revocation({ ...replaced, policy: confirmed })).toMatchObject({ reason: 'awaits-confirmation' });
    expect(revocation({ ...replaced, policy: confirmed, graceEnded: true })).toMatchObject({ action: 'settle' });
    const ended = valueAged(60 * DAY, 'base', NOW);
    expect(revocation({ ...replaced, previous: ended, policy: confirmed })).toMatchObject({ action: 'settle' });
  });

  test('a promotion that a person undid: the grace counts from the last change, late and never early', () => {
    const undone = { current: OLD, previous: AGED, pending: AGED };
    expect(revocation({ ...undone, lastChangedAt: NOW - HOUR })).toMatchObject({
      state: 'in-grace',
      at: NOW + 23 * HOUR,
    });
  });

  test.each([
    ['an attempt is unfinished', { pending: intentId(YOUNG) }],
    ['a value is staged', { pending: valueAged(0, YOUNG) }],
    ['a value is superseded', { pending: valueAged(0, OLD) }],
    ['a person made a version current', { current: FOREIGN }],
    ['our tag is gone', { tags: {} }],
    ['it is scheduled for deletion', { scheduledForDeletion: true }],
    ['it is blocked', { more: tag.blocked('revocation hit AWSCURRENT') }],
  ] as [string, Case][])('does nothing while %s', (_when, given) => {
    expect(revocation({ current: YOUNG, pending: YOUNG, previous: OLD, now: NOW + 9 * DAY, ...given }).action).not.toBe(
      'settle',
    );
  });

  test.each([
    ['is settled', { previous: OLD, more: tag.revoked(OLD) }],
    ['is one of several settled', { previous: OLD, more: tag.revoked(OLD, AGED) }],
    ['is the first intent', { previous: intentId('acme') }],
    ['is a try', { previous: tryId(OLD, 1) }],
    ['is not there', {}],
  ])('has nothing to do where AWSPREVIOUS %s', (_where, given) => {
    expect(revocation({ ...settledOn(AGED), ...given })).toMatchObject({ state: 'fresh', reason: 'settled' });
  });
});

describe('what is not begun', () => {
  test.each([
    ['a missing secret that may not be created', undefined, { create: false }, 'missing'],
    ['a missing secret that may be created', undefined, {}, 'absent'],
  ])('%s', (_what, seen, given, state) => {
    const decision = decideRotation({ ...input(authSecret, { policy: given }), seen });
    expect(decision.state).toBe(state);
  });

  test.each([
    ["another's value", { current: FOREIGN, tags: {} }, 'foreign'],
    ["another's AWSPENDING", { current: AGED, pending: FOREIGN }, 'foreign'],
    ['a removed tag', { current: AGED, tags: {} }, 'blocked'],
    ['a secret scheduled for deletion', { current: AGED, scheduledForDeletion: true }, 'being-deleted'],
  ])('%s', (_what, given, state) => {
    expect(rotation(given)).toMatchObject({ state, action: 'none' });
  });
});

test('every credential is in one named state: what rotation says, else what revocation says', () => {
  const state = (given: Case) => stateOf(input(authSecret, given)).state;
  expect(state(settledOn(YOUNG))).toBe('fresh');
  expect(state({ ...settledOn(YOUNG), previous: OLD })).toBe('in-grace');
  expect(state({ ...settledOn(valueAged(2 * DAY)), previous: OLD })).toBe('stale');
  expect(state({ ...settledOn(AGED), previous: OLD })).toBe('due');
  expect(state({ current: AGED, pending: valueAged(0, AGED) })).toBe('staged');
});

describe('a value that we have chosen', () => {
  const chosen = (given: Case) => decideRotation(input(partnerSecret, given));
  const staged = { current: AGED, pending: valueAged(MINUTE, AGED) };
  const LEFT_MS = 60_000; // two calls of 20 s and a pause, twice what an intent has

  test('is left to its owner once it is staged, and then to whoever finds it', () => {
    const changedAt = (ago: number) => ({ ...staged, lastChangedAt: NOW - ago });
    expect(chosen(changedAt(LEFT_MS - 1))).toMatchObject({ state: 'in-flight', action: 'resume', at: NOW + 1 });
    expect(chosen(changedAt(LEFT_MS))).toMatchObject({ state: 'staged', action: 'resume', reason: 'value-is-staged' });
  });

  test('and to a person once it is blocked', () => {
    const more = tag.blocked('two logins were refused');
    expect(chosen({ ...staged, more, lastChangedAt: NOW - DAY })).toEqual({
      state: 'blocked',
      action: 'none',
      reason: 'two logins were refused',
    });
  });

  test.each([
    ['has no version', {}],
    ['has an intent alone', { current: intentId('acme'), pending: OLD, givenUp: OLD }],
  ])('is never the first: a secret that %s needs an import', (_what, labels) => {
    expect(chosen(labels)).toMatchObject({
      state: 'needs-import',
      action: 'none',
      reason: 'first-value-comes-by-import',
    });
  });

  test('is replaced when it is due, and its old one settled when the grace of the vendor is over', () => {
    expect(chosen(settledOn(AGED))).toMatchObject({ state: 'due', action: 'rotate' });
    const given = { ...settledOn(valueAged(29 * DAY)), previous: OLD, policy: { graceMs: 30 * DAY } };
    expect(decideRevocation(input(partnerSecret, given))).toMatchObject({ state: 'in-grace' });
    const over = { ...given, now: NOW + 2 * DAY };
    expect(decideRevocation(input(partnerSecret, over))).toMatchObject({ state: 'stale', action: 'settle' });
  });
});

describe('what is sent of the entry was changed', () => {
  const current = valueAged(2 * DAY);
  const more = tag.sent(accessKey('acme'), 'something-else-0');
  const given = { current, pending: current, more, policy: { renewal: 'extend' } } satisfies Case;

  test('is due at once where the receipt is extended, and not where another is issued', () => {
    expect(key(given)).toMatchObject({ state: 'due', action: 'rotate', reason: 'parameters-changed' });
    expect(key({ ...given, policy: {} })).toMatchObject({ state: 'fresh', action: 'none' });
  });

  test('waits for the window', () => {
    const window = { zone: 'UTC', from: '22:00', to: '23:00' };
    expect(key({ ...given, policy: { ...given.policy, window } })).toEqual({
      state: 'due',
      action: 'none',
      reason: 'parameters-changed',
      at: Date.parse('2026-11-21T22:00:00Z'),
    });
  });

  test('waits for the minimum interval, and for a suspension to end', () => {
    const young = valueAged(MINUTE);
    expect(key({ ...given, current: young, pending: young })).toMatchObject({
      action: 'none',
      reason: 'parameters-changed',
      at: NOW + 59 * MINUTE,
    });
    const suspended = { ...given, policy: { ...given.policy, suspendUntil: NOW + HOUR } };
    expect(key(suspended)).toMatchObject({ state: 'suspended', action: 'none', at: NOW + HOUR });
  });

  test('rests after a failed attempt, but not after one whose grant had ended', () => {
    const failed = { base: current, failures: 2, undone: 0, at: NOW - MINUTE };
    const ended = (because: Tombstone['because']) =>
      key({ ...given, lastAttempt: { is: 'tombstone', because, ...failed } });
    expect(ended('renewal-unknown')).toMatchObject({ action: 'none', reason: 'backing-off' });
    expect(ended('grant-ended')).toMatchObject({ action: 'rotate' });
  });
});

test('a version that was settled counts as unsettled while a rollback is to enable its grant again', () => {
  const labels = { current: YOUNG, pending: YOUNG, previous: OLD };
  expect(revocation({ ...labels, more: tag.revoked(OLD) })).toMatchObject({ reason: 'settled' });
  expect(
    revocation({ ...labels, more: { ...tag.revoked(OLD), ...tag.revoking(OLD, NOW) }, graceEnded: true }),
  ).toMatchObject({
    action: 'settle',
  });
});
