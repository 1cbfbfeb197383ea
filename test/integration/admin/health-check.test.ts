import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { startAdminServer } from '../../../src/admin/server';
import { afterFile } from '../../support/after-file';
import { freePort } from '../../support/free-port';
import { startNode } from '../../support/processes';
import { recordingLog } from '../queue/recording-log';

const SCRIPT = join(__dirname, '../../../src/admin/health-check.js');
const GOOD = { ROTATION_MANIFEST: 'rotation.yaml', REDIS_URL: 'redis://redis:6379/0', AWS_REGION: 'ca-central-1' };
const ALIVE = { code: 0, said: '' };

/** Runs the health check as an engine does, in the worker's environment. */
async function check(env: Readonly<Record<string, string>>) {
  const running = startNode(SCRIPT, { env: { ...GOOD, ...env } });
  const { code } = await running.exited;
  return { code, said: running.stderr() };
}

let port: string;

beforeAll(async () => {
  const free = await freePort();
  const pages = {
    readiness: async () => ({ ready: false, checks: {} }),
    metrics: async () => ({ contentType: 'text/plain', text: '' }),
  };
  const server = await startAdminServer({ host: '127.0.0.1', port: free }, pages, recordingLog());
  afterFile(() => server.close());
  port = String(free);
});

test('a worker that answers is alive, ready or not', async () => {
  expect(await check({ ADMIN_PORT: port })).toEqual(ALIVE);
});

test('one that listens everywhere is asked on the loopback, without its token', async () => {
  const ADMIN_TOKEN = 'synthetic-synthetic-synthetic';
  expect(await check({ ADMIN_PORT: port, ADMIN_HOST: '0.0.0.0', ADMIN_TOKEN })).toEqual(ALIVE);
  expect(await check({ ADMIN_PORT: port, ADMIN_HOST: '::', ADMIN_TOKEN })).toEqual(ALIVE);
});

test('where nobody listens it is not', async () => {
  expect(await check({ ADMIN_PORT: String(await freePort()) })).toMatchObject({ code: 1 });
});

test('one that answers otherwise is not', async () => {
  const server = createServer((_, response) => response.writeHead(503).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port: other } = server.address() as AddressInfo;
  expect(await check({ ADMIN_PORT: String(other) })).toEqual({
    code: 1,
    said: `http://127.0.0.1:${other}/healthz answers 503\n`,
  });
  server.close();
});

test.each(['off', '0'])('with ADMIN_PORT=%s nothing can be asked, which it says', async (ADMIN_PORT) => {
  expect(await check({ ADMIN_PORT })).toEqual({ code: 1, said: expect.stringContaining('ADMIN_PORT') });
});

test('a configuration that is wrong is said, without its values', async () => {
  const { code, said } = await check({ ADMIN_PORT: port, REDIS_URL: 'hunter2://x' });
  expect(code).toBe(1);
  expect(said).toMatch(/REDIS_URL/);
  expect(said).not.toContain('hunter2');
});
