import { adopt, tellUnrevoked } from './adoption';
import { OUTCOME_LOST } from './attempt-record';
import { DELETED_BY_A_PERSON } from './by-hand';
import { withoutLabelSince } from './foreign-versions';
import { giveUp } from './giving-up';
import { askAgain, heldBy, hitCurrent, isHeld, sendRevocation } from './grants';
import type { Revocation } from './provider';
import { AGAIN, type Context, type Next, waitsForAccount } from './rotation-context';
import { tag } from './rotation-tags';
import type { HistoricVersion, Observation } from './secret-store';
import { laterThanSettled, settledWith } from './settled-versions';
import { intentId, type VersionId } from './version-ids';

/**
 * A version that is not ours is current, or was: a person made it so, or the secret is to be adopted. Before anything else
 * is done with it, the history is looked through for what may have lost its labels thereby: intents without value or tombstone are
 * given up, what people stored is said, values of ours later than the one that was settled last are settled. Then the version
 * is taken as it is.
 */
export async function lookThroughHistory(context: Context, seen: Observation): Promise<Next> {
  const history = await context.store.history(context.credential);
  const open = laterThanSettled(history, seen.tags.revoked);
  const next =
    (await giveUpOpenIntents(context, seen, open, history)) ??
    (await sayTheirs(context, seen, history)) ??
    (await settleLooseValues(context, seen, open, history));
  return next ?? adopt(context, seen, history);
}

async function giveUpOpenIntents(
  context: Context,
  seen: Observation,
  open: readonly HistoricVersion[],
  all: readonly HistoricVersion[],
): Promise<Next | undefined> {
  for (const { version } of open) {
    if (version.is !== 'intent') continue;
    const content = await context.store.read(context.credential, version.id);
    if (content?.is !== 'intent' || all.some((other) => other.version.id === content.value)) continue;
    return giveUp(context, { ...content, id: version.id }, OUTCOME_LOST[content.call], { from: seen.pending?.id });
  }
  return undefined;
}

/** What a person stored, and took all labels from, is theirs to revoke. What was there at adoption is said with that. */
async function sayTheirs(
  context: Context,
  seen: Observation,
  history: readonly HistoricVersion[],
): Promise<Next | undefined> {
  if (seen.tags.credential === undefined) return undefined;
  const unrevoked = await withoutLabelSince(context, seen, history);
  if (Object.keys(unrevoked).length === 0) return undefined;
  await context.store.tag(context.credential, unrevoked);
  tellUnrevoked(context, unrevoked);
  return AGAIN;
}

/** Values of ours, one a pass: the labels are read again before each revocation. */
async function settleLooseValues(
  context: Context,
  seen: Observation,
  open: readonly HistoricVersion[],
  all: readonly HistoricVersion[],
): Promise<Next | undefined> {
  const { revocable, issuedBy } = context.provider.traits;
  if (!revocable && issuedBy !== 'person') return undefined;
  for (const { version } of open) {
    if (version.is !== 'value' || seen.labelled.includes(version.id)) continue;
    if (seen.tags.unrevoked.includes(version.id) || (await isSealed(context, version.id, all))) continue;
    const next = await settleLoose(context, seen, version, all);
    if (next !== undefined) return next;
  }
  return undefined;
}

/** A superseded value was settled before the tombstone that seals it. */
async function isSealed({ store, credential }: Context, version: string, all: readonly HistoricVersion[]) {
  const seal = intentId(version);
  if (!all.some((other) => other.version.id === seal)) return false;
  return (await store.read(credential, seal))?.is === 'tombstone';
}

/** @returns undefined when the version holds no grant of its own: a tombstone, or one that another version is settled with */
async function settleLoose(
  context: Context,
  seen: Observation,
  version: VersionId,
  all: readonly HistoricVersion[],
): Promise<Next | undefined> {
  const old = await heldBy(context, version.id);
  const { grant } = old;
  if (grant === undefined || (await isHeld(context, seen, grant))) return undefined;
  if (await isSettledLater(context, seen, version, grant, all)) return undefined;
  const settled = settledWith(seen, all, version.id);
  if (settled === undefined) return writeDown(context, undefined, version.id, TOO_MANY);
  if (!context.provider.traits.revocable) return writeDown(context, settled, version.id, BY_A_PERSON);
  const waits = await waitsForAccount(context);
  if (waits !== undefined) return waits;
  const current = await heldBy(context, seen.current?.id);
  const sent = await sendRevocation(context, seen, version.id, { ...old, grant }, current);
  if (sent.outcome === 'no-answer' || sent.outcome === 'too-late') return askAgain(context, version.id, sent.outcome);
  return writeDown(context, settled, version.id, sent);
}

/**
 * An extended receipt, or the copy of a rollback: a grant is settled with the last version that holds it. Later ones that
 * stand in the tag beside the first were revoked when the history was looked through.
 */
async function isSettledLater(
  context: Context,
  { tags, labelled }: Observation,
  { id }: VersionId,
  grant: string,
  all: readonly HistoricVersion[],
): Promise<boolean> {
  const [first, ...looked] = tags.revoked;
  const at = all.findIndex(({ version }) => version.id === id);
  for (const { version } of all.slice(at + 1)) {
    if (version.is !== 'value' || version.id === first || labelled.includes(version.id)) continue;
    if ((await heldBy(context, version.id)).grant !== grant) continue;
    if (looked.includes(version.id) || !(await isSealed(context, version.id, all))) return true;
  }
  return false;
}

const BY_A_PERSON: Revocation = { outcome: 'not-revoked', reason: DELETED_BY_A_PERSON };
/** Revoked, it could not be written down, and would be revoked again for ever. */
const TOO_MANY: Revocation = {
  outcome: 'not-revoked',
  reason: 'too many versions lost their labels after one that is not settled',
};

/** @param settled what is settled from then on; undefined: as before */
async function writeDown(
  context: Context,
  settled: readonly string[] | undefined,
  version: string,
  sent: Revocation,
): Promise<Next> {
  const { credential, store, log } = context;
  if (sent.outcome === 'hit-current') await hitCurrent(context, version, sent.reinstated);
  const reason = sent.outcome === 'not-revoked' ? sent.reason : sent.outcome;
  const left = sent.outcome === 'revoked' ? {} : tag.unrevoked(version, reason);
  await store.tag(credential, { ...(settled === undefined ? {} : tag.revoked(...settled)), ...left });
  log.info({ step: 'history', version, reason }, 'a value had lost its labels');
  if (sent.outcome !== 'revoked') log.alarm('grant-unrevoked', { version, reason }, 'a person has to revoke it');
  return AGAIN;
}
