import { UsageError } from '../errors';
import type { Manifest } from '../manifest';
import { cleaned } from '../queue/cleaned';
import type { Credential } from '../types';

const MOST_SUGGESTIONS = 3;
/** Further away it is no typing mistake. */
const MOST_CHANGES = 3;

/**
 * The entries of these ids, each once.
 * @param secretly what was typed is not repeated: it may be a value in the wrong place
 * @throws UsageError naming all that are unknown, with those that are meant perhaps
 */
export function credentialsNamed(
  { byId }: Manifest,
  ids: readonly string[],
  { secretly = false } = {},
): readonly Credential[] {
  const unknown = ids.filter((id) => !byId.has(id));
  if (unknown.length > 0) throw new UsageError(unknown.map((id) => unknownId(byId, id, secretly)).join('\n'));
  return [...new Set(ids)].flatMap((id) => byId.get(id) ?? []);
}

function unknownId(byId: Manifest['byId'], id: string, secretly: boolean): string {
  const shown = secretly ? 'of that id' : `"${cleaned(id, 128)}"`;
  const near = suggestions([...byId.keys()], id);
  const hint = near.length === 0 ? 'rotator status lists them all.' : `Did you mean ${near.join(', ')}?`;
  return `There is no credential ${shown} in the manifest. ${hint}`;
}

/** Ids that hold what was typed, and those that differ by a few letters. */
function suggestions(ids: readonly string[], typed: string): readonly string[] {
  const wanted = typed.toLowerCase();
  if (wanted === '') return [];
  const holding = ids.filter((id) => id.toLowerCase().includes(wanted));
  if (holding.length > 0) return holding.slice(0, MOST_SUGGESTIONS);
  return ids
    .filter((id) => Math.abs(id.length - wanted.length) <= MOST_CHANGES)
    .map((id) => ({ id, changes: changesBetween(id.toLowerCase(), wanted) }))
    .filter(({ changes }) => changes <= Math.min(MOST_CHANGES, wanted.length / 2))
    .sort((a, b) => a.changes - b.changes)
    .slice(0, MOST_SUGGESTIONS)
    .map(({ id }) => id);
}

/** Letters to put in, take out or replace (Levenshtein). */
function changesBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
