import type { Observation } from './secret-store';
import type { Credential } from './types';

// Secrets that are ours, by their tag, and that no entry of the manifest names any more. Nothing of theirs is rotated or
// revoked: an entry that is gone may have been lost by mistake. The tags know it, so that a restart forgets nothing. Pure.

export interface Lost {
  /** Secrets that are ours: neither retired nor scheduled for deletion. */
  readonly ours: number;
  /** The credentials of those without an entry that has their id and names their secret; sorted. */
  readonly ids: readonly string[];
}

/** Fewer are never too many: somebody who has ten credentials may take out two. */
const FEWEST = 5;
const MOST_SHOWN = 10;

export function lostEntries(fleet: Iterable<Observation>, entries: ReadonlyMap<string, Credential>): Lost {
  const ids: string[] = [];
  let ours = 0;
  for (const { secretName, tags, scheduledForDeletion } of fleet) {
    if (tags.credential === undefined || tags.retired?.unused === false || scheduledForDeletion) continue;
    ours += 1;
    const { id } = tags.credential;
    if (entries.get(id)?.secretName !== secretName) ids.push(id);
  }
  return { ours, ids: ids.sort() };
}

/** Has a manifest lost so many that it must be a mistake: five or more, and more than the share of those that are ours? */
export const lostTooMany = ({ ours, ids }: Lost, lostShare: number): boolean =>
  ids.length >= FEWEST && ids.length > ours * lostShare;

export const firstOf = (ids: readonly string[]): string =>
  ids.length <= MOST_SHOWN
    ? ids.join(', ')
    : `${ids.slice(0, MOST_SHOWN).join(', ')} and ${ids.length - MOST_SHOWN} more`;

/** What is wrong with a manifest that lost too many, and how to mend it. */
export const lostProblem = ({ ours, ids }: Lost, lostShare: number): string =>
  `${ids.length} of the ${ours} secrets that carry our tag have no entry any more (limits.lostShare is ${lostShare}): ${firstOf(ids)}: restore these entries, mark them \`state: retired\`, or raise limits.lostShare`;
