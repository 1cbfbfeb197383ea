import {
  isOpen,
  LOGIN_OPEN_TAG,
  MOST_REVOKED,
  outlivedTags,
  parseTags,
  suspectKey,
  type Tags,
  tag,
  tagText,
} from '../../src/rotation-tags';
import { newRotationId } from '../../src/version-ids';
import { authSecret } from '../support/credentials';
import { DAY, NOW, valueAged } from '../support/observations';

const VERSION = valueAged(DAY);
const ROTATION = newRotationId(NOW);

test('every tag that is written is read back', () => {
  const tags = parseTags({
    ...tag.credential(authSecret('acme')),
    ...tag.revoked(VERSION),
    ...tag.promoted(VERSION, NOW),
    ...tag.adopted(VERSION, NOW - DAY),
    ...tag.blocked('five attempts failed'),
    ...tag.proven(VERSION),
    [LOGIN_OPEN_TAG]: new Date(NOW).toISOString(),
    ...tag.paused('sharing', NOW, 'own-credential-refused, status 401'),
    ...tag.compromised(VERSION, NOW),
    ...tag.suspect(ROTATION, NOW + DAY, 'grant-1'),
    ...tag.unrevoked(VERSION, 'the vendor says no'),
    ...tag.stillAlive(VERSION, NOW),
    ...tag.revoking(VERSION, NOW),
    ...tag.unmapped(VERSION, '01234567', 'a rotation would lose user'),
    ...tag.retired({ version: VERSION, at: NOW, unused: true }),
  });
  expect(tags).toEqual({
    credential: { id: 'acme', subject: expect.stringMatching(/^[0-9a-f]{16}$/) },
    revoked: [VERSION],
    promoted: { version: VERSION, at: NOW },
    adopted: { version: VERSION, createdAt: NOW - DAY },
    blocked: 'five attempts failed',
    proven: VERSION,
    loginOpen: true,
    paused: { account: 'sharing', since: NOW, reason: 'own-credential-refused  status 401' },
    compromised: new Map([[VERSION, NOW]]),
    suspects: [{ rotationId: ROTATION, until: NOW + DAY }],
    unrevoked: [VERSION],
    stillAlive: [VERSION],
    revoking: [VERSION],
    unmapped: new Map([[VERSION, { mapping: '01234567', why: 'a rotation would lose user' }]]),
    retired: { version: VERSION, at: NOW, unused: true },
  });
  expect(parseTags(tag.retired({ version: 'none', at: NOW, unused: false })).retired).toEqual({
    version: 'none',
    at: NOW,
    unused: false,
  });
});

test('what a person wrote as retired names no version', () => {
  expect(parseTags({ 'rotation:retired': 'by ana' }).retired).toEqual({ version: '', at: 0, unused: false });
});

test('beside the subject may stand what was last sent; a secret of an earlier version has two words only', () => {
  const acme = authSecret('acme');
  expect(parseTags(tag.sent(acme, '0123456789abcdef')).credential).toEqual({
    ...parseTags(tag.credential(acme)).credential,
    parameters: '0123456789abcdef',
  });
  expect(parseTags(tag.credential(acme)).credential).not.toHaveProperty('parameters');
});

test('keys and values keep to what AWS takes: 128 and 256 characters, and its alphabet', () => {
  const all: Tags = {
    ...tag.revoked(...Array.from({ length: MOST_REVOKED }, () => VERSION)),
    ...tag.suspect(ROTATION, 'never', 'x'.repeat(500)),
    ...tag.blocked(`é${'y'.repeat(500)}`),
    ...tag.unrevoked(VERSION, 'bad\nline; <b>"quoted"</b>'),
    ...tag.unmapped(VERSION, '01234567', `a rotation would lose ${'"long" '.repeat(60)}`),
  };
  for (const [key, value] of Object.entries(all)) {
    expect(key.length).toBeLessThanOrEqual(128);
    expect(value.length).toBeLessThanOrEqual(256);
    expect(key + value).toMatch(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u);
  }
});

test('characters that AWS refuses become spaces', () => {
  expect(tagText('no: "such" <thing>, ever')).toBe('no:  such   thing   ever');
});

test('the fingerprint of a subject does not tell the subject', () => {
  expect(Object.values(tag.credential(authSecret('acme'))).join()).not.toContain('flinks-data-sharing');
});

test.each([
  ['a time', new Date(NOW + DAY).toISOString(), { until: NOW + DAY }, true],
  ['a time that is over', new Date(NOW).toISOString(), { until: NOW }, false],
  ['never', 'never', { until: 'never' }, true],
  ['never, with its grant', 'never grant 9d1e', { until: 'never' }, true],
  ['resolved, by a person', 'resolved', { until: 'resolved' }, false],
  ['anything else', 'yes', { until: 'never' }, true],
  ['nothing', '', { until: 'never' }, true],
])('a suspect whose tag says %s', (_what, value, expected, open) => {
  const [suspect] = parseTags({ [suspectKey(ROTATION)]: value }).suspects;
  expect(suspect).toEqual({ rotationId: ROTATION, ...expected });
  expect(suspect && isOpen(suspect, NOW)).toBe(open);
});

test('a compromised tag that a person wrote without a time counts all the same', () => {
  expect(parseTags({ [`rotation:compromised:${VERSION}`]: 'yes' }).compromised.has(VERSION)).toBe(true);
});

test('what is not ours, or not in our form, is left out', () => {
  const tags = parseTags({
    team: 'payments',
    'rotation:promoted': 'nonsense',
    'rotation:adopted': '',
    'rotation:x': '1',
  });
  expect(tags).toEqual(parseTags({}));
});

describe('tags go with what they name', () => {
  const outlived = (tags: Tags, labelled: string[] = [], last?: string) =>
    outlivedTags(parseTags(tags), labelled, last, NOW);

  const naming: [string, Tags][] = [
    ['compromised', tag.compromised(VERSION, NOW)],
    ['still-alive', tag.stillAlive(VERSION, NOW)],
    ['revoking', tag.revoking(VERSION, NOW)],
    ['unmapped', tag.unmapped(VERSION, '01234567', 'why')],
    ['promoted', tag.promoted(VERSION, NOW)],
    ['adopted', tag.adopted(VERSION, NOW)],
  ];
  test.each(naming)('%s stays while the version has a label, and goes with its last one', (_name, tags) => {
    expect(outlived(tags, [VERSION])).toEqual([]);
    expect(outlived(tags)).toEqual(Object.keys(tags));
  });

  test('unrevoked stays: it is for a person', () => {
    expect(outlived(tag.unrevoked(VERSION, 'no'))).toEqual([]);
  });

  test('a suspect goes when the grant that it may have left must have ended', () => {
    expect(outlived(tag.suspect(ROTATION, NOW + 1))).toEqual([]);
    expect(outlived(tag.suspect(ROTATION, 'never'))).toEqual([]);
    expect(outlived(tag.suspect(ROTATION, NOW))).toEqual([suspectKey(ROTATION)]);
  });

  test('a resolved suspect stays while its attempt is the last one: else it would be listed again', () => {
    const tags = { [suspectKey(ROTATION)]: 'resolved' };
    expect(outlived(tags, [], ROTATION)).toEqual([]);
    expect(outlived(tags, [], newRotationId(NOW))).toEqual([suspectKey(ROTATION)]);
  });
});
