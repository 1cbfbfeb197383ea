import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import * as circus from 'jest-circus';

const require = createRequire(import.meta.url);

/** What jest gives to a test file. */
export function provideGlobals() {
  const { describe, test, it, beforeAll, beforeEach, afterAll, afterEach } = circus;
  Object.assign(globalThis, { describe, test, it, beforeAll, beforeEach, afterAll, afterEach });
  Object.assign(globalThis, { expect: require('expect').expect, releasesAfterFile: [] });
}

/** Forgets what was compiled from this project, so that the next load evaluates it anew; packages stay loaded. */
export function forgetModules(folder) {
  for (const file of Object.keys(require.cache)) if (file.startsWith(folder)) delete require.cache[file];
}

/** Loads a compiled test file. @returns the tree of its blocks and tests, each test with an id of its own */
export function loadTestFile(folder, name) {
  const file = join(folder, name);
  circus.resetState();
  require(file);
  const root = circus.getState().rootDescribeBlock;
  const seen = new Map();
  const named = (test, path) => {
    const fullName = [...path, test.name].join(' ');
    const times = (seen.get(fullName) ?? 0) + 1;
    seen.set(fullName, times);
    return { id: `${relative(folder, file)}: ${fullName}${times > 1 ? ` (${times})` : ''}`, fullName, run: test.fn };
  };
  const block = (of, path) => ({
    hooks: (type) => of.hooks.filter((hook) => hook.type === type).map((hook) => hook.fn),
    children: of.children.map((child) =>
      child.type === 'test' ? { test: named(child, path) } : { block: block(child, [...path, child.name]) },
    ),
  });
  return { file, root: block(root, []) };
}

/** All tests of a block, in their order. */
export const testsOf = (block) =>
  block.children.flatMap((child) => (child.test === undefined ? testsOf(child.block) : [child.test]));
