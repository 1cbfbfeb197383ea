/** Who plays which part. Whoever is named nowhere is rotated by age alone. */
export const CAST = {
  /** Rotated by message, in the end retired. */
  retired: 'partner-aaaa',
  compromised: 'key-aaaa',
  /** The vendor has issued and the worker waits for the answer when it is killed. */
  answerLost: ['recipient-baaa', 'key-baaa'],
  /** The value is stored, and not yet current, when the worker is killed. */
  staged: 'partner-baaa',
  rolledBack: 'partner-caaa',
  /** Its entry says `renewal: extend`. */
  extended: 'key-caaa',
  token: 'token-aaaa',
  partnerSecret: 'partner-secret',
} as const;
