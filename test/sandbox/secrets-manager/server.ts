/**
 * AWS Secrets Manager on 127.0.0.1, for the real SDK: AWS JSON 1.1 over HTTP.
 *
 *   const secretsManager = await startSecretsManager({ quotas: true });   // port: 0 takes a free one
 *   new SecretsManagerClient({ endpoint: secretsManager.url, region: 'us-east-1', credentials: { ... any ... } })
 *   secretsManager.faults.add({ kind: 'reset-after', operation: 'PutSecretValue', count: 1 });
 *   secretsManager.setOptions({ clockOffsetMs: 90_000 });
 *   secretsManager.calls.counts('rotation/one');                           // { DescribeSecret: 1, PutSecretValue: 2, ... }
 *   secretsManager.store.GetSecretValue({ SecretId: 'rotation/one' });     // in process, past faults, quotas and the log
 *   await secretsManager.close();
 *
 * Other processes do the same by HTTP under `/_sandbox/`: see control.ts. The store alone, without a socket: see store.ts.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ZodError } from 'zod';
import { receive } from '../http/exchange';
import type { OnWire, WireRequest } from '../http/wire';
import { CONTROL_PREFIX, control } from './control';
import { AwsError } from './errors';
import { makeSandbox, type Outcome, type Sandbox, type SandboxStart } from './sandbox';
import { errorToWire, operationOf, toWire } from './wire';

export interface ServerStart extends SandboxStart {
  /** 0, the default, takes a free one. */
  readonly port?: number;
  readonly onWire?: OnWire;
}

export interface SecretsManagerServer extends Sandbox {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** Ends hanging calls too. Safe to call again. */
  close(): Promise<void>;
}

export async function startSecretsManager(given: ServerStart = {}): Promise<SecretsManagerServer> {
  const { port = 0, onWire = () => undefined, ...start } = given;
  const sandbox = makeSandbox(start);
  const server = createServer((request, response) => {
    answer(sandbox, request, onWire)
      .catch((error: unknown) => json(500, { bug: error instanceof Error ? error.stack : String(error) }))
      .then((reply) => deliver(reply, response, sandbox.store.now()))
      .catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  // Longer than any pause in a test: a client that reuses a connection just as it is closed gets a reset nobody asked for.
  server.keepAliveTimeout = 600_000;
  await listen(server, port);
  return { ...sandbox, url: `http://127.0.0.1:${portOf(server)}`, close: () => stop(server) };
}

/** What goes back over the connection: an answer or half of one, a reset, or nothing at all. */
type Reply = Answer | 'reset' | 'hang';

interface Answer {
  readonly status: number;
  readonly body: string;
  /** Beside those of every answer, or over them. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly half?: boolean;
}

const json = (status: number, body: object): Reply => ({ status, body: JSON.stringify(body) });
const refusal = (error: AwsError): Reply => ({ status: error.status, body: errorToWire(error) });

async function answer(sandbox: Sandbox, incoming: IncomingMessage, onWire: OnWire): Promise<Reply> {
  const request = await receive(incoming);
  const { url = '' } = incoming;
  if (url.startsWith(CONTROL_PREFIX)) return answerTest(sandbox, request.method, url, request.body);
  onWire(request);
  const reply = await answerClient(sandbox, request);
  if (typeof reply === 'object') onWire({ ...reply, headers: {} });
  return reply;
}

async function answerClient(sandbox: Sandbox, { method, path, headers, body }: WireRequest): Promise<Reply> {
  const operation = operationOf(headers['x-amz-target']);
  if (method !== 'POST' || path !== '/' || operation === undefined)
    return refusal(new AwsError('UnknownOperationException', `Unknown operation ${method} ${path}`));
  if (!headers.authorization?.startsWith('AWS4-HMAC-SHA256 '))
    return refusal(new AwsError('MissingAuthenticationTokenException', 'Missing Authentication Token'));
  const input = parsed(body);
  if (input === undefined) return refusal(new AwsError('SerializationException', 'The request body is not JSON'));
  return toReply(await sandbox.handle(operation, input));
}

function answerTest(sandbox: Sandbox, method: string, url: string, text: string): Reply {
  try {
    const answered = control(sandbox, method, url, parsed(text));
    return answered === undefined ? json(404, { error: `no route ${method} ${url}` }) : json(200, answered);
  } catch (error) {
    if (error instanceof ZodError) return json(400, { error: error.issues });
    throw error;
  }
}

function toReply(outcome: Outcome): Reply {
  switch (outcome.kind) {
    case 'answer':
      return { status: 200, body: toWire(outcome.result) };
    case 'truncated':
      return { status: 200, body: toWire(outcome.result), half: true };
    case 'malformed':
      return { status: 200, body: toWire(outcome.result).slice(0, -1) };
    case 'html':
      return { status: 200, body: '<!doctype html><p>Please sign in</p>', headers: { 'content-type': 'text/html' } };
    case 'redirect':
      return { status: 302, body: '', headers: { location: 'http://127.0.0.1:9/elsewhere' } };
    case 'error':
      return refusal(outcome.error);
    case 'reset':
    case 'hang':
      return outcome.kind;
  }
}

/** The `Date` header follows the store's clock: a client can tell its offset from it. */
function deliver(reply: Reply, response: ServerResponse, now: number): void {
  if (reply === 'hang') return;
  if (reply === 'reset') {
    response.socket?.resetAndDestroy();
    return;
  }
  response.writeHead(reply.status, {
    'content-type': 'application/x-amz-json-1.1',
    'content-length': Buffer.byteLength(reply.body),
    'x-amzn-requestid': randomUUID(),
    date: new Date(now).toUTCString(),
    ...reply.headers,
  });
  if (reply.half !== true) response.end(reply.body);
  else response.write(reply.body.slice(0, reply.body.length / 2), () => response.socket?.destroy());
}

/** Undefined where the text is not JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string')
    throw new Error(`the server listens on ${address}, not on a port`);
  return address.port;
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    if (!server.listening) return resolve();
    server.close((error) => (error ? reject(error) : resolve()));
    server.closeAllConnections();
  });
}
