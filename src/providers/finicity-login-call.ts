// One login with the partner secret, and what its answers mean.

import { provesNothingDone, type RotationError } from '../errors';
import { Sensitive } from '../sensitive';
import type { FinicityAccount } from '../types';
import { errorCode, OUTSIDE_REGION, said } from './finicity-answer';
import { jsonObject, jsonText, type VendorReply, type VendorRequest } from './http';

export type LoginOutcome =
  | { readonly is: 'in'; readonly token: Sensitive }
  | { readonly is: 'refused'; readonly why: string }
  | { readonly is: 'not-done'; readonly error: RotationError }
  | { readonly is: 'unknown'; readonly why: string };

export const PARTNER_AUTHENTICATION = ['aggregation', 'v2', 'partners', 'authentication'] as const;

/** `POST /aggregation/v2/partners/authentication` (providers.md 3.1). */
export function loginRequest(
  { partnerId }: FinicityAccount,
  appKey: Sensitive,
  partnerSecret: Sensitive,
): VendorRequest {
  return {
    route: 'finicity login',
    method: 'POST',
    path: PARTNER_AUTHENTICATION,
    headers: { 'Finicity-App-Key': appKey },
    json: jsonText({ partnerId, partnerSecret: partnerSecret.reveal() }),
    changesState: true, // it may move the count of failed logins: a lost answer is not nothing
  };
}

/**
 * Every 4xx but throttling stops all logins. How a locked account answers is unknown, so an unexpected 401 or 403 may be the
 * lock (providers.md 5, line 27). 403 is also what callers outside the vendor's regions get (line 33): no verdict on the
 * secret, and it is said so; but the two cannot be told apart from here, and one login more would cost the account where it
 * was the lock, while to stop costs a person's look. A wrong request or partner id (400, 404) would be refused again, and
 * may be counted too.
 */
export function outcomeOf(reply: VendorReply): LoginOutcome {
  if (reply.status === 403)
    return { is: 'refused', why: `${said(reply)}: ${OUTSIDE_REGION} Or the account is locked.` };
  if (reply.status >= 400) return { is: 'refused', why: `${said(reply)}: ${MENDING[errorCode(reply) ?? ''] ?? LOOK}` };
  const token = jsonObject(reply)?.token;
  if (typeof token === 'string' && token !== '') return { is: 'in', token: new Sensitive(token) };
  return { is: 'unknown', why: `${said(reply)}: no token in the answer` };
}

export const LOOK = 'check partnerId, partner secret and appKey, and ask the vendor whether the account is locked';
export const MENDING: Readonly<Record<string, string>> = {
  '10001': 'partnerId or partner secret is wrong',
  '10005': 'a parameter is missing: check partnerId and the stored partner secret',
  '10021': 'the partner is not authorized',
  '10026': 'check appKey of the account',
  '12401': 'the vendor does not know partnerId',
  '24302': 'partnerId or partner secret is wrong',
};

/** 5xx is unknown too: 24302, bad credentials, is listed as a 401 and as a 500 (providers.md 3.3). */
export function failureOf(error: unknown): LoginOutcome {
  if (provesNothingDone(error)) return { is: 'not-done', error };
  return { is: 'unknown', why: error instanceof Error ? error.message : 'the login failed' };
}
