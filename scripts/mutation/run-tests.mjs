import { performance } from 'node:perf_hooks';
import { testsOf } from './test-file.mjs';

const ENDED = Symbol('no answer');

/**
 * Runs the chosen tests of a loaded file, with their hooks, one after the other.
 * @param chosen whether a test is to be run, by its id
 * @param onTest called before each test and each hook with the ids of the tests that it concerns
 * @param onResult gets {id, fullName, timeSpentMs, error, hung}; returns whether to go on
 */
export async function runTests({ root }, { chosen, onTest, onResult, limitMs }) {
  await runBlock(root, []);
  for (const release of globalThis.releasesAfterFile.splice(0).reverse()) await release();

  async function runBlock(block, around) {
    const mine = testsOf(block).filter(({ id }) => chosen(id));
    if (mine.length === 0) return true;
    const path = [...around, block];
    onTest(mine.map(({ id }) => id));
    let goesOn = true;
    const broken = await inTime(block.hooks('beforeAll'), limitMs);
    if (broken !== undefined) goesOn = onResult({ ...mine[0], timeSpentMs: 0, ...broken });
    else goesOn = await runChildren(block, path);
    onTest(mine.map(({ id }) => id));
    const untidy = await inTime(block.hooks('afterAll'), limitMs);
    if (goesOn && untidy !== undefined) goesOn = onResult({ ...mine[0], timeSpentMs: 0, ...untidy });
    return goesOn;
  }

  async function runChildren(block, path) {
    for (const child of block.children) {
      const goesOn = child.test === undefined ? await runBlock(child.block, path) : await runTest(child.test, path);
      if (!goesOn) return false;
    }
    return true;
  }

  async function runTest(test, path) {
    if (!chosen(test.id)) return true;
    onTest([test.id]);
    const from = performance.now();
    const before = path.flatMap((block) => block.hooks('beforeEach'));
    const after = [...path].reverse().flatMap((block) => block.hooks('afterEach'));
    const failed = await inTime([...before, test.run], limitMs);
    const untidy = await inTime(after, limitMs);
    return onResult({ ...test, timeSpentMs: performance.now() - from, ...(failed ?? untidy) });
  }
}

/** Runs functions in turn. @returns what went wrong: an error, or that one of them did not end */
async function inTime(functions, limitMs) {
  for (const one of functions) {
    let timer;
    const limit = new Promise((resolve) => {
      timer = setTimeout(resolve, limitMs, ENDED);
    });
    try {
      const answer = await Promise.race([one.call({}), limit]);
      if (answer === ENDED) return { hung: true };
    } catch (error) {
      return { error: String(error?.stack ?? error) };
    } finally {
      clearTimeout(timer);
    }
  }
  return undefined;
}
