import { z } from 'zod';

/** How Flinks data sharing behaves where its documents are silent or disagree (providers.md 2 and 5). */
export const flinksDataSharingSwitches = z.strictObject({
  /** Where `Authorization: Bearer <API secret>` is demanded. S0 declares it as optional, S1 not at all. UNKNOWN. */
  apiSecretRequired: z.enum(['everywhere', 'on-generate', 'nowhere']).default('everywhere'),
  /** Whether `flinks-auth-key` is demanded as well (named in the introduction of S0 and S1). UNKNOWN. */
  authKeyRequired: z.boolean().default(false),
  /** S0 answers in PascalCase, S1 in camelCase: `documented`. */
  casing: z.enum(['documented', 'pascal', 'camel']).default('documented'),
  /**
   * What a second generate for one partner gives (2.4, UNKNOWN): a second live secret; the same one; another secret
   * under the same PermissionId; a new one that kills the first; an error.
   */
  secondGenerate: z.enum(['new', 'same', 'same-id-new-secret', 'replace', 'error']).default('new'),
  /** S1 speaks of access "for the partner it's associated with". UNKNOWN. */
  disableActsOn: z.enum(['secret', 'partner']).default('secret'),
  /** What a disable of something disabled already answers: 200 again, or `400 {}`. UNKNOWN. */
  disableRepeated: z.union([z.literal(200), z.literal(400)]).default(200),
  /** What an enable of something that is enabled answers. UNKNOWN. */
  enableRepeated: z.union([z.literal(200), z.literal(400)]).default(200),
  /** S0 shows INVALID_REQUEST with 400, F-codes lists it under 401. CONFLICT. */
  invalidRequestStatus: z.union([z.literal(400), z.literal(401)]).default(400),
});
export type FlinksDataSharingSwitches = z.output<typeof flinksDataSharingSwitches>;
