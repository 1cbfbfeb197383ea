import { type Context, fingerprint } from './rotation-context';
import { tag } from './rotation-tags';
import type { Instant } from './types';
import type { VersionId } from './version-ids';

interface SuspectDetails {
  /** Known, and stored nowhere: written down, so that a person can revoke it. */
  readonly grant?: string | undefined;
  /** When the call took effect at the latest; else the attempt's own time. */
  readonly from?: Instant;
}

/** One tag per attempt, written before the next intent. */
export async function listSuspect(
  { credential, provider, store, log }: Context,
  version: VersionId,
  { grant, from }: SuspectDetails = {},
): Promise<void> {
  if (version.is !== 'value') return;
  const until = provider.traits.suspectUntil(from ?? version.issuedAt, version.expiresAt);
  await store.tag(credential, tag.suspect(version.rotationId, until, grant));
  const shown = grant === undefined ? undefined : fingerprint(credential, grant);
  const fields = { rotation: version.rotationId, grant: shown, until };
  log.alarm('suspected-orphan', fields, 'a grant may live that nobody stored');
}
