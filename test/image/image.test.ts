import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { composeMs, readCompose } from '../support/compose';
import { freePort } from '../support/free-port';
import { startProcess } from '../support/processes';
import { temporaryFolder } from '../support/temporary-folder';
import { until } from '../support/until';
import { type Container, checkHealth, isRoot, runInImage, startContainer } from './container';
import { readImages } from './images';
import type { Image } from './stages';

jest.setTimeout(60_000);

const images = readImages(process.env.IMAGE_FOLDER ?? '');
const services = readCompose();
const ROOT = join(__dirname, '../../..');
const app = ({ root, workdir }: Image, ...path: string[]): string => join(root, workdir, ...path);
const list = (folder: string): string[] => readdirSync(folder).sort();

test('a build without a target makes the worker', () => {
  expect(images.last).toBe('worker');
});

test('the worker holds its own code and no other', () => {
  expect(list(images.worker.root)).toEqual(['app']);
  expect(list(app(images.worker))).toEqual(['dist', 'node_modules', 'package.json']);
  expect(list(app(images.worker, 'dist'))).toEqual(['jobs', 'src']);
});

test('the sandbox holds the stand-ins, and not what runs in production', () => {
  expect(list(app(images.sandbox, 'dist'))).toEqual(['src', 'test']);
  expect(list(app(images.sandbox, 'dist/test'))).toEqual(['sandbox']);
});

const lockSchema = z.looseObject({
  packages: z.record(
    z.string(),
    z.looseObject({ dev: z.boolean().default(false), optional: z.boolean().default(false) }),
  ),
});

test.each(['worker', 'sandbox'] as const)('%s: all production dependencies are there, and no other', (name) => {
  const { packages } = lockSchema.parse(JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')));
  const locked = Object.entries(packages).filter(([path]) => path !== '');
  const isThere = ([path]: readonly [string, unknown]): boolean => existsSync(app(images[name], path));
  const [dev, production] = [
    locked.filter(([, { dev }]) => dev),
    locked.filter(([, { dev, optional }]) => !dev && !optional),
  ];

  expect([dev.length > 100, production.length > 50]).toEqual([true, true]);
  expect(dev.filter(isThere).map(([path]) => path)).toEqual([]);
  expect(production.filter((one) => !isThere(one)).map(([path]) => path)).toEqual([]);
});

test('the guard in place of a read-only root refuses a write, also where the user might write', async () => {
  const said = await runInImage(images.worker, "require('node:fs').writeFileSync('/tmp/written', '')");
  expect(said).toMatch(/ERR_ACCESS_DENIED[\s\S]*FileSystemWrite/);
});

describe('the profile `demo`', () => {
  let sandbox: Container;
  let worker: Container;
  let environment: Readonly<Record<string, string>>;
  let sandboxUrl: string;

  beforeAll(async () => {
    const ports = await Promise.all(
      ['4101', '4102', '4103', '4104', '4105'].map(async (port) => [port, await freePort()]),
    );
    const demo = demoFolder(ports);
    const here = (env: Readonly<Record<string, string>>) => inThisPlace(env, demo, ports);
    sandbox = startContainer(images.sandbox, here({ ...images.sandbox.env, ...services.sandbox.environment }));
    environment = {
      ...here(services['demo-worker'].environment),
      REDIS_URL: await startRedis(),
      ADMIN_PORT: String(await freePort()),
    };
    sandboxUrl = environment.AWS_ENDPOINT_URL_SECRETS_MANAGER ?? '';
    await isHealthy(sandbox);
  });

  test('the health check fails while no worker answers', async () => {
    expect(await checkHealth(images.worker, environment)).toBe(1);
  });

  test('the worker starts as the user of the image, and its health check succeeds', async () => {
    worker = startContainer(images.worker, environment);
    await isHealthy(worker);
    if (isRoot()) expect(uidOf(worker.pid)).toBe(images.worker.user.uid);
    expect(images.worker.user.uid).toBeGreaterThan(0);
  });

  test('every credential of the demo gets its value, and nothing goes wrong', async () => {
    await until(async () => (await current()).length === 3, { withinMs: 30_000, what: () => worker.stdout() });
    const levels = worker.stdout().match(/"level":(40|50|60)/g);
    expect([levels, worker.stderr()]).toEqual([null, expect.not.stringMatching(/ERR_ACCESS_DENIED/)]);
  });

  const grace = composeMs(services.worker.stop_grace_period ?? '');
  test(
    'SIGTERM ends the worker with 0 within the time that compose gives it',
    async () => {
      expect(await worker.kill('SIGTERM')).toEqual({ code: 0, signal: null });
      expect(await checkHealth(images.worker, environment)).toBe(1);
    },
    grace,
  );

  test('SIGTERM ends the sandbox with 0', async () => {
    expect(await sandbox.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  });

  /** The managed secrets whose AWSCURRENT is a value of the vendor's. */
  async function current(): Promise<string[]> {
    const { secrets } = secretsSchema.parse(await (await fetch(`${sandboxUrl}/_sandbox/secrets`)).json());
    return secrets.flatMap(({ name, versions }) => {
      const isValue = versions.some(({ id, stages }) => stages.includes('AWSCURRENT') && !id.startsWith('intent-'));
      return name.startsWith('credentials/') && isValue ? [name] : [];
    });
  }
});

const secretsSchema = z.object({
  secrets: z.array(
    z.object({ name: z.string(), versions: z.array(z.object({ id: z.string(), stages: z.array(z.string()) })) }),
  ),
});

/** The server that the project found or installed, started as compose starts it; on the loopback. */
async function startRedis(): Promise<string> {
  const [, ...args] = services.redis.command ?? [];
  const [port, data] = [await freePort(), temporaryFolder()];
  const here = args.map((arg) => (arg === '/data' ? data : arg));
  const server = startProcess(process.env.TEST_REDIS_SERVER ?? '', {
    args: [...here, '--bind', '127.0.0.1', '--port', String(port)],
    cwd: data,
  });
  await server.waitForLine('Ready to accept connections');
  return `redis://127.0.0.1:${port}`;
}

type Ports = readonly (readonly (string | number)[])[];

const withPorts = (text: string, ports: Ports): string =>
  ports.reduce((so, [written, here]) => so.replaceAll(String(written), String(here)), text);

/** What compose mounts at /demo, with ports that are free here. Readable for the user of the image. */
function demoFolder(ports: Ports): string {
  const folder = temporaryFolder();
  chmodSync(folder, 0o755);
  const source = join(ROOT, 'test/demo/compose');
  for (const name of readdirSync(source)) {
    writeFileSync(join(folder, name), withPorts(readFileSync(join(source, name), 'utf8'), ports));
  }
  return folder;
}

const inThisPlace = (env: Readonly<Record<string, string>>, demo: string, ports: Ports): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).map(([name, value]) => [name, withPorts(value.replace(/^\/demo/, demo), ports)]),
  );

const isHealthy = (container: Container): Promise<unknown> =>
  until(async () => (await container.healthCheck()) === 0, {
    withinMs: 30_000,
    everyMs: 200,
    what: () => `it is healthy:\n${container.stdout()}${container.stderr()}`,
  });

const uidOf = (pid: number): number => Number(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
