import type { AccessKey, AuthSecret, Credential, FinoutToken, Kind, OutboundRecipient, Policy } from '../../src/types';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A policy with round numbers; what a test is about is given. */
export const policy = (given: Partial<Policy> = {}): Policy => ({
  rotateEveryMs: 30 * DAY,
  graceMs: DAY,
  revokeAfter: 'grace',
  renewBeforeMs: 0,
  minIntervalMs: HOUR,
  compromisedMinIntervalMs: HOUR,
  reissueAfterUnknown: true,
  proveDead: true,
  renewal: 'issue',
  rollbackByMessage: false,
  create: true,
  retryAfterMs: [MINUTE, 5 * MINUTE, 30 * MINUTE, HOUR],
  ...given,
});

const base = (id: string, given: Partial<Policy>) => ({
  id,
  secretName: `rotation/${id}`,
  creation: { tags: {} },
  policy: policy(given),
});

export const outboundRecipient = (id = 'recipient', given: Partial<Policy> = {}): OutboundRecipient => ({
  ...base(id, given),
  kind: 'flinks-outbound-recipient',
  account: 'outbound',
  subject: `flinks-outbound/outbound/dc-${id}`,
  clientId: `dc-${id}`,
});

export const authSecret = (id = 'partner', given: Partial<Policy> = {}): AuthSecret => ({
  ...base(id, given),
  kind: 'flinks-auth-secret',
  account: 'sharing',
  subject: `flinks-data-sharing/sharing/${id}`,
  partnerName: id,
});

export const accessKey = (id = 'key', given: Partial<Policy> = {}): AccessKey => ({
  ...base(id, { validityMs: 90 * DAY, renewBeforeMs: 7 * DAY, ...given }),
  kind: 'finicity-access-key',
  account: 'mastercard',
  subject: `finicity/partner/${id}`,
  customerId: '1005000000',
  thirdPartyPartnerId: '1234599999999',
  products: [{ product: 'moneyTransferDetails', accountId: '5011000000' }],
});

export const finoutToken = (id = 'token', given: Partial<Policy> = {}): FinoutToken => ({
  ...base(id, { rotateEveryMs: 365 * DAY, renewBeforeMs: 30 * DAY, ...given }),
  kind: 'finout-api-token',
  account: 'finout',
  subject: `finout/finout/${id}`,
  tokenName: id,
});

export function credentialOf(kind: Kind, given: Partial<Policy> = {}): Credential {
  switch (kind) {
    case 'flinks-outbound-recipient':
      return outboundRecipient(undefined, given);
    case 'flinks-auth-secret':
      return authSecret(undefined, given);
    case 'finicity-access-key':
      return accessKey(undefined, given);
    case 'finout-api-token':
      return finoutToken(undefined, given);
  }
}
