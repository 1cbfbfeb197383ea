import { freshClone } from './project.js';

test('npm run rotator sets up what is missing, then runs the command line in the same process, with its own exit code', async () => {
  const project = freshClone();
  project.write(
    'src/cli/main.ts',
    'console.log(JSON.stringify({ args: process.argv.slice(2), parent: process.argv[1] })); process.exitCode = 3;',
  );
  project.offerScript('npm', 'echo "added 300 packages"; /bin/cp -R "$MACHINE/node_modules" node_modules');

  const { code, stdout, stderr } = await project.run('rotator', { args: ['status', '--json'] });

  expect(code).toBe(3);
  expect(JSON.parse(stdout)).toEqual({
    args: ['status', '--json'],
    parent: expect.stringMatching(/scripts\/rotator\.mjs$/),
  });
  expect(stderr).toContain('added 300 packages');
});

test('where the set-up cannot be done, nothing is run, and it says so', async () => {
  const project = freshClone();
  project.write('src/cli/main.ts', 'console.log("ran")');

  const { code, stdout, stderr } = await project.run('rotator');

  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain('There is no npm on the PATH');
});
