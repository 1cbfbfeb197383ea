import { withoutLabelAtAdoption } from './foreign-versions';
import { firstPause, heldBy } from './grants';
import { AGAIN, type Context, type Next } from './rotation-context';
import { type Tags, tag, unmappedKey, unrevokedKey } from './rotation-tags';
import type { HistoricVersion, Observation } from './secret-store';
import { mappingFingerprint, misfit, unmapped } from './value-fit';

// Versions that people or other programs wrote are taken as they are: their age from their creation date, their grants
// from the fields of their values or from the entry. What is to be said about them goes into one write of tags.

/** The first time the secret becomes ours by this; later a person has been at work. */
export async function adopt(context: Context, seen: Observation, history: readonly HistoricVersion[]): Promise<Next> {
  const { credential, store, log, clock } = context;
  // AWSPREVIOUS where a person made a version of their own current and thought better of it
  const [taken, beside] = [seen.current, seen.previous].filter((version) => version?.is === 'foreign');
  const found = history.find(({ version }) => version.id === taken?.id);
  if (found === undefined || found.createdAt === 0) {
    const reason = found === undefined ? 'version-not-listed-yet' : 'creation-date-unknown';
    return { outcome: 'waits', reason, retryAt: clock.now() + firstPause(credential) };
  }
  const version = found.version.id;
  const looks = credential.adopt !== undefined && version === seen.current?.id;
  const misfits = looks ? await misfitOf(context, version) : {};
  const tags = { ...tag.adopted(version, found.createdAt, beside?.id), ...misfits };
  if (seen.tags.credential === undefined) return takeOver(context, seen, history, tags);
  await store.tag(credential, tags);
  log.alarm('foreign-version', { version }, 'a person made a version of their own current: taken as it is');
  return AGAIN;
}

/** Is it the entry that does not fit the value? Its consumers are to go on reading the same fields. */
async function misfitOf({ store, credential }: Context, version: string): Promise<Tags> {
  const content = await store.read(credential, version);
  const why = content?.is === 'value' ? misfit(credential, content.value) : undefined;
  return why === undefined ? {} : tag.unmapped(version, mappingFingerprint(credential), why);
}

async function takeOver(
  context: Context,
  seen: Observation,
  history: readonly HistoricVersion[],
  tags: Tags,
): Promise<Next> {
  const { credential, store, log } = context;
  const maps = tags[unmappedKey(seen.current?.id ?? '')] === undefined;
  const unrevoked = {
    ...(await withoutGrant(context, [seen.previous?.id, ...(maps ? [seen.current?.id] : [])])),
    ...(await withoutLabelAtAdoption(context, seen, history)),
  };
  const looked = { ...graceBegins(seen), ...lookedAt(seen, history) };
  await store.tag(credential, { ...tag.credential(credential), ...tags, ...looked, ...unrevoked });
  log.info({ step: 'adopt', version: seen.current?.id }, 'a secret that held a value is taken as it is');
  tellUnrevoked(context, unrevoked);
  return AGAIN;
}

/** When AWSPREVIOUS was replaced nobody wrote down: not after the last change of the secret. Late, never early. */
const graceBegins = ({ current, previous, lastChangedAt }: Observation): Tags =>
  current === undefined || previous === undefined ? {} : tag.promoted(current.id, lastChangedAt);

/**
 * How far the history was looked through, said as of a version that was settled: the last one without label that is older
 * than all that have one.
 */
function lookedAt({ labelled, tags }: Observation, history: readonly HistoricVersion[]): Tags {
  if (tags.revoked.length > 0) return {};
  const last = history[history.findIndex(({ version }) => labelled.includes(version.id)) - 1];
  return last === undefined ? {} : tag.revoked(last.version.id);
}

/** Of these versions, those that do not tell their grant, nor does the entry. */
async function withoutGrant(context: Context, versions: readonly (string | undefined)[]): Promise<Tags> {
  if (!context.provider.traits.revocable) return {};
  const found: Tags[] = [];
  for (const version of versions) {
    if (version === undefined || (await heldBy(context, version)).grant !== undefined) continue;
    found.push(tag.unrevoked(version, 'no-grant-id-in-the-value'));
  }
  return Object.assign({}, ...found);
}

export function tellUnrevoked({ log }: Context, unrevoked: Tags): void {
  for (const [name, reason] of Object.entries(unrevoked)) {
    const version = name.slice(unrevokedKey('').length);
    log.alarm('grant-unrevoked', { version, reason }, 'a grant that we cannot revoke: a person has to');
  }
}

/** An adopted value that did not fit is looked at again when its entry says something else. @returns whether it was */
export async function lookAtFieldsAgain(context: Context, seen: Observation): Promise<boolean> {
  const { credential, store, log } = context;
  const version = seen.current?.id;
  if (version === undefined || unmapped(credential, seen)?.outdated !== true) return false;
  const misfits = await misfitOf(context, version);
  const fits = Object.keys(misfits).length === 0;
  const tags = fits ? await withoutGrant(context, [version]) : misfits;
  if (Object.keys(tags).length > 0) await store.tag(credential, tags);
  if (fits) {
    await store.untag(credential, [unmappedKey(version)]);
    log.info({ step: 'adopt', version }, 'the entry maps the fields of the adopted value');
    tellUnrevoked(context, tags);
  }
  return true;
}
