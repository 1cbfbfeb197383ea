import { z } from 'zod';

export const DAY_MS = 86_400_000;

/** How Finicity behaves where its documents are silent or disagree (providers.md 3 and 5). */
export const finicitySwitches = z.strictObject({
  /** `refused`: 403 on everything, as for callers outside the US, UK and Canada (MC-test, MC-postman). */
  geography: z.enum(['allowed', 'refused']).default('allowed'),
  /** MC-spec ErrorMessage.code: "can be returned as a number or a string". */
  errorCodeAs: z.enum(['string', 'number']).default('string'),
  /** Where a 401 is text/plain. `documented`: for a wrong App-Key on the access key operations (MC-spec). */
  plainTextUnauthorized: z.enum(['documented', 'always', 'never']).default('documented'),
  /** Partner not found: the declared wrapper, or the ErrorMessage of its own example (3.1, CONFLICT). */
  partnerNotFoundAs: z.enum(['wrapper', 'message']).default('wrapper'),
  /** Lifetime of an App-Token: two hours (MC-spec CreateToken). */
  tokenSeconds: z.int().positive().default(7200),
  /** Whether tokens live side by side (FIN-docs) or a new one ends the one before. */
  severalTokens: z.boolean().default(true),
  /** Whether App-Tokens survive a change of the partner secret. UNKNOWN. */
  tokensSurviveChange: z.boolean().default(true),
  /** "After five failed attempts": MC-spec CreateToken. */
  strikesToLock: z.int().positive().default(5),
  /** Whether a good login sets the count back. UNKNOWN. */
  successResetsStrikes: z.boolean().default(false),
  /** Whether a wrong secret on Modify Partner Secret counts as well. UNKNOWN. */
  modifyCountsStrikes: z.boolean().default(true),
  /** How a locked partner is answered. UNKNOWN. */
  lockedAnswer: z.enum(['401-10001', '401-10021', '403', '429', '500']).default('401-10021'),
  /** Whether an unlucky partner's running App-Tokens are refused as well. UNKNOWN; "everything" is the worst case. */
  lockEndsTokens: z.boolean().default(true),
  /** What `immediate: false` gives: 30 days (MC-spec). 0 = an older server that ignores the flag. */
  graceMs: z
    .int()
    .nonnegative()
    .default(30 * DAY_MS),
  /** Which secret Modify takes during grace: only the newest, or the old one too. UNKNOWN. */
  modifyTakesOldSecret: z.boolean().default(true),
  /** Whether a change is allowed while an earlier grace runs. UNKNOWN. */
  changeDuringGrace: z.enum(['allowed', 'refused']).default('allowed'),
  /** Whether a change to the value that is current already is accepted. UNKNOWN. */
  changeToSame: z.enum(['accepted', 'refused']).default('accepted'),
  /** The revision: an int in MC-spec's decoded example signature, a string in Dwolla's documentation. */
  receiptVersionAs: z.enum(['int', 'string']).default('int'),
  /** Whether receipts carry fields that no document knows. */
  unknownReceiptFields: z.boolean().default(false),
  /** Whether PUT keeps the receipt id (documented as an update of it, not stated outright). UNKNOWN. */
  updateKeepsReceiptId: z.boolean().default(true),
  /** PUT of an unknown, expired or deleted receipt: 404 with code 14001 (MC-spec), or a proxy's 404. */
  updateOfGone: z.enum(['404-json', '404-html']).default('404-json'),
  /** DELETE of an unknown, expired or deleted receipt (UNKNOWN): 404 with code 14001, a proxy's 404, or 204. */
  deleteOfGone: z.enum(['404-json', '404-html', '204']).default('404-json'),
});
export type FinicitySwitches = z.output<typeof finicitySwitches>;
