import { tag } from '../../src/rotation-tags';
import { currentName, isAbsent, situation } from '../../src/situation';
import { intentId, tryId } from '../../src/version-ids';
import { authSecret } from '../support/credentials';
import { DAY, FOREIGN, HOUR, NOW, observed, parsedValue, valueAged } from '../support/observations';

const CREDENTIAL = authSecret('acme');
const CURRENT = valueAged(2 * DAY);
const STAGED = valueAged(HOUR, CURRENT);
const INTENT = intentId(CURRENT);
const FIRST = intentId(CREDENTIAL.id);
const OLD = valueAged(9 * DAY);

const seen = (given: Parameters<typeof observed>[1]) => situation(CREDENTIAL, observed(CREDENTIAL, given));

describe('every row of the table of labels', () => {
  test.each([
    ['no version at all', {}, 'settled'],
    ['AWSPENDING nowhere, AWSCURRENT ours', { current: CURRENT }, 'detached'],
    ['AWSPENDING on AWSCURRENT', { current: CURRENT, pending: CURRENT }, 'settled'],
    ['AWSPENDING on an intent', { current: CURRENT, pending: INTENT }, 'intent'],
    ['the first intent, AWSCURRENT and AWSPENDING at once', { current: FIRST, pending: FIRST }, 'intent'],
    ['the first intent, from which a person took AWSPENDING', { current: FIRST }, 'intent'],
    ['AWSPENDING on a value whose base is AWSCURRENT', { current: CURRENT, pending: STAGED }, 'staged'],
    ['the first value, whose base is the intent', { current: FIRST, pending: valueAged(0, FIRST) }, 'staged'],
    ['AWSPENDING on a value with another base', { current: CURRENT, pending: valueAged(0, OLD) }, 'superseded'],
    ['AWSPENDING on a value, AWSCURRENT nowhere', { pending: STAGED }, 'superseded'],
    ['AWSPENDING on a tombstone', { current: CURRENT, pending: STAGED, givenUp: STAGED }, 'settled'],
    ['AWSPENDING on a tombstone that seals', { current: CURRENT, pending: INTENT, givenUp: INTENT }, 'settled'],
    ['AWSPENDING on a value, an older one is given up', { current: CURRENT, pending: STAGED, givenUp: OLD }, 'staged'],
    ['AWSPENDING on AWSPREVIOUS', { current: OLD, pending: CURRENT, previous: CURRENT }, 'settled'],
    ['AWSPENDING on a try', { current: CURRENT, pending: tryId(CURRENT, 1) }, 'settled'],
    ['AWSPREVIOUS on an intent', { current: CURRENT, pending: CURRENT, previous: FIRST }, 'settled'],
    ['AWSPENDING on an id that is not ours', { current: CURRENT, pending: FOREIGN }, 'foreign'],
    ["AWS's own rotation switched on", { current: CURRENT, awsRotation: true }, 'foreign'],
    ['scheduled for deletion', { current: CURRENT, scheduledForDeletion: true }, 'being-deleted'],
  ])('%s', (_what, given, expected) => {
    expect(seen(given).is).toBe(expected);
  });

  test('a staged value is handed over as it was found', () => {
    expect(seen({ current: CURRENT, pending: STAGED })).toEqual({ is: 'staged', version: parsedValue(STAGED) });
  });

  test('a secret that does not exist is missing', () => {
    expect(situation(CREDENTIAL, undefined)).toEqual({ is: 'missing' });
  });
});

describe("a person's hand", () => {
  const owner = tag.credential(CREDENTIAL);

  test('a version of their own as AWSCURRENT is looked into before an unfinished attempt', () => {
    expect(seen({ current: FOREIGN, pending: STAGED }).is).toBe('hand-made');
    expect(seen({ current: FOREIGN, pending: FOREIGN }).is).toBe('hand-made');
  });

  test('once adopted it is as any other', () => {
    expect(seen({ current: FOREIGN, tags: { ...owner, ...tag.adopted(FOREIGN, NOW) } }).is).toBe('settled');
    expect(seen({ current: FOREIGN, pending: STAGED, tags: { ...owner, ...tag.adopted(FOREIGN, NOW) } }).is).toBe(
      'superseded',
    );
  });

  test('another version of theirs than the adopted one is looked into again', () => {
    expect(seen({ current: FOREIGN, tags: { ...owner, ...tag.adopted(CURRENT, NOW) } }).is).toBe('hand-made');
  });
});

describe('whose secret it is', () => {
  test('an empty one without our tag is unclaimed', () => {
    expect(seen({ tags: {} })).toEqual({ is: 'unclaimed' });
  });

  test('an empty one that AWS rotates is not claimed', () => {
    expect(seen({ tags: {}, awsRotation: true })).toMatchObject({ is: 'foreign' });
  });

  test('one that holds a value and lacks our tag belongs to somebody else', () => {
    expect(seen({ current: FOREIGN, tags: { team: 'payments' } })).toEqual({
      is: 'foreign',
      reason: 'holds-a-value-of-another',
    });
  });

  test('where the entry adopts it, it is to be taken; what is in the way of that is left alone', () => {
    const adopt = { grants: {}, drops: [] };
    const adopted = (given: Parameters<typeof observed>[1]) =>
      situation({ ...CREDENTIAL, adopt }, observed(CREDENTIAL, { tags: {}, ...given }));
    expect(adopted({ current: FOREIGN, pending: FOREIGN, previous: `${FOREIGN}0` })).toMatchObject({ is: 'adoptable' });
    expect(adopted({ current: FOREIGN, pending: `${FOREIGN}0` })).toEqual({
      is: 'foreign',
      reason: 'pending-version-of-another',
    });
    expect(adopted({ current: FOREIGN, awsRotation: true })).toEqual({ is: 'foreign', reason: 'aws-rotation-is-on' });
    expect(adopted({ previous: FOREIGN })).toMatchObject({ is: 'foreign' });
    expect(adopted({ current: FOREIGN, previous: OLD })).toEqual({ is: 'doubtful', reason: 'tag-removed' });
    expect(adopted({})).toEqual({ is: 'unclaimed' });
  });

  test.each([
    ['AWSCURRENT', { current: CURRENT }],
    ['AWSPENDING', { current: FOREIGN, pending: INTENT }],
    ['AWSPREVIOUS', { current: FOREIGN, previous: OLD }],
  ])('a version id of ours as %s without our tag is doubtful', (_label, given) => {
    expect(seen({ ...given, tags: {} })).toEqual({ is: 'doubtful', reason: 'tag-removed' });
  });

  test('another subject, or another entry, is doubtful', () => {
    const tags = tag.credential({ ...CREDENTIAL, subject: 'another partner' });
    expect(seen({ current: CURRENT, tags })).toEqual({ is: 'doubtful', reason: 'subject-changed' });
    expect(seen({ current: CURRENT, tags: tag.credential(authSecret('other')) })).toEqual({
      is: 'doubtful',
      reason: 'tag-of-another-entry',
    });
  });
});

test("jobs name the version that they are to replace, and 'none' where there is no value yet", () => {
  const name = (current?: string) => currentName(observed(CREDENTIAL, current === undefined ? {} : { current }));
  expect([name(CURRENT), name(FOREIGN), name(FIRST), name(), currentName(undefined)]).toEqual([
    CURRENT,
    FOREIGN,
    'none',
    'none',
    'none',
  ]);
  expect(isAbsent(observed(CREDENTIAL, { current: FIRST }))).toBe(true);
});
