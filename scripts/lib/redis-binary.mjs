import { execFileSync } from 'node:child_process';
import { PACKAGE_MANAGERS } from './package-managers.mjs';
import { findOnPath } from './paths.mjs';
import { runToStderr } from './run.mjs';
import { SetupError, say } from './say.mjs';

/** The Redis server that is there already: the one that TEST_REDIS_SERVER names, else the first on the PATH. */
export function findRedisBinary() {
  return process.env.TEST_REDIS_SERVER || findOnPath('redis-server', 'valkey-server');
}

/** The path of a Redis server, installed with the system's package manager if there is none yet. */
export async function provideRedisBinary() {
  const found = findRedisBinary();
  if (found) return found;
  const tried = [];
  for (const manager of PACKAGE_MANAGERS) {
    tried.push(await installWith(manager));
    const installed = findRedisBinary();
    if (installed) return installed;
  }
  throw new SetupError(noRedisMessage(tried));
}

/** Installs the first package that the manager has, and says what came of it. Whether it worked is seen by the PATH. */
async function installWith(manager) {
  const { command, needsRoot, refresh, install, packages, startsService } = manager;
  if (!findOnPath(command)) return `${command}: not on the PATH`;
  const prefix = needsRoot ? asRoot() : [];
  if (!prefix) return `${command}: needs root, and sudo does not work without a password`;
  say(`There is no redis-server or valkey-server on the PATH: installing one with ${command} …`);
  // A list that cannot be refreshed need not matter: whether the package installs decides.
  if (refresh) await runManager([...prefix, command, ...refresh]);
  for (const name of packages) {
    if ((await runManager([...prefix, command, ...install, name])) !== 0) continue;
    if (startsService) await stopService(prefix, name);
    return `${command}: installed ${name}, but no redis-server or valkey-server appeared on the PATH`;
  }
  return `${command}: could not install ${packages.join(' or ')} (its output stands above)`;
}

/** What to put before a command so that it runs as root; undefined where that is impossible without asking somebody. */
function asRoot() {
  if (succeeds('id', ['-u'], '0')) return [];
  return findOnPath('sudo') && succeeds('sudo', ['-n', 'true']) ? ['sudo', '-n'] : undefined;
}

function succeeds(command, args, expected) {
  try {
    const output = execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return expected === undefined || output.trim() === expected;
  } catch {
    return false;
  }
}

function runManager([command, ...args]) {
  return runToStderr(command, args, { ...process.env, DEBIAN_FRONTEND: 'noninteractive' });
}

/** Debian starts a service on port 6379 with the package. Nobody asked for it, and we run servers of our own. */
async function stopService(prefix, name) {
  if (!findOnPath('service')) return;
  await runManager([...prefix, 'service', name, 'stop']);
}

function noRedisMessage(tried) {
  return `Tests and demo need a Redis server, and none could be found or installed:
${tried.map((line) => `  - ${line}`).join('\n')}
Any one of these helps:
  1. Point TEST_REDIS_URL at a Redis for tests, e.g. TEST_REDIS_URL=redis://127.0.0.1:6379 (keys of our own prefix only, never flushed).
  2. Install redis-server or valkey-server yourself, so that it stands on the PATH.
  3. Run this where apt-get, apk, dnf (as root or with sudo that asks no password) or brew can install one.`;
}
