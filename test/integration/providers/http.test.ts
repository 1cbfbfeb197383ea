import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import {
  ConfigError,
  InvariantError,
  OutcomeUnknownError,
  ProviderAuthError,
  ProviderUnavailableError,
} from '../../../src/errors';
import { makeVendorHttp, type VendorHttp, type VendorRequest } from '../../../src/providers/http';
import { Sensitive } from '../../../src/sensitive';
import type { ErrorClass } from '../../support/providers/fault-part';
import { expectNoSecrets, failureOf } from '../../support/providers/no-secrets';
import { TEST_CERTIFICATE, TEST_KEY } from '../../support/providers/tls';

const SECRET = 'SYNTH-header-secret';
const stops: (() => unknown)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function listening(server: net.Server): Promise<number> {
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  stops.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((done) => server.close(done));
  });
  return (server.address() as AddressInfo).port;
}

/** A vendor that notes what it is sent. */
async function vendor(answer: http.RequestListener = (_request, response) => response.end('{}')) {
  const seen: { url: string; headers: http.IncomingHttpHeaders; body: string; port: number | undefined }[] = [];
  const server = http.createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    seen.push({ url: request.url ?? '', headers: request.headers, body, port: request.socket.remotePort });
    answer(request, response);
  });
  const port = await listening(server);
  return { baseUrl: `http://127.0.0.1:${port}`, seen };
}

function client(baseUrl: string, more: { readonly timeoutMs?: number; readonly proxyUrl?: string } = {}): VendorHttp {
  const made = makeVendorHttp({ account: 'test-account', baseUrl, timeoutMs: 400, now: Date.now, ...more });
  stops.push(() => made.close());
  return made;
}

const change: VendorRequest = {
  route: 'test change',
  method: 'POST',
  path: ['a', 'b'],
  headers: { Authorization: new Sensitive(`Bearer ${SECRET}`) },
  changesState: true,
};
const read: VendorRequest = { ...change, route: 'test read', method: 'GET', changesState: false };

describe('what is sent', () => {
  it('is the method, the path under the base, the headers and JSON', async () => {
    const { baseUrl, seen } = await vendor();
    const json = new Sensitive('{"a":1}');
    await client(`${baseUrl}/base/`).send({ ...change, path: ['a b', 'c/d', 'é?#%2F'], json });
    expect(seen).toMatchObject([{ url: '/base/a%20b/c%2Fd/%C3%A9%3F%23%252F', body: '{"a":1}' }]);
    expect(seen[0]?.headers).toMatchObject({ authorization: `Bearer ${SECRET}`, 'content-type': 'application/json' });
  });

  it('says nothing of a body where there is none', async () => {
    const { baseUrl, seen } = await vendor();
    await client(baseUrl).send(change);
    expect(seen[0]?.headers).not.toHaveProperty('content-type');
  });

  it.each(['', ' ', '.', '..'])('is nothing where a path segment is %p', async (segment) => {
    const { baseUrl, seen } = await vendor();
    expect(await failureOf(client(baseUrl).send({ ...change, path: ['a', segment] }))).toBeInstanceOf(InvariantError);
    expect(seen).toEqual([]);
  });

  it.each([
    ['a line end', '\n'],
    ['an emoji', '✓'],
    ['a null', '\0'],
  ])('is nothing where a credential holds %s', async (_name, value) => {
    const { baseUrl, seen } = await vendor();
    const headers = { 'X-Key': new Sensitive(`${SECRET}${value}`) };
    const error = await failureOf(client(baseUrl).send({ ...change, headers }));
    expect(error).toBeInstanceOf(ProviderAuthError);
    expectNoSecrets(error, [SECRET]);
    expect(seen).toEqual([]);
  });

  it.each(['ftp://x', 'nonsense', 'http://user:pass@x', 'http://x/?a=b', 'http://x/#a'])(
    'needs a bare base URL: %s',
    (baseUrl) => {
      expect(() => client(baseUrl)).toThrow(ConfigError);
    },
  );

  it('goes over a fresh connection where it changes something, and over a kept one where it reads', async () => {
    const { baseUrl, seen } = await vendor();
    const http = client(baseUrl);
    for (const request of [read, read, read, change, change]) await http.send(request);
    const ports = seen.map(({ port }) => port);
    expect(new Set(ports.slice(0, 3)).size).toBe(1);
    expect(new Set(ports).size).toBe(3);
  });

  it('[6] never follows a redirect', async () => {
    const other = await vendor();
    const { baseUrl } = await vendor((_request, response) =>
      response.writeHead(302, { location: other.baseUrl }).end(),
    );
    expect(await failureOf(client(baseUrl).send(change))).toBeInstanceOf(OutcomeUnknownError);
    expect(await failureOf(client(baseUrl).send(read))).toBeInstanceOf(ProviderUnavailableError);
    expect(other.seen).toEqual([]);
  });
});

describe('[1] no answer', () => {
  const broken: readonly (readonly [string, http.RequestListener])[] = [
    ['a reset', (request) => request.socket.resetAndDestroy()],
    ['a closed connection', (request) => request.socket.destroy()],
    ['silence', () => undefined],
    ['headers, then silence', (_request, response) => void response.writeHead(200).write('{"a":')],
    [
      'a drip that never ends',
      (_request, response) => {
        const timer = setInterval(() => response.write(' '), 20);
        response.on('close', () => clearInterval(timer));
      },
    ],
    [
      'half of it',
      (request, response) =>
        response.writeHead(200, { 'content-length': 9 }).write('{"a"', () => request.socket.destroy()),
    ],
    ['what is not HTTP', (request) => request.socket.end('SYNTH not http\r\n\r\n')],
    ['more than is believable', (_request, response) => response.end(`"${'x'.repeat(2_000_000)}"`)],
  ];
  it.each(broken)('%s: unknown where it changes something, unavailable where it reads', async (_name, answer) => {
    const { baseUrl, seen } = await vendor(answer);
    const began = performance.now();
    const failures = await Promise.all([change, read].map((request) => failureOf(client(baseUrl).send(request))));
    expect(failures[0]).toBeInstanceOf(OutcomeUnknownError);
    expect(failures[1]).toBeInstanceOf(ProviderUnavailableError);
    expect(performance.now() - began).toBeLessThan(1_500);
    expect(seen).toHaveLength(2); // nothing is sent again
    expectNoSecrets(failures, [SECRET, 'SYNTH']);
    expectNoSecrets(failures[0], [SECRET, baseUrl]);
    expect(failures.map((error) => error.cause)).toEqual([undefined, undefined]);
  });

  it('a refused connection reached nobody', async () => {
    const { baseUrl } = await vendor();
    await stops.pop()?.();
    expect(await failureOf(client(baseUrl).send(change))).toMatchObject({
      name: 'ProviderUnavailableError',
      fields: { account: 'test-account', route: 'test change', reason: 'ECONNREFUSED' },
    });
  });

  it('an unknown host reached nobody', async () => {
    const error = await failureOf(client('http://no-such-host.invalid', { timeoutMs: 5_000 }).send(change));
    expect(error).toBeInstanceOf(ProviderUnavailableError);
  });

  it('a server that does not speak TLS reached nobody', async () => {
    const { baseUrl, seen } = await vendor();
    const error = await failureOf(client(baseUrl.replace('http:', 'https:')).send(change));
    expect(error).toBeInstanceOf(ProviderUnavailableError);
    expect(seen).toEqual([]);
  });

  it('a TLS handshake that never ends reached nobody', async () => {
    const port = await listening(net.createServer(() => undefined));
    const error = await failureOf(client(`https://127.0.0.1:${port}`).send(change));
    expect(error).toBeInstanceOf(ProviderUnavailableError);
    expect(error).toMatchObject({ fields: { reason: 'connect time-out' } });
  });
});

describe('[1] an answer that says neither yes nor no', () => {
  const answers: readonly (readonly [number, string])[] = [
    [200, '<html>'],
    [200, ''],
    [200, '{"cut":'],
    [201, 'created'],
    [202, '{}'],
    [203, '{}'],
    [206, '{}'],
    [301, '{}'],
    [304, ''],
    [408, '{}'],
    [500, '{"client_secret":"SYNTH"}'],
    [502, '<html>'],
    [503, '{}'],
    [599, '{}'],
  ];
  it.each(answers)('%i %s', async (status, body) => {
    const { baseUrl } = await vendor((_request, response) => response.writeHead(status).end(body));
    const kinds: readonly (readonly [VendorRequest, ErrorClass])[] = [
      [change, OutcomeUnknownError],
      [read, ProviderUnavailableError],
    ];
    for (const [request, expected] of kinds) {
      const error = await failureOf(client(baseUrl).send(request));
      expect(error).toBeInstanceOf(expected);
      expect(error).toMatchObject({ fields: { account: 'test-account', route: request.route, status } });
      expectNoSecrets(error, ['SYNTH']);
    }
  });

  it.each([
    [200, '{"a":1}'],
    [201, '[]'],
    [204, ''],
    [400, '<html>'],
    [401, 'text'],
    [404, ''],
  ])('%i %s says yes or no', async (status, body) => {
    const { baseUrl } = await vendor((_request, response) => response.writeHead(status).end(body));
    const reply = await client(baseUrl).send(change);
    expect([reply.status, reply.body.reveal()]).toEqual([status, body]);
    if (body.length > 4) expectNoSecrets(reply, [body]);
  });
});

describe('TLS and proxies, in a process that trusts the test certificate', () => {
  const run = promisify(execFile);
  let folder: string;
  let trusted: NodeJS.ProcessEnv;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'http-test-'));
    const file = join(folder, 'ca.pem');
    await writeFile(file, TEST_CERTIFICATE);
    trusted = { PATH: process.env.PATH, NODE_EXTRA_CA_CERTS: file };
  });
  afterAll(() => rm(folder, { recursive: true }));

  const probe = async (args: readonly string[], env: NodeJS.ProcessEnv = trusted): Promise<unknown> => {
    const script = resolve(__dirname, '../../support/providers/http-probe/main.js');
    const { stdout } = await run(process.execPath, [script, ...args], { env });
    return JSON.parse(stdout);
  };

  async function secureVendor() {
    const urls: string[] = [];
    const server = https.createServer({ key: TEST_KEY, cert: TEST_CERTIFICATE }, (request, response) => {
      urls.push(request.url ?? '');
      if (request.url === '/reset') request.socket.destroy();
      else response.end('{"ok":true}');
    });
    return { baseUrl: `https://127.0.0.1:${await listening(server)}`, urls };
  }

  /** An HTTP proxy that knows CONNECT only; refuses with a status if it is to. */
  async function proxy(refusal?: number) {
    const targets: string[] = [];
    const server = http.createServer((_request, response) => response.writeHead(500).end());
    server.on('connect', (request, socket: net.Socket) => {
      targets.push(request.url ?? '');
      if (refusal !== undefined) return void socket.end(`HTTP/1.1 ${refusal} no\r\ncontent-length: 2\r\n\r\n{}`);
      const [host = '', port = ''] = (request.url ?? '').split(':');
      const onward = net.connect(Number(port), host, () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
      onward.on('error', () => socket.destroy()).pipe(socket);
      socket.on('error', () => onward.destroy()).pipe(onward);
    });
    return { proxyUrl: `http://127.0.0.1:${await listening(server)}`, targets };
  }

  it('speaks to a vendor whose certificate is trusted', async () => {
    const { baseUrl } = await secureVendor();
    expect(await probe([baseUrl, 'ok'])).toEqual({ status: 200, body: '{"ok":true}' });
  });

  it('[1] a connection that breaks after the handshake is an unknown outcome', async () => {
    const { baseUrl, urls } = await secureVendor();
    expect(await probe([baseUrl, 'reset'])).toMatchObject({ error: 'OutcomeUnknownError' });
    expect(urls).toEqual(['/reset']);
  });

  it('[1] a certificate that is not trusted reached nobody', async () => {
    const { baseUrl, urls } = await secureVendor();
    const found = await probe([baseUrl, 'ok'], { PATH: process.env.PATH });
    expect(found).toMatchObject({ error: 'ProviderUnavailableError', reason: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    expect(urls).toEqual([]);
  });

  it('goes through the configured proxy, to the vendor over TLS and without', async () => {
    const { proxyUrl, targets } = await proxy();
    const secure = await secureVendor();
    const plain = await vendor((_request, response) => response.end('{"ok":true}'));
    for (const { baseUrl } of [secure, plain]) {
      expect(await probe([baseUrl, 'ok', proxyUrl])).toEqual({ status: 200, body: '{"ok":true}' });
    }
    expect(targets).toEqual([secure.baseUrl, plain.baseUrl].map((url) => new URL(url).host));
  });

  it('[1] behind a proxy too, what breaks after the handshake is an unknown outcome', async () => {
    const { proxyUrl } = await proxy();
    const { baseUrl } = await secureVendor();
    expect(await probe([baseUrl, 'reset', proxyUrl])).toMatchObject({ error: 'OutcomeUnknownError' });
  });

  it.each([407, 403, 429, 502, 200_000])('[1] a proxy that refuses (%i) reached nobody', async (status) => {
    const { proxyUrl } = await proxy(status);
    const { baseUrl, urls } = await secureVendor();
    expect(await probe([baseUrl, 'ok', proxyUrl])).toMatchObject({ error: 'ProviderUnavailableError' });
    expect(urls).toEqual([]);
  });

  it('[1] a proxy that is down reached nobody', async () => {
    const { baseUrl, urls } = await secureVendor();
    const found = await probe([baseUrl, 'ok', 'http://127.0.0.1:9']);
    expect(found).toMatchObject({ error: 'ProviderUnavailableError', reason: 'ECONNREFUSED' });
    expect(urls).toEqual([]);
  });

  it('does not read the proxy variables of the environment', async () => {
    const { proxyUrl, targets } = await proxy();
    const { baseUrl } = await secureVendor();
    const env = { ...trusted, HTTPS_PROXY: proxyUrl, https_proxy: proxyUrl, HTTP_PROXY: proxyUrl, ALL_PROXY: proxyUrl };
    expect(await probe([baseUrl, 'ok'], env)).toMatchObject({ status: 200 });
    expect(targets).toEqual([]);
  });
});
