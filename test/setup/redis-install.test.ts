import { freshClone, type Project } from './project.js';

const AS_ROOT = 'echo 0';
const AS_SOMEBODY = 'echo 1000';
const APT_INSTALL = 'apt-get -o DPkg::Lock::Timeout=120 install -y --no-install-recommends';

/** A machine without a Redis, whose user has this `id -u`. */
function machine(id: string): Project {
  const project = freshClone();
  project.write('test/demo/main.ts', 'console.log("demo on", process.env.TEST_REDIS_URL);');
  project.offer('npm');
  project.offerScript('id', id);
  return project;
}

/** What was done about a Redis: the other calls belong to other tests. */
function redisCalls(project: Project): string[] {
  return project.calls().filter((call) => !/^(npm|tsc)/.test(call));
}

test('apt-get as root: lists are refreshed, the service that Debian starts is stopped', async () => {
  const project = machine(AS_ROOT);
  project.offer('apt-get', 'service');

  const { code, stdout } = await project.run('demo');

  expect(code).toBe(0);
  expect(stdout).toMatch(/^demo on redis:\/\/127\.0\.0\.1:\d+\n$/);
  expect(redisCalls(project)).toEqual([
    'apt-get update',
    `${APT_INSTALL} redis-server`,
    'service redis-server stop',
    expect.stringMatching(/^redis-server started/),
  ]);
});

test('apt-get by sudo that asks no password', async () => {
  const project = machine(AS_SOMEBODY);
  project.offer('apt-get', 'sudo');

  expect((await project.run('demo')).code).toBe(0);
  expect(redisCalls(project)).toEqual([
    'sudo -n true',
    'sudo -n apt-get update',
    'apt-get update',
    `sudo -n ${APT_INSTALL} redis-server`,
    `${APT_INSTALL} redis-server`,
    expect.stringMatching(/^redis-server started/),
  ]);
});

test.each([
  ['apk', AS_ROOT, 'apk add --no-cache redis', 'redis-server'],
  ['dnf', AS_ROOT, 'dnf install -y valkey', 'valkey-server'],
  ['brew', AS_SOMEBODY, 'brew install redis', 'redis-server'],
] as const)('%s installs a server', async (manager, id, call, server) => {
  const project = machine(id);
  project.offer(manager);

  expect((await project.run('demo')).code).toBe(0);
  expect(redisCalls(project)).toEqual([call, expect.stringMatching(`^${server} started`)]);
});

test('where the first package is missing, the other server is installed', async () => {
  const project = machine(AS_ROOT);
  project.offerScript(
    'dnf',
    '[ "$3" = redis ] && /bin/cp "$MACHINE/stand-ins/redis-server" "$MACHINE/bin/redis-server"',
  );

  expect((await project.run('demo')).code).toBe(0);
  expect(redisCalls(project)).toEqual([expect.stringMatching(/^redis-server started/)]);
});

test('a manager that cannot be used is passed over for one that can', async () => {
  const project = machine(AS_SOMEBODY);
  project.offer('apt-get', 'brew');

  expect((await project.run('demo')).code).toBe(0);
  expect(redisCalls(project)).toEqual(['brew install redis', expect.stringMatching(/^redis-server started/)]);
});

test.each(['redis-server', 'valkey-server'] as const)(
  'a %s that is there is used, and nothing installed',
  async (server) => {
    const project = machine(AS_ROOT);
    project.offer('apt-get', server);

    expect((await project.run('demo')).code).toBe(0);
    expect(redisCalls(project)).toEqual([expect.stringMatching(`^${server} started`)]);
  },
);

test('no package manager: exit code 2 and the three ways out', async () => {
  const project = machine(AS_ROOT);

  const { code, stdout, stderr } = await project.run('demo');

  expect(code).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toContain('1. Point TEST_REDIS_URL at a Redis');
  expect(stderr).toContain('2. Install redis-server or valkey-server yourself');
  expect(stderr).toContain('3. Run this where apt-get, apk, dnf');
});

test('sudo that wants a password: exit code 2, nothing tried, and the reason', async () => {
  const project = machine(AS_SOMEBODY);
  project.offer('apt-get');
  project.offerScript('sudo', 'exit 1');

  const { code, stderr } = await project.run('test');

  expect(code).toBe(2);
  expect(stderr).toContain('apt-get: needs root, and sudo does not work without a password');
  expect(redisCalls(project)).toEqual(['biome', 'knip']);
});

test('a manager that fails: exit code 2 and the reason', async () => {
  const project = machine(AS_ROOT);
  project.offerScript('apk', 'echo "apk: no network" >&2; exit 1');

  const { code, stderr } = await project.run('demo');

  expect(code).toBe(2);
  expect(stderr).toContain('apk: no network');
  expect(stderr).toContain('apk: could not install redis or valkey');
});
