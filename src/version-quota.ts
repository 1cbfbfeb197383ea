import type { Context, Outcome } from './rotation-context';
import type { Observation } from './secret-store';

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
/** Secrets Manager keeps about 100 versions of the last 24 h and refuses more: an attempt does not begin at this many. */
const MOST_VERSIONS_A_DAY = 60;

/** Asked before an attempt begins. Undefined: it may. */
export async function waitsForQuota(context: Context, seen: Observation): Promise<Outcome | undefined> {
  if (!(await tooManyVersions(context, seen))) return undefined;
  return { outcome: 'waits', reason: 'sixty-versions-in-a-day', retryAt: context.clock.now() + HOUR_MS };
}

/** The worst moment to meet AWS's quota is after an issue. Only the clean continuation of a settled credential is spared. */
async function tooManyVersions({ store, credential, clock }: Context, seen: Observation): Promise<boolean> {
  const { current, pending, labelled } = seen;
  const now = clock.now();
  const settledLongAgo = current?.is === 'value' && pending?.id === current.id && now - current.issuedAt > HOUR_MS;
  if (labelled.length === 0 || settledLongAgo) return false;
  const history = await store.history(credential);
  return history.filter(({ createdAt }) => createdAt > now - DAY_MS).length >= MOST_VERSIONS_A_DAY;
}
