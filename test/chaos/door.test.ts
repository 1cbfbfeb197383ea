import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createConnection, type Socket } from 'node:net';
import { afterFile } from '../support/after-file';
import { until } from '../support/until';
import { type Door, makeDoor } from './door';

// A trouble that does not trouble would make every chaos run pass.

const arrived: string[] = [];
let connections = 0;
let server: Server;
let door: Door;

beforeAll(async () => {
  server = createServer((request, response) => {
    arrived.push(request.url ?? '');
    response.end('here');
  });
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  door = await makeDoor(0);
  door.leadTo(`http://127.0.0.1:${port}`);
  afterFile(async () => {
    await door.close();
    server.close();
    server.closeAllConnections();
  });
});

/** One request on a connection of its own; why it failed, where it did. */
const ask = (path: string, signal?: AbortSignal): Promise<string> =>
  fetch(`${door.url}${path}`, { headers: { connection: 'close' }, ...(signal === undefined ? {} : { signal }) }).then(
    (response) => response.text(),
    (error: Error) => String((error.cause as { code?: string } | undefined)?.code ?? error.name),
  );
const hasArrived = (path: string): Promise<unknown> =>
  until(() => arrived.includes(path), { withinMs: 10_000, what: () => `${path} among ${arrived.join(' ')}` });

test('open, it lets through', async () => {
  expect(await ask('/open')).toBe('here');
});

test('shut, it refuses connections until it is opened', async () => {
  await door.refuse();
  expect(await ask('/refused')).toBe('ECONNREFUSED');
  await door.open();
  expect(await ask('/again')).toBe('here');
  expect(arrived).not.toContain('/refused');
});

test('while it hangs nobody is answered, and what was sent is delivered late, though its sender has gone', async () => {
  door.hang();
  expect(await ask('/late', AbortSignal.timeout(300))).toBe('TimeoutError');
  expect(arrived).not.toContain('/late');
  await door.open();
  await hasArrived('/late');
});

/** A connection that goes on, as clients keep theirs. */
async function connected(): Promise<Socket> {
  const before = connections;
  const socket = createConnection(Number(new URL(door.url).port), '127.0.0.1');
  await until(() => connections > before, { withinMs: 10_000, what: () => 'the connection is through' });
  return socket;
}

test('stalled, it holds the connections that there are, and lets new ones through', async () => {
  const old = await connected();
  door.stall();
  old.write('GET /held HTTP/1.1\r\nhost: here\r\n\r\n');
  expect(await ask('/new')).toBe('here');
  expect(arrived).not.toContain('/held');
  await door.open();
  await hasArrived('/held');
  old.destroy();
});

test('reset, it drops the connections that there are', async () => {
  const old = await connected();
  const failed = once(old, 'error');
  door.reset();
  expect(await failed).toMatchObject([{ code: 'ECONNRESET' }]);
});
