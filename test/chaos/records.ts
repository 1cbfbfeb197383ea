import { z } from 'zod';
import type { CompanyCredential } from '../support/company';
import type { Seen } from './seen';

const intentSchema = z.object({
  'rotation:record': z.literal('intent'),
  call: z.string(),
  rotationId: z.string(),
  base: z.string(),
  value: z.string(),
});
export type IntentRecord = z.infer<typeof intentSchema> & { readonly id: string };

/** What stands in the versions of a secret beside values. */
export function recordsOf(
  seen: Seen,
  { secret: name }: CompanyCredential,
): { readonly intents: readonly IntentRecord[] } {
  const secret = seen.secretsManager.store.secrets().find((one) => one.name === name);
  const versions = [...(secret?.versions.values() ?? [])];
  const intents = versions.flatMap(({ id, value }) => {
    if (!id.startsWith('intent-') || !('SecretString' in value)) return [];
    const found = intentSchema.safeParse(JSON.parse(value.SecretString));
    return found.success ? [{ ...found.data, id }] : [];
  });
  return { intents };
}
