import { isCompromised } from './due';
import { type Counts, seal } from './giving-up';
import type { GrantFields } from './provider';
import { AGAIN, type Context, fingerprint, type Next } from './rotation-context';
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
 * have revoked it, since a revocation may have been under way. Whoever finds the copy does so. An original that was settled
 * counts as not settled from then on, so that its grant is revoked again where the copy is given up.
 * @returns undefined when the copy may be promoted
 */
export async function reinstateCopied(context: Context, version: ValueId, copied: Copied): Promise<Next | undefined> {
  const { provider, credential, store, clock } = context;
  const { base, counts, held } = copied;
  const seen = await store.observe(credential);
  if (seen === undefined) return AGAIN;
  const original = seen.previous;
  if (isCompromised(seen, original)) return seal(context, version, 'superseded', base, counts);
  if (provider.traits.undo !== 'enable' || held.grant === undefined) return undefined;
  const mayBeRevoked = original === undefined || isRevoked(seen, original.id);
  if (original !== undefined && mayBeRevoked) await store.tag(credential, tag.revoking(original.id, clock.now()));
  const enabled = await enable(context, version, held.grant);
  return enabled || !mayBeRevoked ? undefined : seal(context, version, 'value-refused', base, counts);
}

const isRevoked = ({ tags }: Observation, version: string): boolean =>
  tags.revoked.includes(version) || tags.revoking.includes(version);

/** A refusal of a grant that nobody has revoked may say that it is enabled already: S1 documents only `400 {}` (providers.md 2). */
async function enable({ provider, credential, log }: Context, version: ValueId, grant: string): Promise<boolean> {
  const enabled = await provider.reinstate(credential, grant);
  const fields = { step: 'reinstate', rotation: version.rotationId, grant: fingerprint(credential, grant) };
  log.info({ ...fields, reason: enabled ? 'enabled' : 'refused' }, 'asked the vendor to enable the grant again');
  return enabled;
}
