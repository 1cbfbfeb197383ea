import { isRunning } from '../support/processes.js';
import { until } from '../support/until.js';
import { freshCloneWithRedis, type Project } from './project.js';

/** The pid of the Redis that a run has started. */
function redisPid(project: Project): number {
  const started = project.calls().find((call) => call.startsWith('redis-server started'));
  return Number(started?.split(' ').at(-1));
}

async function expectNothingLeft(project: Project): Promise<void> {
  const pid = redisPid(project);
  expect(pid).toBeGreaterThan(0);
  await until(() => !isRunning(pid), { withinMs: 5_000, what: () => `end of redis ${pid}` });
  expect(project.leftovers()).toEqual([]);
}

test.each([
  ['succeeds', 0],
  ['fails', 7],
])('when the program %s, its exit code is given and the server and its folder are gone', async (_, exitCode) => {
  const project = freshCloneWithRedis();
  project.write('test/demo/main.ts', `process.exitCode = ${exitCode};`);

  expect((await project.run('demo')).code).toBe(exitCode);
  await expectNothingLeft(project);
});

test.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)('%s ends the program and the server', async (signal, exitCode) => {
  const project = freshCloneWithRedis();
  project.write('test/demo/main.ts', 'console.log("running"); setInterval(() => {}, 1000);');
  const demo = project.start('demo');
  await demo.waitForLine('running');

  expect((await demo.kill(signal)).code).toBe(exitCode);
  await expectNothingLeft(project);
});

test('a signal during the set-up ends the server, too', async () => {
  const project = freshCloneWithRedis();
  project.offerScript(
    'redis-server',
    'echo "redis-server started $$" >> "$MACHINE/calls.log"; echo almost >&2; exec /bin/sleep 60',
  );
  const demo = project.start('demo');
  let pid = 0;
  await until(() => (pid ||= redisPid(project) || 0), { withinMs: 10_000 });

  expect((await demo.kill('SIGTERM')).code).toBe(143);
  await until(() => !isRunning(pid), { withinMs: 5_000 });
  expect(project.leftovers()).toEqual([]);
});

test('what the program has started and left behind ends with it', async () => {
  const project = freshCloneWithRedis();
  project.write(
    'test/demo/main.ts',
    `const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
     console.log(child.pid);
     process.exit(0);`,
  );

  const { stdout } = await project.run('demo');

  await until(() => !isRunning(Number(stdout)), { withinMs: 5_000 });
});

test('a server that does not start: exit code 2 and what it said', async () => {
  const project = freshCloneWithRedis();
  project.offerScript('redis-server', 'echo "# Fatal error, bad CPU" ; exit 1');

  const { code, stderr } = await project.run('demo');

  expect(code).toBe(2);
  expect(stderr).toContain('# Fatal error, bad CPU');
  expect(project.leftovers()).toEqual([]);
});
