import { leavesSomething } from './attempt-record';
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
  if (!leavesSomething(attempt.call)) return { outcome: 'failed', reason: 'given-up-by-another-worker' };
  const version = parseVersionId(attempt.value);
  if (provider.traits.verifiable) {
    await listSuspect(context, version, { from: clock.now() }); // only now did it happen: AWSCURRENT is verified, and healed
    return AGAIN;
  }
  const revoked = await revokeFromMemory(context, attempt, held).catch(() => false);
  if (!revoked) await listSuspect(context, version, { grant: held.grant });
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
  log.alarm('staging-failing', { rotation: attempt.rotationId, answered }, 'a value could not be stored: given up');
  if (!leavesSomething(attempt.call)) return { outcome: 'failed', reason: 'value-not-stored' };
  const revoked = answered && (await revokeFromMemory(context, attempt, held).catch(() => false));
  if (!revoked) await listSuspect(context, parseVersionId(attempt.value), { grant: held.grant }).catch(() => undefined);
  return { outcome: 'failed', reason: 'value-not-stored' };
}

/** Only where earlier grants certainly live on, and no labelled version holds this one: look first. */
async function revokeFromMemory(context: Context, attempt: Attempt, held: GrantFields): Promise<boolean> {
  const { credential, provider, store, log } = context;
  const { grant } = held;
  if (grant === undefined || !provider.traits.revocable || !provider.traits.keepsOthers) return false;
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
