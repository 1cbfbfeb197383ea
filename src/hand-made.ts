import { giveUp } from './giving-up';
import { firstPause, heldBy, sendRevocation } from './revocation';
import { AGAIN, type Context, fingerprint, type Next } from './rotation-context';
import { tag } from './rotation-tags';
import type { HistoricVersion, Observation } from './secret-store';

/**
 * A person made a version of their own current. Before anything else is done with it, the history is looked through for
 * what may have lost its labels thereby: intents without value or tombstone are given up, values later than the one that
 * was settled last are settled. Then the version is taken as it is.
 */
export async function lookThroughHistory(context: Context, seen: Observation): Promise<Next> {
  const { credential, store, log } = context;
  const history = await store.history(credential);
  const settled = history.findIndex(({ version }) => version.id === seen.tags.revoked);
  const open = history.slice(settled + 1);
  const next = (await giveUpOpenIntents(context, open, history)) ?? (await settleLooseValues(context, seen, open));
  if (next !== undefined) return next;
  const current = history.find(({ version }) => version.id === seen.current?.id);
  if (current === undefined)
    return {
      outcome: 'waits',
      reason: 'version-not-listed-yet',
      retryAt: context.clock.now() + firstPause(credential),
    };
  await store.tag(credential, tag.adopted(current.version.id, current.createdAt));
  log.alarm(
    'foreign-version',
    { version: current.version.id },
    'a person made a version of their own current: taken as it is',
  );
  return AGAIN;
}

async function giveUpOpenIntents(
  context: Context,
  open: readonly HistoricVersion[],
  all: readonly HistoricVersion[],
): Promise<Next | undefined> {
  for (const { version } of open) {
    if (version.is !== 'intent') continue;
    const content = await context.store.read(context.credential, version.id);
    if (content?.is !== 'intent' || all.some((other) => other.version.id === content.value)) continue;
    return giveUp(context, { ...content, id: version.id }, 'outcome-unknown');
  }
  return undefined;
}

async function settleLooseValues(
  context: Context,
  seen: Observation,
  open: readonly HistoricVersion[],
): Promise<Next | undefined> {
  const { credential, provider, store } = context;
  if (!provider.traits.revocable) return undefined;
  const loose = open.find(({ version }) => version.is === 'value' && !seen.labelled.includes(version.id));
  if (loose === undefined) return undefined;
  const next = await revokeLoose(context, seen, loose.version.id);
  if (next !== undefined) return next;
  await store.tag(credential, tag.revoked(loose.version.id));
  return AGAIN;
}

/** @returns undefined when nothing of the version is left to revoke */
async function revokeLoose(context: Context, seen: Observation, version: string): Promise<Next | undefined> {
  const { credential, store, clock, log } = context;
  const old = await heldBy(context, version);
  const current = await heldBy(context, seen.current?.id);
  const others = [await heldBy(context, seen.previous?.id), await heldBy(context, seen.pending?.id)];
  const { grant } = old;
  if (grant === undefined || [current, ...others].some((other) => other.grant === grant)) return undefined;
  const answer = await sendRevocation(context, seen, version, { ...old, grant }, current);
  log.info(
    { step: 'history', version, grant: fingerprint(credential, grant), reason: answer.outcome },
    'a value had lost its labels',
  );
  if (answer.outcome === 'revoked') return undefined;
  if (answer.outcome === 'not-revoked' || answer.outcome === 'hit-current') {
    await store.tag(credential, tag.unrevoked(version, answer.outcome));
    return undefined;
  }
  return { outcome: 'waits', reason: answer.outcome, retryAt: clock.now() + firstPause(credential) };
}
