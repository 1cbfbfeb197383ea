import { request } from 'node:http';
import { parseJson } from '../http/wire';

/** What came back over the wire. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly contentType: string | null;
  readonly body: string;
  /** The body as JSON; undefined where it is none. */
  readonly json: unknown;
}

export interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is where it is text, else as JSON. */
  readonly body?: unknown;
}

/** One request on a connection of its own; rejects with the socket's error. Sends no header that it was not given. */
export function call(url: string, { method = 'GET', headers = {}, body }: Sent = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers, agent: false }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const received = Object.entries(incoming.headers).map(([name, value]) => [name, [value].flat().join(', ')]);
        const replied: Record<string, string> = Object.fromEntries(received);
        resolve({
          status: incoming.statusCode ?? 0,
          headers: replied,
          contentType: replied['content-type'] ?? null,
          body: text,
          json: parseJson(text),
        });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body));
  });
}

/** A field of a JSON reply that must be a non-empty string. */
export function field(reply: Reply, name: string): string {
  const { json } = reply;
  const value =
    typeof json === 'object' && json !== null ? Object.entries(json).find(([key]) => key === name)?.[1] : null;
  if (typeof value !== 'string' || value === '') throw new Error(`no ${name} in ${reply.status} ${reply.body}`);
  return value;
}
