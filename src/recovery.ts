import { announcing } from './announcing';
import { DELETED_BY_A_PERSON } from './by-hand';
import { finishStaged } from './chosen-value';
import { type Counts, markGivenUp, seal } from './giving-up';
import { askAgain, heldBy, hitCurrent, isHeld, sendRevocation } from './grants';
import { AGAIN, type Context, type Next, waitsForAccount } from './rotation-context';
import { BLOCKED_TAG, tag } from './rotation-tags';
import type { Observation } from './secret-store';
import { laterThanSettled } from './settled-versions';
import { grantFields } from './stored-value';
import { listSuspect } from './suspects';
import { parseVersionId, type ValueId } from './version-ids';

const NO_FAILURES: Counts = { failures: 0, undone: 0 };

/** A value that is staged and may be promoted: by whoever finds it. */
export async function resumeStaged(context: Context, seen: Observation, version: ValueId): Promise<Next> {
  const { credential, store, log } = context;
  const content = await store.read(credential, version.id);
  if (content?.is === 'tombstone') {
    await markGivenUp(context, seen, version.id);
    return AGAIN;
  }
  if (content?.is !== 'value' || seen.current === undefined)
    return { outcome: 'waits', reason: 'staged-value-not-readable-yet' };
  if (await wasSettled(context, seen, version)) return dropSuperseded(context, seen, version);
  log.info({ step: 'resume', rotation: version.rotationId, version: version.id }, 'found a staged value');
  const head = seen.current.is === 'intent' ? credential.id : seen.current.id;
  const intent = await announcing(context, head, version.id);
  const staged = {
    id: version.id,
    base: seen.current.id,
    call: intent?.call ?? 'issue',
    parameters: intent?.parameters,
    held: grantFields(credential, content.value),
    counts: intent ?? NO_FAILURES,
  };
  return finishStaged(context, staged, seen);
}

/** It lost its labels by a person's hand, was settled, and an attempt that begins again has come upon it. */
async function wasSettled({ store, credential }: Context, { tags }: Observation, version: ValueId): Promise<boolean> {
  if (tags.revoked.every((id) => isOlder(id, version))) return false;
  const history = await store.history(credential);
  return !laterThanSettled(history, tags.revoked).some((later) => later.version.id === version.id);
}

function isOlder(id: string, { issuedAt }: ValueId): boolean {
  const version = parseVersionId(id);
  return version.is === 'value' && version.issuedAt < issuedAt;
}

/**
 * A staged value that can no longer be promoted: its grant is revoked if no labelled version holds it, and it is sealed.
 * A kind that replaces in place is listed as suspect first, since the call may have killed AWSCURRENT.
 */
export async function dropSuperseded(context: Context, seen: Observation, version: ValueId): Promise<Next> {
  const { provider } = context;
  if (provider.traits.replacesInPlace && !seen.tags.suspects.some((s) => s.rotationId === version.rotationId)) {
    await listSuspect(context, version);
    return AGAIN;
  }
  const content = await context.store.read(context.credential, version.id);
  if (content?.is === 'tombstone') {
    await markGivenUp(context, seen, version.id);
    return AGAIN;
  }
  const stop = await letGo(context, seen, version);
  return stop ?? seal(context, version, 'superseded', seen.current?.id ?? version.id, NO_FAILURES);
}

/** A person brings another in place of the one that the vendor does not let in, or refuses: its block goes with it. */
export async function replaceBlocked(context: Context, seen: Observation, version: ValueId): Promise<Next> {
  const next = await dropSuperseded(context, seen, version);
  if (next === AGAIN) await context.store.untag(context.credential, [BLOCKED_TAG]);
  return next;
}

/** @returns undefined when the value may be sealed */
async function letGo(context: Context, seen: Observation, version: ValueId): Promise<Next | undefined> {
  const { revocable, issuedBy } = context.provider.traits;
  if (!revocable && issuedBy !== 'person') return undefined;
  const held = await heldBy(context, version.id);
  const { grant } = held;
  if (grant === undefined) return unrevoked(context, version.id, 'no-grant-id-in-the-value');
  const others = { ...seen, pending: undefined };
  if (await isHeld(context, others, grant)) return undefined;
  if (!revocable) return unrevoked(context, version.id, DELETED_BY_A_PERSON);
  const waits = await waitsForAccount(context);
  if (waits !== undefined) return waits;
  const current = await heldBy(context, seen.current?.id);
  const sent = await sendRevocation(context, seen, version.id, { ...held, grant }, current);
  switch (sent.outcome) {
    case 'revoked':
      return undefined;
    case 'no-answer':
    case 'too-late':
      return askAgain(context, version.id, sent.outcome);
    case 'hit-current': // sealed all the same: asked again it would hit again
      await hitCurrent(context, version.id, sent.reinstated);
      return unrevoked(context, version.id, 'the revocation hit AWSCURRENT');
    case 'not-revoked':
      return unrevoked(context, version.id, sent.reason);
  }
}

async function unrevoked({ store, credential, log }: Context, version: string, reason: string): Promise<undefined> {
  await store.tag(credential, tag.unrevoked(version, reason));
  log.alarm('grant-unrevoked', { version, reason }, 'a superseded grant that we cannot revoke: a person has to');
}
