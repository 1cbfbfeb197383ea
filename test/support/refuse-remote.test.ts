import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import net from 'node:net';
import { join } from 'node:path';
import tls from 'node:tls';
import { Redis } from 'ioredis';
import { startProcess } from './processes.js';

/** Addresses kept for documentation (RFC 5737, RFC 3849): even if the guard failed, nobody is there. */
const REMOTE = '192.0.2.1';
const GUARD = join(__dirname, '../../../scripts/lib/refuse-remote.cjs');
const CONNECT_TO_BOTH_PORTS = `
  for (const port of [6380, 6379]) {
    try {
      require('node:net').connect(port, 'redis.invalid').on('error', () => {}).destroy();
      console.log(port, 'allowed');
    } catch (error) {
      console.log(port, error.code);
    }
  }`;
const REFUSED = { code: 'ERR_REMOTE_REFUSED' };

test.each([
  ['net.connect(port, host)', () => net.connect(443, REMOTE)],
  ['net.connect(options)', () => net.connect({ host: REMOTE, port: 443 })],
  ['a host name', () => net.connect(443, 'secretsmanager.us-east-1.amazonaws.com')],
  ['IPv6', () => net.connect(443, '2001:db8::1')],
  ['a private network', () => net.connect(443, '10.0.0.1')],
  ['new net.Socket().connect', () => new net.Socket().connect(443, REMOTE)],
  ['tls.connect', () => tls.connect(443, REMOTE)],
  ['http.get', () => get(`http://${REMOTE}/`)],
])('%s to another machine throws', (_, connect) => {
  expect(connect).toThrow(expect.objectContaining(REFUSED));
});

test('fetch and ioredis fail with the same error', async () => {
  await expect(fetch(`https://${REMOTE}/`)).rejects.toMatchObject({ cause: REFUSED });

  const redis = new Redis({ host: REMOTE, lazyConnect: true, retryStrategy: () => null });
  const error = new Promise((resolve) => redis.once('error', resolve));
  await redis.connect().catch(() => {});
  expect(await error).toMatchObject(REFUSED);
});

test.each(['127.0.0.1', 'localhost', '127.8.8.8'])('%s is this machine', async (host) => {
  const server = createServer((_, response) => void response.end('here'));
  await new Promise<void>((resolve) => server.listen(0, host, resolve));

  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://${host}:${port}/`);

  expect(await response.text()).toBe('here');
  await new Promise((resolve) => server.close(resolve));
});

test('the one other address that is allowed is that of TEST_REDIS_URL', async () => {
  const child = startProcess(process.execPath, {
    args: ['--require', GUARD, '--eval', CONNECT_TO_BOTH_PORTS],
    env: { TEST_REDIS_URL: 'redis://redis.invalid:6380/1', NODE_OPTIONS: undefined },
  });

  await child.exited;

  expect(child.stdout()).toBe('6380 allowed\n6379 ERR_REMOTE_REFUSED\n');
});
