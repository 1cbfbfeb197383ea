import { freshClone } from './project.js';

test('on stdout stands only what the sandbox prints, even when everything has to be set up first', async () => {
  const project = freshClone();
  project.write('test/sandbox/main.ts', 'console.log(JSON.stringify(process.argv.slice(2))); process.exitCode = 3;');
  project.offerScript('npm', 'echo "added 300 packages"; /bin/cp -R "$MACHINE/node_modules" node_modules');

  const { code, stdout, stderr } = await project.run('sandbox', { args: ['--json', '--port=1'] });

  expect({ code, stdout }).toEqual({ code: 3, stdout: '["--json","--port=1"]\n' });
  expect(stderr).toContain('added 300 packages');
});
