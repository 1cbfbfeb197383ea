import { attempt } from '../../src/attempt';
import { isUnsettled } from '../../src/due';
import type { VendorAnswer } from '../../src/provider';
import { settlePrevious } from '../../src/revocation';
import { AGAIN, type Context, type Outcome } from '../../src/rotation-context';
import { toStored } from '../../src/stored-value';
import type { Instant } from '../../src/types';
import { whenSettled } from '../../src/unfinished';

/** A person brings a value made by hand: one attempt, after everything unfinished has been finished and the way is clear. */
export function importValue(context: Context, pair: VendorAnswer, expiresAt?: Instant): Promise<Outcome> {
  let tried = false;
  return whenSettled(context, {
    wish: 'none',
    creates: true,
    imports: true,
    async begin({ seen }) {
      if (tried) return { outcome: 'failed', reason: 'the value was not taken' };
      if (isUnsettled(seen)) {
        const outcome = await settlePrevious(context, seen);
        return outcome.outcome === 'settled' ? AGAIN : outcome;
      }
      tried = true;
      const stored = toStored(context.credential, pair);
      return attempt(
        context,
        seen,
        { failures: 0, undone: 0 },
        { call: 'import', expiresAt, obtain: async () => ({ stored }) },
      );
    },
  });
}

/** The same up to its staging: the process of the import dies before it has verified the value. */
export async function stageOnly(context: Context, pair: VendorAnswer, expiresAt?: Instant): Promise<void> {
  const died = new Error('the import has died');
  const provider = { ...context.provider, verify: () => Promise.reject(died) };
  await importValue({ ...context, provider }, pair, expiresAt).catch((error: unknown) => {
    if (error !== died) throw error;
  });
}
