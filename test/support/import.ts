import { importValue as importImported } from '../../src/import';
import type { VendorAnswer } from '../../src/provider';
import type { Context, Outcome } from '../../src/rotation-context';
import type { Instant } from '../../src/types';

/** A person brings a value made by hand. */
export const importValue = (context: Context, answer: VendorAnswer, expiresAt?: Instant): Promise<Outcome> =>
  importImported(context, { answer, expiresAt });

/** The same up to its staging: the process of the import dies before it has verified the value. */
export async function stageOnly(context: Context, pair: VendorAnswer, expiresAt?: Instant): Promise<void> {
  const died = new Error('the import has died');
  const provider = { ...context.provider, verify: () => Promise.reject(died) };
  await importValue({ ...context, provider }, pair, expiresAt).catch((error: unknown) => {
    if (error !== died) throw error;
  });
}
