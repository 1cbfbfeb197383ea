import { issuedAt } from './due';
import { MOST_REVOKED } from './rotation-tags';
import type { HistoricVersion, Observation } from './secret-store';
import { parseVersionId } from './version-ids';

// What `rotation:revoked` says of a history: all versions before the oldest that it names are settled, and those that it
// names. One tag holds only so many, so the oldest moves on wherever nothing before it is left to settle. Pure.

/** Stands for a version before all others: nothing was settled yet. */
const NONE = 'none';

/** Dates may be equal: what is as old as the oldest one is looked at too. */
export function laterThanSettled(
  history: readonly HistoricVersion[],
  settled: readonly string[],
): readonly HistoricVersion[] {
  const createdAt = (id: string): number => history.find(({ version }) => version.id === id)?.createdAt ?? 0;
  const first = settled.length === 0 ? 0 : Math.min(...settled.map(createdAt));
  return history.filter(({ version, createdAt: at }) => at >= first && !settled.includes(version.id));
}

/**
 * What the tag is to name once this version is settled too. Versions without label are settled in the order of their
 * creation, so that of those before it only what has a label is left.
 * @returns undefined where it would be more than the tag holds: too many are younger than one that is not settled
 */
export function settledWith(
  { tags, labelled }: Observation,
  history: readonly HistoricVersion[],
  settled: string,
): readonly string[] | undefined {
  const at = (id: string): number => history.findIndex(({ version }) => version.id === id);
  const before = tags.revoked.length === 0 ? [NONE] : tags.revoked;
  const names = [...new Set([...before, settled])].sort((a, b) => at(a) - at(b));
  const isLeft = ({ version: { id, is } }: HistoricVersion, n: number): boolean =>
    (is === 'value' || is === 'foreign') &&
    !names.includes(id) &&
    (labelled.includes(id) || (is === 'value' && n > at(settled)));
  while (names[1] !== undefined && !history.slice(0, at(names[1])).some(isLeft)) names.shift();
  return names.length > MOST_REVOKED ? undefined : names;
}

/**
 * The same for AWSPREVIOUS, without its history. What lost its labels after it, and is settled, stays named; and where a
 * person has moved AWSCURRENT back, what is older than AWSPREVIOUS is not settled by that.
 */
export function withPrevious(seen: Observation): readonly string[] {
  const { current, previous, tags } = seen;
  if (previous === undefined) return tags.revoked;
  const at = issuedAt(previous, seen);
  const movedBack = (issuedAt(current, seen) ?? 0) < (at ?? 0);
  const [first = NONE, ...others] = tags.revoked.filter((id) => id !== previous.id);
  if (movedBack) return [first, ...[...others, previous.id].slice(1 - MOST_REVOKED)];
  const later = [first, ...others].filter((id) => {
    const version = parseVersionId(id);
    return at !== undefined && version.is === 'value' && version.issuedAt > at;
  });
  return [previous.id, ...later].slice(0, MOST_REVOKED);
}
