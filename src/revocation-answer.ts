import { heldBy, hitCurrent } from './grants';
import type { Revocation } from './provider';
import type { Context, Outcome } from './rotation-context';
import { type Tags, tag, unrevokedKey } from './rotation-tags';
import type { Observation } from './secret-store';

// What the vendor's answer to a revocation means for the version whose grant it was.

/** Another worker that has just revoked writes it down within this time. */
const OTHERS_MARK_MS = 3_000;

export interface Settled {
  readonly reason: string;
  readonly write?: Tags;
}

/** What the vendor's answer means for the version. */
export async function judged(
  context: Context,
  version: string,
  sent: Revocation,
  after: Observation | undefined,
): Promise<Settled | Outcome> {
  switch (sent.outcome) {
    case 'revoked':
      return { reason: 'revoked' };
    case 'not-revoked':
      if (after?.tags.revoked.includes(version)) return { reason: 'revoked-by-another-worker' };
      return unrevoked(context, version, sent.reason);
    case 'hit-current':
      return hitCurrent(context, version, sent.reinstated);
  }
}

export async function lookAgain(context: Context, version: string, sent: Revocation): Promise<Observation | undefined> {
  const after = await context.store.observe(context.credential);
  if (sent.outcome !== 'not-revoked' || after?.tags.revoked.includes(version)) return after;
  await context.clock.sleep(OTHERS_MARK_MS);
  return context.store.observe(context.credential);
}

export const reinstate = ({ provider, credential }: Context, grant: string): Promise<boolean> =>
  provider.reinstate(credential, grant).catch(() => false);

export function unrevoked({ log }: Context, version: string, reason: string): Settled {
  log.alarm('grant-unrevoked', { version, reason }, 'a grant that we cannot revoke: a person has to');
  return { reason: 'unrevoked', write: tag.unrevoked(version, reason) };
}

/** Was said to be for a person, before its entry told the grant. */
export async function dropUnrevoked({ store, credential }: Context, seen: Observation, version: string): Promise<void> {
  if (seen.tags.unrevoked.includes(version)) await store.untag(credential, [unrevokedKey(version)]);
}

/** Has another version than those seen before come to hold the grant? */
export async function isHeldByNewer(
  context: Context,
  before: Observation,
  after: Observation | undefined,
  grant: string,
): Promise<boolean> {
  const known = [before.previous?.id, before.current?.id, before.pending?.id];
  for (const version of [after?.current?.id, after?.pending?.id]) {
    if (version === undefined || known.includes(version)) continue;
    if ((await heldBy(context, version)).grant === grant) return true;
  }
  return false;
}
