import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

// The specification that the code follows: none of its rules can be left out, and each has a test of the real code.

const ROOT = join(__dirname, '../../..');
const MODEL = join(ROOT, 'test/model');
const CRASH = join(ROOT, 'test/crash');

const RULES =
  /^export const RULES = \{\n(.*?)^\};/ms.exec(readFileSync(join(MODEL, 'rotation.mjs'), 'utf8'))?.[1] ?? '';
const rules = [...RULES.matchAll(/^ {2}(\w+):/gm)].map(([, name = '']) => name);

test('each rule, taken away alone, is missed: the search finds what is lost without it', () => {
  const { stdout, status } = spawnSync(process.execPath, [join(MODEL, 'check.mjs'), 'holes'], { encoding: 'utf8' });
  const missed = stdout.split('\n').filter((line) => /steps\)/.test(line));
  const named = missed.map((line) => /^without (\w+)/.exec(line)?.[1]);
  expect({ status, named }).toEqual({ status: 0, named: rules });
});

test('each rule has a test of the real code that goes the way of its trace', () => {
  const tests = readdirSync(CRASH)
    .filter((file) => file.endsWith('.test.ts'))
    .flatMap((file) => [...readFileSync(join(CRASH, file), 'utf8').matchAll(/\('the trace of (\w+):/g)])
    .map(([, rule]) => rule);
  expect(tests.sort()).toEqual([...rules].sort());
});
