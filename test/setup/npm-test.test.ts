import { freshCloneWithRedis } from './project.js';

const NOTHING =
  '0 crash points, 0 interleavings, 0 faulted answers, 0 virtual years, 0 bytes searched: 0 lost, 0 leaked, 0 seen, 0 issued twice\n';

const results = (counts: object) => ({ JEST_RESULTS: JSON.stringify(counts) });

test('all good: exit code 0, and the last line counts the tests', async () => {
  const { code, stdout } = await freshCloneWithRedis().run('test', { env: results({ numPassedTests: 12 }) });

  expect({ code, stdout }).toEqual({ code: 0, stdout: `${NOTHING}12 passed, 0 failed\n` });
});

test('what the tests went through is summed up over their files', async () => {
  const proof = [{ 'crash points': 40, 'bytes searched': 7 }, { 'crash points': 2, leaked: 1 }, { interleavings: 3 }];
  const env = { ...results({ numPassedTests: 12, numFailedTests: 1 }), JEST_PROOF: JSON.stringify(proof) };

  const { stdout } = await freshCloneWithRedis().run('test', { env });

  expect(stdout.split('\n').at(-3)).toBe(
    '42 crash points, 3 interleavings, 0 faulted answers, 0 virtual years, 7 bytes searched: 0 lost, 1 leaked, 0 seen, 0 issued twice',
  );
});

test('failed tests, and test files that could not run, count as failed', async () => {
  const env = results({ numPassedTests: 12, numFailedTests: 2, numRuntimeErrorTestSuites: 1 });

  const { code, stdout } = await freshCloneWithRedis().run('test', { env });

  expect({ code, stdout }).toEqual({ code: 1, stdout: `${NOTHING}12 passed, 3 failed\n` });
});

test('a check that fails shows what it found, counts as one failure, and does not keep the tests from running', async () => {
  const project = freshCloneWithRedis();
  project.write('src/some.ts', 'LINT ERROR');

  const { code, stdout, stderr } = await project.run('test', { env: results({ numPassedTests: 12 }) });

  expect({ code, stdout }).toEqual({ code: 1, stdout: `${NOTHING}12 passed, 1 failed\n` });
  expect(stderr).toContain('FAILED format, lint and import directions (biome)');
  expect(stderr).toContain('biome found something');
});

test('types that do not hold: the other checks run, the tests do not', async () => {
  const project = freshCloneWithRedis();
  project.write('src/some.ts', 'TYPE ERROR');

  const { code, stdout, stderr } = await project.run('test', { env: results({ numPassedTests: 12 }) });

  expect({ code, stdout }).toEqual({ code: 1, stdout: '0 passed, 1 failed\n' });
  expect(stderr).toContain('FAILED types (tsc)');
  expect(project.calls().filter((call) => !/^npm/.test(call))).toEqual(['tsc', 'biome', 'knip']);
});

test('jest that breaks before it has results is a failure', async () => {
  const { code, stdout } = await freshCloneWithRedis().run('test');

  expect({ code, stdout }).toEqual({ code: 1, stdout: `${NOTHING}0 passed, 1 failed\n` });
});

test('arguments go to jest', async () => {
  const project = freshCloneWithRedis();

  await project.run('test', { args: ['store', '--bail'], env: results({ numPassedTests: 1 }) });

  expect(project.calls()).toContain('jest store');
});
