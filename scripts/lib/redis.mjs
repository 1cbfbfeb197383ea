import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findRedisBinary, provideRedisBinary } from './redis-binary.mjs';
import { removeKeys } from './remove-keys.mjs';
import { SetupError } from './say.mjs';

const READY_WITHIN_MS = 10_000;
const CONNECTED_WITHIN_MS = 3_000;
const STARTS = 3;

/**
 * The Redis of one run: TEST_REDIS_URL if given, else a server of our own. Gives the variables that tell a program where it is
 * (`env`) and `release()`, to be called at the end.
 */
export async function provideRedis() {
  const prefix = `rotation-test-${randomBytes(6).toString('hex')}`;
  const given = process.env.TEST_REDIS_URL;
  return given ? useGivenRedis(given, prefix) : startOwnRedis(prefix);
}

/** Somebody's server: only keys under a prefix of this run are ours, and only these are removed at the end. */
async function useGivenRedis(url, prefix) {
  await refuseUnreachable(url);
  const binary = findRedisBinary();
  const env = { TEST_REDIS_URL: url, TEST_REDIS_PREFIX: prefix, ...(binary && { TEST_REDIS_SERVER: binary }) };
  return { env, release: () => removeKeys(url, prefix) };
}

async function refuseUnreachable(url) {
  const advice = 'give it as redis://HOST:PORT of a server that runs, or unset it to have one started.';
  if (!URL.canParse(url)) throw new SetupError(`TEST_REDIS_URL is no URL: ${advice}`);
  const { hostname, port } = new URL(url);
  const target = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 6379) };
  if (await canConnect(target)) return;
  throw new SetupError(`Nothing answers at TEST_REDIS_URL (${target.host}:${target.port}): ${advice}`);
}

/** A server on a free loopback port that keeps nothing; its folder and process end with this process, however it ends. */
async function startOwnRedis(prefix) {
  const binary = await provideRedisBinary();
  for (let start = 1; ; start++) {
    const server = await startServer(binary);
    if (server.ready) {
      const env = { TEST_REDIS_URL: server.url, TEST_REDIS_PREFIX: prefix, TEST_REDIS_SERVER: binary };
      return { env, release: async () => server.stop() };
    }
    server.stop();
    // Another process may have taken the port between our looking and the server's binding.
    if (start === STARTS) throw new SetupError(`${binary} did not start:\n${server.output()}`);
  }
}

async function startServer(binary) {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'rotation-redis-'));
  const settings = { port, bind: '127.0.0.1', dir: folder, save: '', appendonly: 'no', daemonize: 'no' };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  // A group of its own: a Ctrl-C in the terminal must not end the server before the tests that use it.
  const child = spawn(binary, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk) => {
      output += chunk;
    });
  }
  child.on('error', (error) => {
    output += error.message;
  });
  const stop = () => {
    process.off('exit', stop);
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', stop);
  const ready = await isReady(child, () => output);
  return { ready, url: `redis://127.0.0.1:${port}`, stop, output: () => output };
}

async function isReady(child, output) {
  const deadline = Date.now() + READY_WITHIN_MS;
  while (Date.now() < deadline && child.exitCode === null && child.pid !== undefined) {
    if (output().includes('Ready to accept connections')) return true;
    await sleep(10);
  }
  return false;
}

function canConnect(target) {
  return new Promise((resolve) => {
    const socket = connect(target);
    const end = (result) => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(CONNECTED_WITHIN_MS, () => end(false));
    socket.once('error', () => end(false)).once('connect', () => end(true));
  });
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
