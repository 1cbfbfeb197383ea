import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { startProcess } from '../support/processes';
import { temporaryFolder } from '../support/temporary-folder';

const RUN = join(__dirname, '../../../.ci/run');

/** npm's scripts here end with the exit code and the line that stand for them in the environment. */
const NPM = `#!/bin/sh
case "$*" in
  *demo) name=DEMO ;;
  *test:image) name=IMAGE ;;
  test*) name=TEST ;;
esac
eval "line=\\$\${name}_LINE code=\\$\${name}_CODE"
[ -z "$line" ] || echo "$line"
exit "\${code:-0}"
`;

/** Runs .ci/run, and gives its exit code and last line. */
async function run(env: Readonly<Record<string, string>>) {
  const folder = temporaryFolder();
  mkdirSync(join(folder, '.ci'));
  copyFileSync(RUN, join(folder, '.ci/run'));
  writeFileSync(join(folder, 'npm'), NPM);
  chmodSync(join(folder, 'npm'), 0o755);
  const PATH = `${folder}${delimiter}${process.env.PATH ?? ''}`;
  const running = startProcess(join(folder, '.ci/run'), { cwd: '/', env: { ...env, PATH } });
  const { code } = await running.exited;
  return [code, running.stdout().trimEnd().split('\n').at(-1)];
}

const GOOD = { IMAGE_LINE: '11 passed, 0 failed', TEST_LINE: '100 passed, 0 failed' };

test.each([
  ['all good', {}, [0, '111 passed, 0 failed']],
  ['a failed test', { TEST_LINE: '98 passed, 2 failed', TEST_CODE: '1' }, [1, '109 passed, 2 failed']],
  [
    'tests that say more',
    { TEST_LINE: 'crash points 284, pairs 1866\n100 passed, 0 failed' },
    [0, '111 passed, 0 failed'],
  ],
  ['a failed test of the image', { IMAGE_LINE: '10 passed, 1 failed', IMAGE_CODE: '1' }, [1, '110 passed, 1 failed']],
  ['an image that cannot be tested', { IMAGE_LINE: '', IMAGE_CODE: '2' }, [2, '100 passed, 1 failed']],
  ['tests that cannot run', { TEST_LINE: '', TEST_CODE: '2' }, [2, '11 passed, 1 failed']],
  ['a failed demo', { DEMO_CODE: '1' }, [1, '111 passed, 1 failed']],
  [
    'a failed demo and a failed test',
    { DEMO_CODE: '1', TEST_LINE: '99 passed, 1 failed', TEST_CODE: '1' },
    [1, '110 passed, 2 failed'],
  ],
])('CI ends with one line that counts everything, and with what failed: %s', async (_, env, expected) => {
  expect(await run({ ...GOOD, ...env })).toEqual(expected);
});
