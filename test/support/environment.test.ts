import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startNode } from './processes.js';
import { temporaryFolder } from './temporary-folder.js';

const ROOT = join(__dirname, '../../..');

/** Runs jest in our environment on one test file with this text; gives all that it said. */
async function runTestFile(text: string): Promise<{ code: number | null; output: string }> {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'some.test.js'), text);
  writeFileSync(
    join(folder, 'jest.config.json'),
    JSON.stringify({
      testEnvironment: join(__dirname, 'environment.js'),
      transform: {},
      testMatch: ['**/some.test.js'],
    }),
  );
  const jest = startNode(join(ROOT, 'node_modules/jest/bin/jest.js'), {
    args: ['--forceExit', '--rootDir', folder],
    cwd: folder,
  });
  const { code } = await jest.exited;
  return { code, output: jest.stderr() };
}

test('a test file that leaves something open fails, and is told what', async () => {
  const { code, output } = await runTestFile(`
    test('leaks', () => {
      require('node:net').createServer().listen(0, '127.0.0.1');
      require('node:child_process').spawn('sleep', ['3'], { stdio: 'ignore' });
    });`);

  expect(code).toBe(1);
  expect(output).toContain('This test file left open: 1 listening server, 1 child process');
});

test('what helpers started is ended after the hooks of the file, last one first', async () => {
  const { code, output } = await runTestFile(`
    const { afterFile } = require(${JSON.stringify(join(__dirname, 'after-file.js'))});
    const timer = setInterval(() => {}, 1000);
    afterFile(() => { clearInterval(timer); process.stderr.write('first\\n'); });
    afterFile(async () => { process.stderr.write('second, '); });
    afterAll(() => { process.stderr.write('hook, '); });
    test('passes', () => {});`);

  expect(output).toContain('hook, second, first');
  expect(code).toBe(0);
});
