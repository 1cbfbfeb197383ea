import { isCompromised, isUnsettled } from './due';
import { type Counts, seal } from './giving-up';
import { heldBy, hitCurrent } from './grants';
import type { GrantFields } from './provider';
import { type Context, fingerprint, type Next } from './rotation-context';
import { tag } from './rotation-tags';
import type { Observation } from './secret-store';
import type { ValueId } from './version-ids';

interface Copied {
  readonly base: string;
  readonly held: GrantFields;
  readonly counts: Counts;
}

/**
 * Before the copy of a rollback is promoted its grant is enabled again, where the vendor can: also where nobody is known to
 * have revoked it, since a revocation may have been under way. Whoever finds the copy does so.
 * @returns undefined when the copy may be promoted
 */
export async function reinstateCopied(context: Context, version: ValueId, copied: Copied): Promise<Next | undefined> {
  const { provider, credential, store, log } = context;
  const { grant } = copied.held;
  const seen = await store.observe(credential);
  const original = seen?.previous;
  if (seen !== undefined && isCompromised(seen, original)) return abandon(context, seen, version, copied, 'superseded');
  if (provider.traits.undo !== 'enable' || grant === undefined) return undefined;
  const enabled = await provider.reinstate(credential, grant);
  const fields = { step: 'reinstate', rotation: version.rotationId, grant: fingerprint(credential, grant) };
  log.info({ ...fields, reason: enabled ? 'enabled' : 'refused' }, 'asked the vendor to enable the grant again');
  if (enabled || seen === undefined || (isUnsettled(seen) && !isRevoking(seen))) return undefined;
  return abandon(context, seen, version, copied, 'value-refused');
}

/** A refusal says nothing of a grant that was never revoked: it may say that it is enabled (providers.md 2, S1's `400 {}`). */
const isRevoking = ({ previous, tags }: Observation): boolean =>
  previous !== undefined && tags.revoking.includes(previous.id);

/**
 * The copy is not promoted. Where its original was settled long ago, nobody would revoke its grant any more, and an enable
 * whose answer was lost may have brought it back: it is revoked again.
 */
async function abandon(
  context: Context,
  seen: Observation,
  version: ValueId,
  { held, base, counts }: Copied,
  because: 'superseded' | 'value-refused',
): Promise<Next> {
  const { provider, credential, store, log } = context;
  const { grant } = held;
  if (provider.traits.undo === 'enable' && grant !== undefined && !isUnsettled(seen)) {
    const current = await heldBy(context, seen.current?.id);
    const sent = await provider.revoke(credential, { ...held, grant }, { current, repeated: true });
    if (sent.outcome === 'hit-current') return hitCurrent(context, version.id, sent.reinstated);
    if (sent.outcome === 'not-revoked') {
      await store.tag(credential, tag.unrevoked(version.id, sent.reason));
      log.alarm('grant-unrevoked', { version: version.id, reason: sent.reason }, 'a grant that we cannot revoke');
    }
  }
  return seal(context, version, because, base, counts);
}
