import { z } from 'zod';

/** How Finout behaves where its documents are silent (providers.md 4 and 5, lines 39 to 43). */
export const finoutSwitches = z.strictObject({
  /** How an expired or deleted token is answered; nothing public tells them from wrong ones. UNKNOWN (39). */
  endedStatus: z.union([z.literal(401), z.literal(403)]).default(401),
  /** Requests at a time of one token: five by an older version of the page; null = no limit. UNKNOWN (41). */
  requestsAtOnce: z.int().positive().nullable().default(5),
  /** How long after it was made a token begins to work. UNKNOWN (42). */
  newTokenWorksAfterMs: z.int().nonnegative().default(0),
  /** How long a deleted token goes on working. UNKNOWN (42). */
  deletedTokenLivesMs: z.int().nonnegative().default(0),
  /** Whether a login page stands in front of everything, with status 200. */
  loginPage: z.boolean().default(false),
  /** Whether Finout is down: 503 to everybody. */
  down: z.boolean().default(false),
});
export type FinoutSwitches = z.output<typeof finoutSwitches>;
