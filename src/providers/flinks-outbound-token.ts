import { z } from 'zod';
import {
  ProviderAuthError,
  ProviderRejectedError,
  ProviderThrottledError,
  ProviderUnavailableError,
  type RotationError,
} from '../errors';
import { Sensitive } from '../sensitive';
import type { FlinksOutboundAccount } from '../types';
import { type Access, type Calls, sendAuthorised } from './calls';
import { jsonBody, jsonText, type VendorReply, type VendorRequest } from './http';
import type { Session } from './session';
import { makeTokenCache, type TokenCache } from './token-cache';

export interface Client {
  readonly id: string;
  readonly secret: Sensitive;
}

/** A token is renewed this long before its end. */
const MARGIN_MS = 30_000;
/** The documented example is 299 s (providers.md 1.1). What claims to live longer than a day is not believed. */
const LONGEST_LIFE_S = 86_400;

/** The partner's bearer token with the scope client:admin, kept until shortly before its `expires_in`. */
export function makeBearerToken(account: FlinksOutboundAccount, session: Session, calls: Calls): TokenCache {
  const { clock } = session;
  const clientSecret = session.own(account.clientSecret);
  const access: Access<Sensitive> = {
    get: clientSecret.get,
    renew: async (used, reply) => (errorWord(reply) === 'invalid_client' ? clientSecret.renew(used) : undefined),
  };
  const asPartner = (secret: Sensitive): VendorRequest =>
    tokenRequest(account, { id: account.clientId, secret }, 'client:admin');

  return makeTokenCache(clock, async () => {
    const begun = clock.monotonic();
    const granted = grantIn(await sendAuthorised({ calls, access, clock }, asPartner));
    return {
      token: granted.token,
      until: granted.lifeMs === undefined ? undefined : begun + granted.lifeMs - MARGIN_MS,
    };
  });
}

/**
 * `POST /api/v1/token`. Where the client's credentials go is not documented (providers.md 1.1): JSON body, or HTTP Basic
 * by the account's setting. Never both, and never one after the other: a second try may count as a failed login.
 */
export function tokenRequest(account: FlinksOutboundAccount, client: Client, scope?: string): VendorRequest {
  const body = { grant_type: 'client_credentials', ...(scope === undefined ? {} : { scope }) };
  const call = { route: 'flinks-outbound token', method: 'POST', path: [], changesState: false } as const;
  if (account.clientAuthentication === 'basic') {
    return { ...call, headers: { Authorization: basic(client) }, json: jsonText(body) };
  }
  return { ...call, json: jsonText({ ...body, client_id: client.id, client_secret: client.secret.reveal() }) };
}

/** RFC 6749, 2.3.1: both parts are form-encoded before they are joined. */
function basic({ id, secret }: Client): Sensitive {
  const pair = [id, secret.reveal()].map(encodeURIComponent).join(':');
  return new Sensitive(`Basic ${Buffer.from(pair).toString('base64')}`);
}

const grant = z.object({ access_token: z.string().min(1), expires_in: z.unknown().optional() });
const lifeSeconds = z.number().positive().max(LONGEST_LIFE_S);

function grantIn(reply: VendorReply): { readonly token: Sensitive; readonly lifeMs: number | undefined } {
  if (reply.status >= 400) throw partnerRefused(reply);
  const granted = grant.safeParse(jsonBody(reply));
  if (!granted.success) throw unreadable(reply);
  const life = lifeSeconds.safeParse(granted.data.expires_in);
  return { token: new Sensitive(granted.data.access_token), lifeMs: life.success ? life.data * 1000 : undefined };
}

const unreadable = (reply: VendorReply): ProviderUnavailableError =>
  new ProviderUnavailableError(`${reply.route}: status ${reply.status}, but no access_token in it`, fieldsOf(reply));

/** What a token request says about the client that made it. */
export function judgeClient(reply: VendorReply): 'works' | 'refused' {
  if (reply.status >= 400) {
    // The one word that speaks of the secret. RFC 6749, 5.2: unauthorized_client is an *authenticated* client that may not
    // use this grant; to call its secret refused would have it regenerated under consumers who use it well.
    if (errorWord(reply) === 'invalid_client') return 'refused';
    throw passing(reply) ?? new ProviderRejectedError(`${said(reply)}: says nothing about the secret`, fieldsOf(reply));
  }
  if (!grant.safeParse(jsonBody(reply)).success) throw unreadable(reply);
  return 'works';
}

const MENDING: Readonly<Record<string, string>> = {
  invalid_client: 'check clientId, clientSecret, tokenUrl and clientAuthentication (body or basic) of the account',
  invalid_scope: 'the client of the account needs the scope client:admin; ask Flinks for it',
  invalid_request: 'check clientAuthentication (body or basic) and tokenUrl of the account',
};

function partnerRefused(reply: VendorReply): RotationError {
  const mending = MENDING[errorWord(reply) ?? ''] ?? 'the client of the account is refused';
  return passing(reply) ?? new ProviderAuthError(`${said(reply)}: ${mending}`, fieldsOf(reply));
}

/** Refusals that pass by themselves. The word decides, then the status (F-autherr: 400 for all of them but two). */
function passing(reply: VendorReply): RotationError | undefined {
  const word = errorWord(reply);
  if (word === 'server_error' || word === 'temporarily_unavailable') {
    return new ProviderUnavailableError(said(reply), fieldsOf(reply));
  }
  return isTooMany(reply) ? new ProviderThrottledError(`${said(reply)}: throttled`, fieldsOf(reply)) : undefined;
}

/** FDX code 1207, shown as 429 in one table and as 422 in another (providers.md 1.3). */
export function isTooMany(reply: VendorReply): boolean {
  const { data } = z.object({ code: z.union([z.string(), z.number()]) }).safeParse(jsonBody(reply));
  return String(data?.code) === '1207';
}

/** The `error` word of F-autherr, where there is one that is fit for a log. */
export function errorWord(reply: VendorReply): string | undefined {
  const { data } = z.object({ error: z.string().regex(/^[a-z_]{3,40}$/) }).safeParse(jsonBody(reply));
  return data?.error;
}

export function said(reply: VendorReply): string {
  return `${reply.route}: status ${reply.status}, ${errorWord(reply) ?? 'no error word'}`;
}

export function fieldsOf(reply: VendorReply) {
  return { account: reply.account, route: reply.route, status: reply.status, vendorCode: errorWord(reply) };
}
