// Finicity's errors come in three shapes (providers.md 3.3): ErrorMessage with a code that is a number or a string, a wrapper
// {Errors: {Error: [{ReasonCode}]}}, and plain text. Read defensively, compared as strings.

import { ProviderAuthError, ProviderRejectedError } from '../errors';
import { isObject, jsonObject, type VendorReply } from './http';

/** 401: App-Token invalid, expired. Nothing was done, and a new token mends it. */
const TOKEN_REFUSED = new Set(['10022', '10023']);
const APP_KEY_MISSING = '10026';

/** The vendor's code in a JSON body, in either envelope. */
export function errorCode(reply: VendorReply): string | undefined {
  const body = jsonObject(reply);
  const wrapped = isObject(body?.Errors) && Array.isArray(body.Errors.Error) ? body.Errors.Error : [];
  const first: unknown = wrapped[0];
  const code = body?.code ?? (isObject(first) ? first.ReasonCode : undefined);
  return /^\d{1,9}$/.test(String(code)) ? String(code) : undefined;
}

/** Like `Invalid (Finicity-App-Key)`; in a text/plain body or as the message of a JSON one. */
function complaint(reply: VendorReply): string {
  const message = jsonObject(reply)?.message;
  return typeof message === 'string' ? message : reply.body.reveal().slice(0, 200);
}

export function isTokenRefused(reply: VendorReply): boolean {
  if (reply.status !== 401) return false;
  return (
    TOKEN_REFUSED.has(errorCode(reply) ?? '') || /\b(invalid|expired)\b.*Finicity-App-Token/i.test(complaint(reply))
  );
}

export function isAppKeyRefused(reply: VendorReply): boolean {
  return reply.status === 401 && (errorCode(reply) === APP_KEY_MISSING || /Finicity-App-Key/i.test(complaint(reply)));
}

/** A 4xx of the access key calls. */
export function refusal(reply: VendorReply): ProviderAuthError | ProviderRejectedError {
  const fields = fieldsOf(reply);
  if (reply.status === 403) return new ProviderRejectedError(`${said(reply)}: ${OUTSIDE_REGION}`, fields);
  if (isAppKeyRefused(reply)) return new ProviderAuthError(`${said(reply)}: check appKey of the account`, fields);
  if (reply.status === 401) {
    return new ProviderAuthError(`${said(reply)}: the account's access is refused`, fields);
  }
  return new ProviderRejectedError(`${said(reply)}: refused`, fields);
}

/** The vendor's own set-up script and Postman collection read 403 so (providers.md 3, geography). */
export const OUTSIDE_REGION =
  'the vendor refuses callers outside its regions (US, Canada, perhaps UK): where does this worker run?';

export function said(reply: VendorReply): string {
  return `${reply.route}: status ${reply.status}, ${errorCode(reply) ?? 'no error code'}`;
}

export function fieldsOf(reply: VendorReply) {
  return { account: reply.account, route: reply.route, status: reply.status, vendorCode: errorCode(reply) };
}
