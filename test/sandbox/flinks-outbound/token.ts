import { z } from 'zod';
import { json, parseJson, type WireAnswer, type WireRequest } from '../http/wire';
import { unique } from '../ids';
import { type FlinksOutboundState, knowsClient } from './state';

const ADMIN = 'client:admin';

const tokenRequest = z.object({
  grant_type: z.string(),
  client_id: z.string().optional(),
  client_secret: z.string().optional(),
  scope: z.string().optional(),
});

interface Client {
  readonly id: string;
  readonly secret: string;
}

/** F-autherr: `{error, error_description}`. */
const oauthError = (error: string, why: string, status = 400): WireAnswer =>
  json(status, { error, error_description: why });

/** POST /api/v1/token (F-token; providers.md 1.1). */
export function answerToken(state: FlinksOutboundState, request: WireRequest): WireAnswer {
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) {
    return oauthError('invalid_request', 'The request body must be application/json.');
  }
  const parsed = tokenRequest.safeParse(parseJson(request.body));
  if (!parsed.success) return oauthError('invalid_request', 'A parameter is missing or malformed.');
  const { grant_type: grantType, scope } = parsed.data;
  if (grantType === 'authorization_code' || grantType === 'refresh_token') {
    return oauthError('invalid_grant', 'The sandbox gives out no codes and no refresh tokens.');
  }
  if (grantType !== 'client_credentials') return oauthError('unsupported_grant_type', 'Unknown grant_type.');

  const client = clientOf(state, request, parsed.data);
  if (client === null || !knowsClient(state, client.id, client.secret)) return invalidClient(state, client);
  if (!mayHave(state, client.id, scope)) return oauthError('invalid_scope', 'The scope is not allowed.');
  return grantToken(state, client.id, scope ?? null);
}

function invalidClient(state: FlinksOutboundState, client: Client | null): WireAnswer {
  state.world.journal.loginFailed(client?.id ?? 'flinks-outbound (no client_id)');
  return oauthError('invalid_client', 'Client authentication failed.', state.switches.invalidClientStatus);
}

/** The credentials from the place that the switch accepts; null where they are elsewhere, or in both. */
function clientOf(
  state: FlinksOutboundState,
  request: WireRequest,
  body: z.output<typeof tokenRequest>,
): Client | null {
  const basic = /^Basic (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const inBody = body.client_id !== undefined && body.client_secret !== undefined;
  if (state.switches.credentials === 'body') {
    if (basic !== undefined || !inBody) return null;
    return { id: body.client_id ?? '', secret: body.client_secret ?? '' };
  }
  if (basic === undefined || inBody) return null;
  const pair = Buffer.from(basic, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return { id: pair.slice(0, colon), secret: pair.slice(colon + 1) };
}

/** `client:admin` is the partner's alone (S2, F-old); other scopes are for nobody here. */
function mayHave(state: FlinksOutboundState, clientId: string, scope: string | undefined): boolean {
  return scope === undefined || scope === '' || (scope === ADMIN && state.partners.has(clientId));
}

function grantToken(state: FlinksOutboundState, clientId: string, scope: string | null): WireAnswer {
  const { tokenSeconds } = state.switches;
  const token = unique('ob-token.');
  state.world.secretValues.add(token);
  state.tokens.set(token, { clientId, scope, expiresAt: state.world.clock.now() + tokenSeconds * 1000 });
  const answer = { access_token: token, token_type: 'Bearer', expires_in: tokenSeconds };
  return json(200, scope === null ? answer : { ...answer, scope });
}

/** The partner whose live client:admin token this is, or null. Uses a single-use token up. */
export function partnerOfToken(state: FlinksOutboundState, token: string | undefined): string | null {
  const known = token === undefined ? undefined : state.tokens.get(token);
  if (token === undefined || known === undefined) return null;
  const good = state.world.clock.now() < known.expiresAt && known.scope === ADMIN;
  if (!good || state.switches.singleUseTokens) state.tokens.delete(token);
  return good ? known.clientId : null;
}
