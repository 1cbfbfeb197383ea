import { z } from 'zod';
import { PROVIDERS } from './accounts';
import { ENTRY_SCHEMAS } from './entries';
import { INCLUDE, LIMITS } from './head';
import { DEFAULTS } from './policy-fields';
import { SCHEDULES } from './schedules';

const ENTRY = z.discriminatedUnion('kind', [
  ENTRY_SCHEMAS['flinks-outbound-recipient'],
  ENTRY_SCHEMAS['flinks-auth-secret'],
  ENTRY_SCHEMAS['finicity-access-key'],
  ENTRY_SCHEMAS['finout-api-token'],
]);

/** Of the manifest and of included files alike, so nothing at the top is required. */
const MANIFEST = z.strictObject({
  providers: PROVIDERS.exactOptional(),
  schedules: SCHEDULES,
  defaults: DEFAULTS.describe('policy of all credentials, and of each kind, which wins').exactOptional(),
  limits: LIMITS,
  include: INCLUDE,
  credentials: z.array(ENTRY).exactOptional(),
});

/** The text of rotation.schema.json, for editors. The rules across entries are the loader's alone. */
export function manifestJsonSchema(): string {
  const schema = z.toJSONSchema(MANIFEST, { io: 'input', target: 'draft-7' });
  return `${JSON.stringify({ title: 'Manifest of the secret-rotation worker', ...schema }, null, 2)}\n`;
}
