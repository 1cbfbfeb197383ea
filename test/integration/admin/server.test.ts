import { createServer } from 'node:net';
import type { AdminConfig } from '../../../src/admin/config';
import { startAdminServer } from '../../../src/admin/server';
import { ConfigError } from '../../../src/errors';
import { Sensitive } from '../../../src/sensitive';
import { afterFile } from '../../support/after-file';
import { recordingLog } from '../queue/recording-log';

const READY = { ready: true, checks: { redis: { ok: true, reason: 'answers' } } };
const TOKEN = 'hunter2-hunter2-hunter2';
const PAGES = {
  readiness: async () => READY,
  metrics: async () => ({ contentType: 'text/plain; version=0.0.4; charset=utf-8', text: 'up 1\n' }),
};

/** A server on a free loopback port; `ask` gives a caller's view of it. */
async function served(config: Partial<AdminConfig> = {}, pages: Partial<typeof PAGES> = {}) {
  const log = recordingLog();
  const given = { host: '127.0.0.1', port: 0, ...config };
  const server = await startAdminServer(given, { ...PAGES, ...pages }, log);
  afterFile(() => server.close());
  const port = log.lines[0]?.fields.port;
  const ask = async (path: string, init: RequestInit = {}) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, init);
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  };
  return { ask, log, port: Number(port) };
}

const withToken = (authorization: string): RequestInit => ({ headers: { authorization } });

describe('the admin server', () => {
  test('serves three pages, to be read anew each time, and says nothing of itself', async () => {
    const { ask } = await served();
    const pages = await Promise.all(['/healthz', '/readyz', '/metrics'].map((path) => ask(path)));
    expect(pages.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(pages.map(({ text }) => text)).toEqual(['{"alive":true}', JSON.stringify(READY), 'up 1\n']);
    expect(pages[2]?.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    for (const { headers } of pages) {
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.has('server') || headers.has('x-powered-by')).toBe(false);
    }
    expect((await ask('/healthz', { method: 'HEAD' })).status).toBe(200);
  });

  test('answers 503 with the same words where it is not ready', async () => {
    const readiness = { ready: false, checks: { redis: { ok: false, reason: 'ECONNREFUSED' } } };
    const { ask } = await served({}, { readiness: async () => readiness });
    expect(await ask('/readyz')).toMatchObject({ status: 503, text: JSON.stringify(readiness) });
  });

  test.each([
    ['/', 'GET'],
    ['/status', 'GET'],
    ['/healthz/', 'GET'],
    ['/metrics', 'POST'],
    ['/readyz', 'DELETE'],
    ['/%zz', 'GET'],
  ])('knows no %s by %s, and repeats none of it', async (path, method) => {
    const { ask, log } = await served();
    const { status, text } = await ask(path, { method });
    expect([400, 404]).toContain(status);
    expect(JSON.parse(text)).toEqual({ error: expect.stringMatching(/^(not found|bad request)$/) });
    expect(log.lines).toHaveLength(1);
  });

  test('tells neither caller nor log the words of an error', async () => {
    const failing = async (): Promise<never> => {
      throw new TypeError(`cannot read ${TOKEN}`);
    };
    const { ask, log } = await served({}, { metrics: failing });
    expect(await ask('/metrics')).toMatchObject({ status: 500, text: '{"error":"failed"}' });
    expect(log.lines.slice(1)).toEqual([
      { level: 'warn', message: 'a page of the admin server failed', fields: { step: 'admin', error: 'TypeError' } },
    ]);
  });
});

describe('with a token', () => {
  test.each([
    ['no header', {}],
    ['an empty one', withToken('')],
    ['another token', withToken('Bearer hunter2-hunter2-hunter3')],
    ['the beginning of it', withToken('Bearer hunter2-hunter2')],
    ['more than it', withToken(`Bearer ${TOKEN}x`)],
    ['another scheme', withToken(`Basic ${TOKEN}`)],
    ['the token alone', withToken(TOKEN)],
  ])('refuses %s, and shows nothing', async (_, init) => {
    const { ask, log } = await served({ token: new Sensitive(TOKEN) });
    for (const path of ['/readyz', '/metrics']) {
      const { status, headers, text } = await ask(path, init);
      expect({ status, challenge: headers.get('www-authenticate'), text }).toEqual({
        status: 401,
        challenge: 'Bearer',
        text: '{"error":"unauthorized"}',
      });
      expect((await ask(path, { ...init, method: 'HEAD' })).status).toBe(401);
    }
    expect((await ask('/healthz', init)).status).toBe(200);
    expect(JSON.stringify(log.lines)).not.toContain('hunter2');
  });

  test.each(['Bearer', 'bearer', 'BEARER '])('takes it after the word %s', async (word) => {
    const { ask } = await served({ token: new Sensitive(TOKEN) });
    expect((await ask('/readyz', withToken(`${word} ${TOKEN}`))).status).toBe(200);
    expect((await ask('/metrics', withToken(`${word} ${TOKEN}`))).status).toBe(200);
  });
});

describe('where it cannot listen it says why', () => {
  const problem = (config: AdminConfig): Promise<string> =>
    startAdminServer(config, PAGES, recordingLog()).then(
      () => 'it listens',
      (error: unknown) => (error instanceof ConfigError ? (error.problems[0] ?? '') : String(error)),
    );

  test('a port in use', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    afterFile(() => new Promise<void>((resolve) => void other.close(() => resolve())));
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    expect(await problem({ host: '127.0.0.1', port })).toBe(
      `ADMIN_PORT: cannot listen on 127.0.0.1 port ${port} (EADDRINUSE): it is in use: write another ADMIN_PORT, 0 for a free one or off, or end what listens there`,
    );
  });

  test('an address of another machine', async () => {
    expect(await problem({ host: '192.0.2.1', port: 0 })).toMatch(/EADDRNOTAVAIL.*mend ADMIN_HOST/);
  });
});
