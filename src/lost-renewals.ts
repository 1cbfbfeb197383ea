import { intentsInHistory } from './announcing';
import { heldBy } from './grants';
import type { Staged } from './promotion';
import type { Context } from './rotation-context';
import { listSuspect } from './suspects';
import { parseVersionId } from './version-ids';

/**
 * A renewal whose answer was lost leaves nothing where the vendor keeps the id of the grant. Once a later one is answered with
 * another id (providers.md 5, line 35) it is known that it does not: those lost before are listed, before the promotion.
 */
export async function listLostRenewals(context: Context, { id, base, call, counts, held }: Staged): Promise<void> {
  if (call !== 'renew' || counts.failures === 0) return;
  if ((await heldBy(context, base)).grant === held.grant) return;
  for await (const intent of intentsInHistory(context)) {
    if (intent.base !== base || intent.value === id) continue;
    const end = await context.store.read(context.credential, intent.value);
    if (end?.is === 'tombstone' && end.because === 'renewal-unknown') {
      await listSuspect(context, parseVersionId(intent.value));
    }
  }
}
