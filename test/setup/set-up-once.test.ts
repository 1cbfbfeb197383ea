import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../support/temporary-folder.js';
import { freshClone, freshCloneWithRedis, type Project } from './project.js';

/** A clone whose sandbox says that it runs, set up once already. */
async function usedClone(): Promise<Project> {
  const project = freshCloneWithRedis();
  project.write('test/sandbox/main.ts', 'console.log("sandbox");');
  expect((await project.run('sandbox')).code).toBe(0);
  expect(project.calls()).toEqual(['npm ci --include=dev --no-audit --no-fund', 'tsc']);
  return project;
}

test('a second run sets nothing up again', async () => {
  const project = await usedClone();

  const { code, stdout, stderr } = await project.run('sandbox');

  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'sandbox\n', stderr: '' });
  expect(project.calls()).toEqual([]);
});

test('another package-lock.json is installed, and the sources built with it', async () => {
  const project = await usedClone();
  project.write('package-lock.json', '{ "name": "clone", "version": "2.0.0", "lockfileVersion": 3 }');

  await project.run('sandbox');

  expect(project.calls()).toEqual([expect.stringMatching(/^npm ci/), 'tsc']);
});

test('a changed source is built', async () => {
  const project = await usedClone();
  project.write('test/sandbox/main.ts', 'console.log("another sandbox");');

  expect((await project.run('sandbox')).stdout).toBe('another sandbox\n');
  expect(project.calls()).toEqual(['tsc']);
});

test('output of a deleted source is removed', async () => {
  const project = await usedClone();
  expect(project.exists('dist/src/some.js')).toBe(true);
  project.remove('src/some.ts');

  await project.run('sandbox');

  expect(project.exists('dist/src/some.js')).toBe(false);
});

test('output that somebody removed is built again', async () => {
  const project = await usedClone();
  project.remove('dist/src/some.js');

  await project.run('sandbox');

  expect(project.exists('dist/src/some.js')).toBe(true);
});

test('a build that fails is not taken for a build the next time', async () => {
  const project = await usedClone();
  project.write('src/some.ts', 'TYPE ERROR');

  expect((await project.run('sandbox')).code).toBe(2);
  expect((await project.run('sandbox')).code).toBe(2);
});

test('npm ci that fails: exit code 2, and it is tried again the next time', async () => {
  const project = freshClone();
  project.offerScript('npm', 'echo "npm error network" >&2; echo npm >> "$MACHINE/calls.log"; exit 1');

  const { code, stderr } = await project.run('sandbox');
  await project.run('sandbox');

  expect(code).toBe(2);
  expect(stderr).toContain('npm error network');
  expect(stderr).toContain('npm ci failed (exit code 1)');
  expect(project.calls()).toEqual(['npm', 'npm']);
});

test('no npm: exit code 2 and what is missing', async () => {
  const { code, stderr } = await freshClone().run('sandbox');

  expect(code).toBe(2);
  expect(stderr).toContain('There is no npm on the PATH');
});

test("node_modules that is a link to somebody else's is left alone", async () => {
  const project = freshClone();
  project.offer('npm');
  symlinkSync(temporaryFolder(), join(project.folder, 'node_modules'));

  await project.run('sandbox');

  expect(project.calls()).toEqual([]);
});
