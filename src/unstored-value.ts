import type { Attempt } from './giving-up';
import { heldBy, isHeld } from './grants';
import type { GrantFields } from './provider';
import { AGAIN, type Context, fingerprint, type Next } from './rotation-context';
import { suspectKey } from './rotation-tags';
import { listSuspect } from './suspects';
import { parseVersionId } from './version-ids';

// A value is in memory, and will not be stored: another worker gave the attempt up, or the store refuses it.

/** The attempt was given up while its value was in memory: the value can never be staged. */
export async function lostToTombstone(context: Context, attempt: Attempt, held: GrantFields): Promise<Next> {
  const { credential, provider, log, clock } = context;
  const grant = held.grant === undefined ? undefined : fingerprint(credential, held.grant);
  log.warn(
    { step: 'stage', rotation: attempt.rotationId, grant, reason: 'given-up-by-another-worker' },
    'the value comes too late',
  );
  if (attempt.call === 'issue' && provider.traits.verifiable) {
    // only now did it happen: AWSCURRENT is verified, and healed
    await listSuspect(context, parseVersionId(attempt.value), { from: clock.now() });
    return AGAIN;
  }
  const revoked = await revokeFromMemory(context, attempt, held).catch(() => false);
  if (!revoked) await listIfOrphan(context, attempt, held.grant);
  return { outcome: 'failed', reason: 'given-up-by-another-worker' };
}

/** Staging was given up for good. The grant may be revoked only if no put of its value was left without an answer. */
export async function stagingFailed(
  context: Context,
  attempt: Attempt,
  held: GrantFields,
  answered: boolean,
): Promise<Next> {
  const { log } = context;
  const { rotationId: rotation, call } = attempt;
  log.alarm('staging-failing', { rotation, call, answered }, 'a value could not be stored: given up');
  const revoked = answered && (await revokeFromMemory(context, attempt, held).catch(() => false));
  if (!revoked) await listIfOrphan(context, attempt, held.grant).catch(() => undefined);
  return { outcome: 'failed', reason: 'value-not-stored' };
}

/**
 * Lists the attempt as suspect where its call may have left a grant that nobody stored: an issue always, a renewal only
 * where the vendor answered with another grant (providers.md 5, line 35), and what calls no vendor never.
 */
export async function listIfOrphan(context: Context, attempt: Attempt, grant: string | undefined): Promise<void> {
  if (attempt.call !== 'issue' && attempt.call !== 'renew') return;
  if (attempt.call === 'renew' && (await isKnown(context, attempt, grant).catch(() => false))) return;
  await listSuspect(context, parseVersionId(attempt.value), { grant });
}

async function isKnown(context: Context, { base }: Attempt, grant: string | undefined): Promise<boolean> {
  if (grant === undefined) return false;
  const seen = await context.store.observe(context.credential);
  if (seen !== undefined && (await isHeld(context, seen, grant))) return true;
  return (await heldBy(context, base)).grant === grant;
}

/** Only what was issued, where earlier grants certainly live on, and no labelled version holds this one: look first. */
async function revokeFromMemory(context: Context, attempt: Attempt, held: GrantFields): Promise<boolean> {
  const { credential, provider, store, log } = context;
  const { grant } = held;
  if (attempt.call !== 'issue' || grant === undefined) return false;
  if (!provider.traits.revocable || !provider.traits.keepsOthers) return false;
  const seen = await store.observe(credential);
  if (seen === undefined || (await isHeld(context, seen, grant))) return seen !== undefined;
  const current = await heldBy(context, seen.current?.id);
  const { outcome } = await provider.revoke(credential, { ...held, grant }, { current, repeated: false });
  log.info(
    { step: 'revoke', rotation: attempt.rotationId, grant: fingerprint(credential, grant), reason: outcome },
    'revoked from memory',
  );
  if (outcome === 'revoked') await store.untag(credential, [suspectKey(attempt.rotationId)]);
  return outcome === 'revoked';
}
