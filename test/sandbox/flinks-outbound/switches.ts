import { z } from 'zod';

/** How Flinks Outbound behaves where its documents are silent or disagree (providers.md 1 and 5). */
export const flinksOutboundSwitches = z.strictObject({
  /** Lifetime of an access token. The documented example is 299 (F-token). */
  tokenSeconds: z.int().positive().default(299),
  /** UNKNOWN for Outbound; Flinks Pay's tokens are single-use. */
  singleUseTokens: z.boolean().default(false),
  /** Where client_id and client_secret are accepted; the other place is refused. UNKNOWN (1.1). */
  credentials: z.enum(['body', 'basic']).default('body'),
  /** F-autherr says 400 for invalid_client; the token page also lists 401. */
  invalidClientStatus: z.union([z.literal(400), z.literal(401)]).default(400),
  /** S2 says 401 for a bad bearer token, F-old says 400. CONFLICT. */
  badTokenStatus: z.union([z.literal(400), z.literal(401)]).default(401),
  /** How long the replaced secret goes on working: 0 = it dies at once, null = for ever. UNKNOWN. */
  oldSecretLivesMs: z.int().nonnegative().nullable().default(0),
  /** How long after its issue a new secret begins to work. UNKNOWN. */
  newSecretWorksAfterMs: z.int().nonnegative().default(0),
  /** Whether tokens that were obtained with the replaced secret go on working. UNKNOWN. */
  tokensSurviveRegeneration: z.boolean().default(true),
  /** How an unknown recipient is refused: S2 documents the 400, a 404 is not documented. UNKNOWN. */
  unknownRecipientStatus: z.union([z.literal(400), z.literal(404)]).default(400),
});
export type FlinksOutboundSwitches = z.output<typeof flinksOutboundSwitches>;
