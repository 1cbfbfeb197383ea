import { type Counts, listSuspect, markGivenUp, seal } from './giving-up';
import { verifyAndPromote } from './promotion';
import { firstPause, heldBy, hitCurrent, sendRevocation } from './revocation';
import { AGAIN, type Context, type Next } from './rotation-context';
import { tag } from './rotation-tags';
import type { Observation } from './secret-store';
import { grantFields } from './stored-value';
import { intentId, type ValueId } from './version-ids';

const LONGEST_CHAIN = 20;
const NO_GRANT_ID = { outcome: 'not-revoked' } as const;
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
  log.info({ step: 'resume', rotation: version.rotationId, version: version.id }, 'found a staged value');
  const counts = await countsBefore(context, seen, version);
  return verifyAndPromote(context, {
    id: version.id,
    base: seen.current.id,
    held: grantFields(credential, content.value),
    counts,
  });
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
  const stop = provider.traits.revocable ? await revokeSuperseded(context, seen, version) : undefined;
  return stop ?? seal(context, version, 'superseded', seen.current?.id ?? version.id, NO_FAILURES);
}

/** @returns undefined when the value may be sealed */
async function revokeSuperseded(context: Context, seen: Observation, version: ValueId): Promise<Next | undefined> {
  const { credential, store, log, clock } = context;
  const held = await heldBy(context, version.id);
  const current = await heldBy(context, seen.current?.id);
  const previous = await heldBy(context, seen.previous?.id);
  const { grant } = held;
  if (grant !== undefined && (grant === current.grant || grant === previous.grant)) return undefined;
  const answer =
    grant === undefined ? NO_GRANT_ID : await sendRevocation(context, seen, version.id, { ...held, grant }, current);
  switch (answer.outcome) {
    case 'revoked':
      return undefined;
    case 'no-answer':
    case 'too-late':
      return { outcome: 'waits', reason: answer.outcome, retryAt: clock.now() + firstPause(credential) };
    case 'hit-current':
      return hitCurrent(context, version.id, answer.reinstated);
    case 'not-revoked':
      await store.tag(credential, tag.unrevoked(version.id, 'superseded and not revoked'));
      log.alarm(
        'grant-unrevoked',
        { version: version.id },
        'a superseded grant that we cannot revoke: a person has to',
      );
      return undefined;
  }
}

/** How often the credential had failed before this attempt: its intent says so, at the end of the chain from AWSCURRENT. */
async function countsBefore({ store, credential }: Context, seen: Observation, version: ValueId): Promise<Counts> {
  let head = seen.current?.is === 'intent' ? credential.id : (seen.current?.id ?? credential.id);
  for (let n = 0; n < LONGEST_CHAIN; n += 1) {
    const id = intentId(head);
    const record = await store.read(credential, id);
    if (record === undefined || record.is === 'value') break;
    if (record.is === 'intent' && record.value === version.id) return record;
    head = record.is === 'intent' ? record.value : id; // a tombstone under an intent's id seals the value before it
  }
  return NO_FAILURES;
}
