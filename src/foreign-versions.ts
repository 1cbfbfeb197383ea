import { heldBy, heldIn } from './grants';
import type { Context } from './rotation-context';
import { type Tags, tag } from './rotation-tags';
import type { HistoricVersion, Observation } from './secret-store';
import { laterThanSettled } from './settled-versions';

// What became of the grants of versions that others wrote, and that have lost their labels, only people know. They may be
// more than there may be tags.

/** In place of a version id in `rotation:unrevoked:`. */
const WITHOUT_LABEL = 'versions-without-label';
/** At one look. */
const MOST_NAMED = 5;

/** Those that were there when the secret was adopted. */
export async function withoutLabelAtAdoption(
  context: Context,
  seen: Observation,
  history: readonly HistoricVersion[],
): Promise<Tags> {
  const { length } = await holdingGrants(context, seen, history);
  return length === 0 ? {} : tag.unrevoked(WITHOUT_LABEL, `${length} written before the secret was adopted`);
}

/**
 * Those that came later: the newest are named, with how many there are before them, and the two that had a label when a
 * version was last adopted, since they may lose it sooner or later than others.
 */
export async function withoutLabelSince(
  context: Context,
  seen: Observation,
  history: readonly HistoricVersion[],
): Promise<Tags> {
  const { adopted, revoked, unrevoked } = seen.tags;
  const hadLabel = ({ version: { id } }: HistoricVersion): boolean => id === adopted?.version || id === adopted?.beside;
  const said = history.filter((one) => hadLabel(one) || unrevoked.includes(one.version.id));
  const saidAt = Math.max(0, ...said.map(({ createdAt }) => createdAt));
  const later = history.filter((one) => !hadLabel(one) && one.createdAt > saidAt);
  const open = laterThanSettled(history, revoked).filter(hadLabel);

  const [adoptedThen, others] = [await holdingGrants(context, seen, open), await holdingGrants(context, seen, later)];
  const named = others.slice(-MOST_NAMED);
  const before = others.length - named.length;
  const tags = [...adoptedThen, ...named].map((version) => {
    const more = version === named[0] && before > 0 ? ` - as are ${before} before it` : '';
    return tag.unrevoked(version, `stored by a person and without label${more}`);
  });
  return Object.assign({}, ...tags);
}

/** Of these versions, those that others wrote, without label, and whose grant no labelled version holds. */
async function holdingGrants(
  context: Context,
  { labelled, tags }: Observation,
  versions: readonly HistoricVersion[],
): Promise<readonly string[]> {
  const { store, credential, provider } = context;
  const { revocable, issuedBy } = provider.traits;
  if (!revocable && issuedBy !== 'person') return [];
  const loose = versions.filter(
    ({ version: { id, is } }) => is === 'foreign' && !labelled.includes(id) && !tags.unrevoked.includes(id),
  );
  if (loose.length === 0) return [];
  const held = new Set<string | undefined>();
  for (const version of labelled) held.add((await heldBy(context, version)).grant);
  const found: string[] = [];
  for (const { version } of loose) {
    const content = await store.read(credential, version.id);
    if (content === undefined) continue; // a rotation of AWS's that failed leaves versions without a value
    const { grant } = heldIn(credential, version.id, content);
    if (grant === undefined || !held.has(grant)) found.push(version.id);
  }
  return found;
}
