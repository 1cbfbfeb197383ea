import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Outcome } from '../faults';
import type { WireAnswer, WireRequest } from './wire';

const MAX_BODY_BYTES = 10_000_000;

/** Reads a whole request off the socket. */
export async function receive(incoming: IncomingMessage): Promise<WireRequest> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MAX_BODY_BYTES) throw new Error('the request body is too long for the sandbox');
    chunks.push(bytes);
  }
  const [path = '', query = ''] = (incoming.url ?? '').split('?', 2);
  const headers = Object.entries(incoming.headers).map(([name, value]) => [name, [value].flat().join(', ')]);
  return {
    method: incoming.method ?? '',
    path,
    query,
    headers: Object.fromEntries(headers),
    body: Buffer.concat(chunks).toString('utf8'),
  };
}

/** Sends an outcome: an answer, half of one, or a reset of the connection. */
export function send(response: ServerResponse, outcome: Outcome): void {
  if (response.socket === null || response.destroyed) return;
  if (outcome.kind === 'answer') sendAnswer(response, outcome.answer);
  else if (outcome.kind === 'truncated') sendHalf(response, outcome.answer);
  else response.socket.resetAndDestroy();
}

export function sendAnswer(response: ServerResponse, answer: WireAnswer): void {
  response.writeHead(answer.status, withLength(answer));
  response.end(answer.body);
}

function sendHalf(response: ServerResponse, answer: WireAnswer): void {
  response.writeHead(answer.status, withLength(answer));
  response.write(answer.body.slice(0, Math.floor(answer.body.length / 2)), () => response.socket?.destroy());
}

/** A 204 may not carry a length. */
function withLength(answer: WireAnswer): Record<string, string> {
  if (answer.status === 204) return { ...answer.headers };
  return { ...answer.headers, 'content-length': String(Buffer.byteLength(answer.body)) };
}
