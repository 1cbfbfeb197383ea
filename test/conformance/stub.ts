import { createServer, type IncomingMessage } from 'node:http';
import { SecretsManagerClient, type SecretsManagerClientConfig } from '@aws-sdk/client-secrets-manager';

/** What the stub answers to the n-th request, counted from 1: a status and a body, or a reset connection. */
export type Answer = (n: number) => Answered;
type Answered = 'reset' | { readonly status: number; readonly body: object | string };

/** A request as the stub saw it. */
export interface Seen {
  readonly at: number;
  readonly body: string;
}

export const THROTTLED: Answered = {
  status: 400,
  body: { __type: 'ThrottlingException', message: 'Rate exceeded' },
};
export const refusal = (type: string): Answered => ({ status: 400, body: { __type: type, Message: 'x' } });

/** Runs `use` with an SDK client, by default as it comes, against a server that gives these answers. */
export async function withStub<T>(
  answer: Answer,
  use: (client: SecretsManagerClient, seen: readonly Seen[]) => Promise<T>,
  config: SecretsManagerClientConfig = {},
): Promise<T> {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    seen.push({ at: Date.now(), body: await textOf(request) });
    const answered = answer(seen.length);
    if (answered === 'reset') return request.socket.destroy();
    const json = typeof answered.body === 'object';
    response.writeHead(answered.status, { 'content-type': json ? 'application/x-amz-json-1.1' : 'text/html' });
    return response.end(json ? JSON.stringify(answered.body) : answered.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error(`the stub listens on ${address}, not on a port`);
  const client = new SecretsManagerClient({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${address.port}`,
    credentials: { accessKeyId: 'x', secretAccessKey: 'y' },
    ...config,
  });
  try {
    return await use(client, seen);
  } finally {
    client.destroy();
    server.closeAllConnections();
    server.close();
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
