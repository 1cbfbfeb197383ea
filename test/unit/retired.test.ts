import type { PolicyInput } from '../../src/decision';
import { decideRevocation, decideRotation, stateOf } from '../../src/policy';
import { type Tags, tag } from '../../src/rotation-tags';
import { situation } from '../../src/situation';
import type { Credential, Policy } from '../../src/types';
import { mappingFingerprint } from '../../src/value-fit';
import { intentId } from '../../src/version-ids';
import { authSecret, finoutToken, outboundRecipient } from '../support/credentials';
import { DAY, FOREIGN, HOUR, NOW, observed, valueAged } from '../support/observations';
import { TRAITS } from '../support/traits';

type Given = NonNullable<Parameters<typeof observed>[1]> & {
  readonly more?: Tags;
  readonly wish?: PolicyInput['wish'];
};

const YOUNG = valueAged(2 * HOUR);
const AGED = valueAged(31 * DAY);
const OLD = valueAged(60 * DAY);
const settledOn = (current: string): Given => ({ current, pending: current });

function input(credential: Credential, given: Given | 'missing'): PolicyInput {
  const { more = {}, wish, ...labels }: Given = given === 'missing' ? {} : given;
  const tags = { ...tag.credential(credential), ...more };
  const seen = given === 'missing' ? undefined : observed(credential, { tags, ...labels });
  const common = { credential, traits: TRAITS[credential.kind], seen, now: NOW, ownerLimitMs: 30_000 };
  return wish === undefined ? common : { ...common, wish };
}

const retiredTag = (version: string, unused = false) => tag.retired({ version, at: NOW - HOUR, unused });
const retired = (deleteSecret = false, given: Partial<Policy> = {}): Credential => ({
  ...authSecret('acme', given),
  retired: { deleteSecret },
});
const active = authSecret('acme');

describe('a retired entry', () => {
  const ends = (given: Given, credential = retired()) => decideRevocation(input(credential, given));

  test('is retired by the sweeps that revoke, and rotated by none, whatever is due', () => {
    expect(ends(settledOn(AGED))).toEqual({ state: 'retiring', action: 'retire', reason: 'to-be-revoked' });
    const compromised = { ...settledOn(AGED), more: tag.compromised(AGED, NOW), wish: 'normal' as const };
    expect(decideRotation(input(retired(), compromised)).action).toBe('retire');
  });

  test.each<[string, Given, string]>([
    ['an attempt', { current: YOUNG, pending: intentId(YOUNG), lastChangedAt: 0 }, 'interrupted'],
    ['a staged value', { current: YOUNG, pending: valueAged(0, YOUNG) }, 'staged'],
    ['a superseded value', { current: YOUNG, pending: valueAged(0, OLD) }, 'superseded'],
    ["a person's version", { current: FOREIGN }, 'interrupted'],
  ])('first finishes %s', (_what, given, state) => {
    expect(ends(given)).toMatchObject({ state, action: 'resume' });
    expect(decideRotation(input(retired(), given))).toMatchObject({ state, action: 'resume' });
  });

  test('is left alone where its secret is not ours, blocked or suspended', () => {
    expect(ends({ current: FOREIGN, tags: {} })).toMatchObject({ state: 'foreign', action: 'none' });
    expect(ends({ ...settledOn(YOUNG), more: tag.blocked('x') })).toMatchObject({ state: 'blocked', action: 'none' });
    const suspended = retired(false, { suspendUntil: NOW + DAY });
    expect(ends(settledOn(YOUNG), suspended)).toMatchObject({ state: 'suspended', action: 'none', at: NOW + DAY });
  });

  test('waits while the account at its vendor is paused', () => {
    const given = { ...input(retired(), settledOn(YOUNG)), pausedUntil: NOW + HOUR };
    expect(decideRevocation(given)).toMatchObject({ state: 'paused', action: 'none', at: NOW + HOUR });
  });

  const ended = (more: Tags = {}): Given => ({
    ...settledOn(YOUNG),
    previous: OLD,
    more: { ...retiredTag(YOUNG), ...tag.revoked(OLD, YOUNG), ...more },
  });

  test('is retired when both versions are settled, and the tag names AWSCURRENT', () => {
    expect(ends(ended())).toEqual({ state: 'retired', action: 'none', reason: 'retired' });
    expect(ends(ended(tag.revoked(YOUNG)))).toMatchObject({ action: 'retire' });
    expect(ends(ended(tag.revoked(OLD)))).toMatchObject({ action: 'retire' });
    expect(ends(ended(retiredTag(OLD)))).toMatchObject({ action: 'retire' });
    expect(ends(ended(retiredTag(YOUNG, true)))).toMatchObject({ action: 'retire' });
  });

  test('is deleted only when nothing is left for a person', () => {
    const deleted = (more: Tags = {}) => ends(ended(more), retired(true));
    expect(deleted()).toMatchObject({ state: 'retiring', action: 'retire', reason: 'to-be-deleted' });
    const suspect = tag.suspect('0'.repeat(32), NOW + DAY);
    expect(deleted(suspect)).toMatchObject({ action: 'none', reason: 'suspected-orphans-are-open' });
    expect(deleted(tag.suspect('0'.repeat(32), NOW))).toMatchObject({ reason: 'to-be-deleted' });
    expect(deleted(tag.unrevoked(OLD, 'no'))).toMatchObject({ action: 'none', reason: 'grants-are-unrevoked' });
    expect(ends(ended(suspect))).toMatchObject({ state: 'retired', reason: 'suspected-orphans-are-open' });
  });

  test('whose secret is gone, or will be, is done; one deleted before its grants ended is restored', () => {
    expect(decideRotation(input(retired(), 'missing'))).toMatchObject({ state: 'retired', action: 'none' });
    expect(decideRotation(input(retired(), { tags: {} }))).toMatchObject({ state: 'retired', action: 'none' });
    const gone = { ...ended(), scheduledForDeletion: true };
    expect(stateOf(input(retired(true), gone))).toMatchObject({ state: 'retired' });
    const early = { ...settledOn(YOUNG), scheduledForDeletion: true, more: retiredTag(YOUNG) };
    expect(decideRotation(input(retired(true), early))).toMatchObject({ state: 'retiring', action: 'resume' });
    expect(decideRotation(input(retired(false), early))).toMatchObject({ state: 'being-deleted', action: 'none' });
    const byOthers = { ...early, more: {} };
    expect(decideRotation(input(retired(true), byOthers))).toMatchObject({ state: 'being-deleted', action: 'none' });
  });

  test('of a kind that cannot be revoked settles AWSPREVIOUS as ever, unless the account is paused', () => {
    const credential: Credential = { ...outboundRecipient(), retired: { deleteSecret: false } };
    const given = input(credential, { ...settledOn(YOUNG), previous: OLD });
    expect(decideRevocation(given)).toMatchObject({ action: 'settle' });
    expect(decideRevocation({ ...given, pausedUntil: NOW + HOUR })).toMatchObject({ state: 'paused', action: 'none' });
  });

  test('shows one state', () => {
    expect(stateOf(input(retired(), settledOn(YOUNG))).state).toBe('retiring');
    expect(stateOf(input(retired(), ended())).state).toBe('retired');
  });
});

describe('active again', () => {
  test('AWSCURRENT counts as dead while the tag names it: due now, past any grace', () => {
    const given = { ...settledOn(YOUNG), previous: OLD, more: retiredTag(YOUNG) };
    expect(decideRotation(input(active, given))).toEqual({ state: 'due', action: 'rotate', reason: 'was-retired' });
  });

  test('the next version is as any other, and the tag goes', () => {
    const given = { ...settledOn(YOUNG), previous: OLD, more: { ...retiredTag(OLD), ...tag.revoked(OLD) } };
    expect(decideRotation(input(active, given))).toMatchObject({ state: 'fresh', action: 'resume', at: NOW });
    expect(decideRotation(input(active, { ...given, ...settledOn(AGED) }))).toMatchObject({ action: 'rotate' });
    const blocked = { ...given, more: { ...given.more, ...tag.blocked('by hand') } };
    expect(decideRotation(input(active, blocked))).toMatchObject({ state: 'blocked', reason: 'by hand' });
  });

  test('a scheduled deletion is called off only where the tag says that it was ours', () => {
    const given = { ...settledOn(YOUNG), scheduledForDeletion: true };
    expect(decideRotation(input(active, { ...given, more: retiredTag(YOUNG) }))).toMatchObject({
      action: 'resume',
      reason: 'was-retired',
    });
    expect(decideRotation(input(active, given))).toMatchObject({ state: 'being-deleted', action: 'none' });
    const others = { ...given, tags: { ...tag.credential(authSecret('other')), ...retiredTag(YOUNG) } };
    expect(decideRotation(input(active, others))).toMatchObject({ state: 'being-deleted' });
  });
});

describe('what a person makes', () => {
  const token = finoutToken();

  test('retired: a person deletes it; AWSPREVIOUS is settled as ever', () => {
    const credential: Credential = { ...token, retired: { deleteSecret: true } };
    const settles = decideRevocation(input(credential, { ...settledOn(YOUNG), previous: OLD }));
    expect(settles).toMatchObject({ state: 'retiring', action: 'settle' });
    expect(decideRevocation(input(credential, settledOn(YOUNG)))).toMatchObject({ action: 'retire' });
    const told = { ...retiredTag(YOUNG), ...tag.revoked(YOUNG), ...tag.unrevoked(YOUNG, 'by hand') };
    expect(stateOf(input(credential, { ...settledOn(YOUNG), more: told }))).toMatchObject({
      state: 'retiring',
      action: 'none',
      reason: 'grants-are-unrevoked',
    });
  });

  test('active again: another is asked for, and the tag goes when it is there', () => {
    const given = { ...settledOn(YOUNG), more: { ...retiredTag(YOUNG), ...tag.revoked(YOUNG) } };
    expect(decideRotation(input(token, given))).toMatchObject({ state: 'needs-import', reason: 'was-retired' });
    const imported = { ...settledOn(valueAged(HOUR)), previous: YOUNG, more: given.more };
    expect(decideRotation(input(token, imported))).toMatchObject({ state: 'fresh', action: 'resume' });
  });

  test('adopted with other fields it is unmapped, before anybody is asked for another', () => {
    const tags = { ...tag.adopted(FOREIGN, NOW), ...tag.unmapped(FOREIGN, mappingFingerprint(token), 'why') };
    expect(decideRotation(input(token, { current: FOREIGN, more: tags }))).toMatchObject({ state: 'unmapped' });
  });
});

describe('unused', () => {
  const V = valueAged(20 * DAY);
  const policy = { revokeUnusedAfterMs: 10 * DAY };
  const watched = authSecret('acme', policy);
  const revocation = (given: Given, credential: Credential = watched) =>
    decideRevocation(input(credential, { ...settledOn(V), ...given }));

  test.each<[string, Given, string]>([
    ['never read since it was made', {}, 'retire'],
    ['read so long ago that even the end of that day is', { lastAccessedOn: NOW - 11 * DAY }, 'retire'],
    ['read on a day that ended later', { lastAccessedOn: NOW - 11 * DAY + 1 }, 'none'],
    ['promoted not so long ago', { more: tag.promoted(V, NOW - 10 * DAY + 1) }, 'none'],
    ['with a grace that goes on', { previous: OLD, more: tag.promoted(V, NOW - HOUR) }, 'none'],
    ['compromised: it is replaced anyway', { more: tag.compromised(V, NOW) }, 'none'],
    ['revoked already', { more: tag.revoked(V) }, 'none'],
    ['blocked', { more: tag.blocked('x') }, 'none'],
    ['young', settledOn(valueAged(10 * DAY - 1)), 'none'],
  ])('%s', (_what, given, action) => {
    expect(revocation(given).action).toBe(action);
  });

  test('an adopted value that does not fit yet is not judged: its grant cannot be read', () => {
    const adopted = tag.adopted(FOREIGN, NOW - 90 * DAY);
    const given = { current: FOREIGN, pending: FOREIGN };
    expect(revocation({ ...given, more: adopted }).action).toBe('retire');
    const misfit = tag.unmapped(FOREIGN, mappingFingerprint(watched), 'why');
    expect(revocation({ ...given, more: { ...adopted, ...misfit } }).action).toBe('none');
  });

  test('is off by default, and for kinds that cannot be revoked', () => {
    expect(revocation({}, active).action).toBe('none');
    expect(revocation({}, outboundRecipient('acme', policy)).action).toBe('none');
  });

  test('a secret whose age is unknown is not judged', () => {
    const given = { current: FOREIGN, more: tag.adopted(V, 0) };
    expect(situation(watched, input(watched, given).seen).is).toBe('hand-made');
    expect(revocation(given).action).toBe('resume');
  });

  test('once begun it is brought to its end, and nothing brings it back but a message', () => {
    const begun = { ...settledOn(V), more: retiredTag(V, true), lastAccessedOn: NOW };
    const done = { ...settledOn(V), more: { ...retiredTag(V, true), ...tag.revoked(V) } };
    expect(revocation(begun)).toMatchObject({ state: 'unused', action: 'retire' });
    expect(revocation(done)).toMatchObject({ state: 'unused', action: 'none' });
    for (const wish of [undefined, 'none'] as const) {
      const asked = wish === undefined ? done : { ...done, wish };
      expect(decideRotation(input(watched, asked))).toMatchObject({ state: 'unused', action: 'none' });
    }
    expect(decideRotation(input(watched, { ...done, wish: 'normal' }))).toMatchObject({
      action: 'rotate',
      reason: 'was-unused',
    });
    expect(stateOf(input(watched, done))).toMatchObject({ state: 'unused', action: 'none' });
    expect(stateOf(input(watched, begun))).toMatchObject({ state: 'unused', action: 'retire' });
  });
});

describe('unmapped', () => {
  const why = 'a rotation would lose user';
  const tags = { ...tag.adopted(FOREIGN, NOW - 90 * DAY), ...tag.unmapped(FOREIGN, mappingFingerprint(active), why) };
  const given: Given = { current: FOREIGN, previous: OLD, more: tags };

  test('an adopted value that does not fit is not rotated, nor is AWSPREVIOUS settled: it may hold the same grant', () => {
    expect(decideRotation(input(active, given))).toEqual({ state: 'unmapped', action: 'none', reason: why });
    expect(
      decideRotation(input(active, { ...given, more: { ...tags, ...tag.compromised(FOREIGN, NOW) } })),
    ).toMatchObject({ state: 'unmapped', action: 'none' });
    expect(decideRevocation(input(active, given))).toMatchObject({ state: 'unmapped', action: 'none' });
    expect(stateOf(input(active, given))).toMatchObject({ state: 'unmapped' });
  });

  test('it is looked at again when its entry says something else', () => {
    const value = { fields: { user: 'PermissionId', password: 'AuthSecret' }, constants: {} };
    expect(decideRotation(input({ ...active, value }, given))).toMatchObject({ state: 'unmapped', action: 'resume' });
  });
});
