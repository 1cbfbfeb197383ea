import { tag } from '../../src/rotation-tags';
import type { HistoricVersion } from '../../src/secret-store';
import { laterThanSettled, settledWith, withPrevious } from '../../src/settled-versions';
import { intentId, parseVersionId, tryId } from '../../src/version-ids';
import { authSecret } from '../support/credentials';
import { DAY, FOREIGN, NOW, observed, valueAged } from '../support/observations';

const [A, B, C, D, E] = [9, 8, 7, 6, 5].map((days) => valueAged(days * DAY)) as [
  string,
  string,
  string,
  string,
  string,
];
const HISTORY: readonly HistoricVersion[] = [A, B, C, D, E].map((id, n) => ({
  version: parseVersionId(id),
  createdAt: NOW - (9 - n) * DAY,
}));

type Given = Parameters<typeof observed>[1];
const observation = (given: Given) => observed(authSecret(), given);

const idsOf = (versions: readonly HistoricVersion[]): string[] => versions.map(({ version: { id } }) => id);

test('what is older than the oldest that is named is settled', () => {
  expect(idsOf(laterThanSettled(HISTORY, []))).toEqual([A, B, C, D, E]);
  expect(idsOf(laterThanSettled(HISTORY, [B, D]))).toEqual([C, E]);
  expect(idsOf(laterThanSettled(HISTORY, ['none', D]))).toEqual([A, B, C, E]);
});

test('what is as old as the oldest that is named is looked at too', () => {
  const history = [A, B].map((id) => ({ version: parseVersionId(id), createdAt: NOW }));
  expect(idsOf(laterThanSettled(history, [A]))).toEqual([B]);
});

describe('settledWith', () => {
  const settled = (given: Given, version: string) => settledWith(observation(given), HISTORY, version);

  test('the oldest moves on where nothing before is left to settle', () => {
    expect(settled({ current: E }, A)).toEqual([A]);
    expect(settled({ current: E, tags: tag.revoked(A) }, B)).toEqual([B]);
    expect(settled({ current: E, tags: tag.revoked(A, B) }, C)).toEqual([C]);
  });

  test('and not over a version that has a label', () => {
    expect(settled({ current: E, previous: A }, B)).toEqual(['none', B]);
    expect(settled({ current: E, previous: B, tags: tag.revoked(A) }, C)).toEqual([A, C]);
    expect(settled({ current: E, previous: B, tags: tag.revoked(A, C) }, D)).toEqual([A, C, D]);
  });

  test('whoever made it; an intent and a try have nothing to settle', () => {
    const over = (id: string) => {
      const history = [{ version: parseVersionId(id), createdAt: 0 }, ...HISTORY];
      return settledWith(observation({ current: E, previous: id }), history, A);
    };
    expect(over(FOREIGN)).toEqual(['none', A]);
    expect(over(intentId('acme'))).toEqual([A]);
    expect(over(tryId(A, 1))).toEqual([A]);
  });

  test('what others wrote later, and has no label, is not left for this', () => {
    const theirs = { version: parseVersionId(FOREIGN), createdAt: NOW - 7.5 * DAY };
    const history = [...HISTORY.slice(0, 2), theirs, ...HISTORY.slice(2)];
    expect(settledWith(observation({ current: E, tags: tag.revoked(A, C, D) }), history, B)).toEqual([D]);
  });

  test('nor over one that is settled later', () => {
    expect(settled({ current: E, tags: tag.revoked(A, D) }, B)).toEqual([B, D]);
  });

  test('more than the tag holds are not named', () => {
    expect(settled({ current: A, tags: tag.revoked('none', B, C) }, D)).toBeUndefined();
  });
});

describe('withPrevious', () => {
  const names = (given: Given) => withPrevious(observation(given));

  test('where AWSCURRENT was moved back no version is named twice, and the last are named', () => {
    expect(names({ current: A, previous: D, tags: tag.revoked(D) })).toEqual(['none', D]);
    expect(names({ current: A, previous: E, tags: tag.revoked('none', B, C) })).toEqual(['none', C, E]);
  });

  test('what is as old as AWSPREVIOUS is settled with it', () => {
    const twin = valueAged(6 * DAY, 'another');
    expect(names({ current: E, previous: D, tags: tag.revoked(A, twin) })).toEqual([D]);
  });

  test('AWSPREVIOUS settles all before it', () => {
    expect(names({ current: E, previous: D, tags: tag.revoked(A, B) })).toEqual([D]);
  });

  test('what lost its labels after it stays named', () => {
    expect(names({ current: E, previous: B, tags: tag.revoked(A, C) })).toEqual([B, C]);
  });

  test('where a person moved AWSCURRENT back, that one is not settled by it', () => {
    expect(names({ current: A, previous: B })).toEqual(['none', B]);
    expect(names({ current: B, previous: D, tags: tag.revoked(A) })).toEqual([A, D]);
  });

  test('no more are named than the tag holds: the youngest is left out', () => {
    expect(names({ current: E, previous: A, tags: tag.revoked(B, C, D) })).toEqual([A, B, C]);
  });

  test('where nothing is AWSPREVIOUS nothing more is settled', () => {
    expect(names({ current: E, tags: tag.revoked(A, C) })).toEqual([A, C]);
  });
});
