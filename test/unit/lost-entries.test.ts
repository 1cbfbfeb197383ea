import { firstOf, lostEntries, lostTooMany } from '../../src/lost-entries';
import { tag } from '../../src/rotation-tags';
import type { Credential } from '../../src/types';
import { authSecret } from '../support/credentials';
import { observed } from '../support/observations';

const many = (count: number, prefix = 'c'): Credential[] =>
  Array.from({ length: count }, (_, n) => authSecret(`${prefix}${n}`));
const entries = (credentials: readonly Credential[]) => new Map(credentials.map((one) => [one.id, one]));
const secretsOf = (credentials: readonly Credential[], more: Parameters<typeof observed>[1] = {}) =>
  credentials.map((one) => observed(one, more));

describe('a secret of ours is without an entry', () => {
  const [here, gone] = [authSecret('here'), authSecret('gone')];

  test('when no entry has the id that its tag names', () => {
    expect(lostEntries(secretsOf([here, gone]), entries([here]))).toEqual({ ours: 2, ids: ['gone'] });
  });

  test('when the entry of that id names another secret by now', () => {
    const moved = { ...gone, secretName: 'elsewhere' };
    expect(lostEntries(secretsOf([here, gone]), entries([here, moved])).ids).toEqual(['gone']);
  });

  test('not when it is retired, or scheduled for deletion, or not ours', () => {
    const retired = observed(gone, { tags: { ...tag.credential(gone), 'rotation:retired': 'by ana' } });
    const deleted = observed(gone, { scheduledForDeletion: true });
    const foreign = observed(gone, { tags: { team: 'payments' } });
    expect(lostEntries([retired, deleted, foreign], entries([]))).toEqual({ ours: 0, ids: [] });
  });

  test('also when its grant was ended as unused: its entry was to bring it back', () => {
    const tags = { ...tag.credential(gone), ...tag.retired({ version: 'none', at: 0, unused: true }) };
    expect(lostEntries([observed(gone, { tags })], entries([]))).toEqual({ ours: 1, ids: [gone.id] });
  });
});

describe('too many are lost', () => {
  const lost = (count: number, of: number) => lostEntries(secretsOf(many(of)), entries(many(of).slice(count)));

  test.each([
    [4, 4, 0.1, false],
    [5, 5, 0.1, true],
    [5, 50, 0.1, false],
    [6, 50, 0.1, true],
    [4, 50, 0, false],
    [5, 50, 0, true],
    [50, 50, 1, false],
  ])('%i of %i at a share of %d: %s', (count, of, share, tooMany) => {
    expect(lostTooMany(lost(count, of), share)).toBe(tooMany);
  });
});

test('of many ids the first are named, and how many there are besides', () => {
  expect(firstOf(['a', 'b'])).toBe('a, b');
  expect(firstOf(Array.from({ length: 12 }, (_, n) => String(n)))).toBe('0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more');
});
