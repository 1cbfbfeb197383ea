import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { freePort } from './free-port.js';
import { type OwnProcess, startProcess } from './processes.js';
import { temporaryFolder } from './temporary-folder.js';

interface RedisOptions {
  port?: number;
  /** Where an append-only file is kept; a folder of its own unless given. */
  dir?: string;
  /** Keep the data over stop, kill and restart. Off: a restarted server comes back empty. */
  appendonly?: boolean;
  /** Further settings, as in redis.conf. */
  settings?: Readonly<Record<string, string>>;
}

export interface OwnRedis {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Ends it as an operator would (SIGTERM). */
  stop(): Promise<void>;
  /** Ends it as a crash would (SIGKILL). */
  kill(): Promise<void>;
  /** Ends it if it runs, and starts it on the same port with the same folder. */
  restart(): Promise<void>;
}

const STARTS = 3;

/**
 * `describe` for tests that stop, flush or restart a Redis of their own. They are skipped where there is none to start:
 * the runner was given TEST_REDIS_URL and no redis-server or valkey-server stands on the PATH.
 */
export const describeWithOwnRedis: jest.Describe = redisBinary() === undefined ? describe.skip : describe;

/**
 * Starts a Redis that belongs to one test, on a free loopback port. What a test only wants to use is at TEST_REDIS_URL,
 * under TEST_REDIS_PREFIX. It is ended at the end of the test file at the latest.
 */
export async function startRedis(options: RedisOptions = {}): Promise<OwnRedis> {
  const dir = options.dir ?? temporaryFolder();
  const settings = { ...options.settings, dir, appendonly: options.appendonly ? 'yes' : 'no' };
  let { port, server } = await startOnSomePort(options.port, settings);

  const end = async (signal: NodeJS.Signals) => {
    await server.kill(signal);
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    get pid() {
      return server.pid;
    },
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    async restart() {
      await end('SIGTERM');
      server = await start(port, settings);
    },
  };
}

/** A free port may be taken by another process before the server binds it: then another one is tried. */
async function startOnSomePort(wanted: number | undefined, settings: Settings) {
  for (let tries = 1; ; tries++) {
    const port = wanted ?? (await freePort());
    try {
      return { port, server: await start(port, settings) };
    } catch (error) {
      if (wanted !== undefined || tries === STARTS) throw error;
    }
  }
}

interface Settings {
  readonly [name: string]: string;
  readonly dir: string;
}

async function start(port: number, given: Settings): Promise<OwnProcess> {
  const binary = redisBinary();
  if (binary === undefined) {
    throw new Error(
      'No Redis to start: put redis-server or valkey-server on the PATH, or name one in TEST_REDIS_SERVER.',
    );
  }
  const settings = { port, bind: '127.0.0.1', save: '', daemonize: 'no', ...given };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const server = startProcess(binary, { args, cwd: given.dir });
  await server.waitForLine('Ready to accept connections');
  return server;
}

function redisBinary(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const onPath = ['redis-server', 'valkey-server'].flatMap((name) => folders.map((folder) => join(folder, name)));
  return process.env.TEST_REDIS_SERVER ?? onPath.find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
