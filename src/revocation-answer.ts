import { askAgain, heldBy, hitCurrent } from './grants';
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

export function unrevoked({ log }: Context, version: string, reason: string): Settled {
  log.alarm('grant-unrevoked', { version, reason }, 'a grant that we cannot revoke: a person has to');
  return { reason: 'unrevoked', write: tag.unrevoked(version, reason) };
}

/** Was said to be for a person, before its entry told the grant. */
export async function dropUnrevoked({ store, credential }: Context, seen: Observation, version: string): Promise<void> {
  if (seen.tags.unrevoked.includes(version)) await store.untag(credential, [unrevokedKey(version)]);
}

export type Holder = 'copy' | 'by-hand';

/** Has another version than those seen before come to hold the grant: one of ours (a rollback's copy), or a person's? */
export async function newerHolder(
  context: Context,
  before: Observation,
  after: Observation | undefined,
  grant: string,
): Promise<Holder | undefined> {
  const known = [before.previous?.id, before.current?.id, before.pending?.id];
  for (const version of [after?.current, after?.pending]) {
    if (version === undefined || known.includes(version.id)) continue;
    if ((await heldBy(context, version.id)).grant === grant) return version.is === 'value' ? 'copy' : 'by-hand';
  }
  return undefined;
}

/** It was not ours to revoke. What a version of ours holds is enabled again, where the vendor can, and looked at again. */
export async function giveBack(context: Context, version: string, grant: string, holder: Holder): Promise<Outcome> {
  const { provider, credential } = context;
  const reinstated = await provider.reinstate(credential, grant).catch(() => false);
  if (holder === 'copy' && reinstated) return askAgain(context, version, 'a-rollback-began');
  return hitCurrent(context, version, reinstated);
}
