import type { Sandbox } from '../start';
import { call, field, type Reply } from './call';

const JSON_BODY = { 'content-type': 'application/json' };

/** A partner and one recipient, and what they can ask of Flinks Outbound. */
export interface OutboundBench {
  readonly partner: { readonly clientId: string; readonly clientSecret: string };
  readonly recipient: { readonly clientId: string; readonly clientSecret: string };
  /** A token request with credentials in the body; by default the partner's, for client:admin. */
  logIn(credentials?: { readonly clientId: string; readonly clientSecret: string }, scope?: string): Promise<Reply>;
  /** A token request of the recipient with this secret. */
  recipientLogIn(clientSecret: string): Promise<Reply>;
  token(body: unknown, headers?: Readonly<Record<string, string>>): Promise<Reply>;
  adminToken(): Promise<string>;
  list(token: string): Promise<Reply>;
  get(token: string, clientId?: string): Promise<Reply>;
  regenerate(token: string, clientId?: string): Promise<Reply>;
  /** A fresh token and a regenerate; the new secret. */
  rotate(): Promise<string>;
}

export function outboundBench({ control, urls }: Sandbox): OutboundBench {
  const seeded = control.seed({ flinksOutbound: { partners: [{}], recipients: [{}] } }).flinksOutbound;
  const [partner] = seeded.partners;
  const [recipient] = seeded.recipients;
  if (partner === undefined || recipient === undefined) throw new Error('nothing was seeded');
  const base = `${urls.flinksOutbound}/api/v1`;
  const bearing = (token: string) => ({ authorization: `Bearer ${token}` });

  const bench: OutboundBench = {
    partner,
    recipient,
    token: (body, headers = {}) =>
      call(`${base}/token`, { method: 'POST', headers: { ...JSON_BODY, ...headers }, body }),
    logIn: (credentials = partner, scope = 'client:admin') =>
      bench.token({
        grant_type: 'client_credentials',
        client_id: credentials.clientId,
        client_secret: credentials.clientSecret,
        ...(scope === '' ? {} : { scope }),
      }),
    recipientLogIn: (clientSecret) => bench.logIn({ clientId: recipient.clientId, clientSecret }, ''),
    adminToken: async () => field(await bench.logIn(), 'access_token'),
    list: (token) => call(`${base}/recipients`, { headers: bearing(token) }),
    get: (token, clientId = recipient.clientId) => call(`${base}/recipients/${clientId}`, { headers: bearing(token) }),
    regenerate: (token, clientId = recipient.clientId) =>
      call(`${base}/recipients/${clientId}/secret`, { method: 'POST', headers: bearing(token) }),
    rotate: async () => field(await bench.regenerate(await bench.adminToken()), 'client_secret'),
  };
  return bench;
}
