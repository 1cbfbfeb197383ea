/**
 * A test runner for Stryker that loads the compiled test files once and then runs, for each mutant, the tests that reach it,
 * in one process and until the first one fails: Stryker switches mutants on and off at run time, and jest would load all
 * modules anew for each. jest-circus collects the tests, jest's expect judges them.
 */
import { join } from 'node:path';
import { commonTokens, declareClassPlugin, PluginKind, tokens } from '@stryker-mutator/api/plugin';
import {
  DryRunStatus,
  determineHitLimitReached,
  MutantRunStatus,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner';
import { runTests } from './run-tests.mjs';
import { forgetModules, loadTestFile, provideGlobals } from './test-file.mjs';

/** Longer than any of the tests takes on a machine that is busy. */
const HANGS_AFTER_MS = 10_000;

class InProcessRunner {
  static inject = tokens(commonTokens.options);
  #names;
  #files;
  #instrumented;

  constructor({ inProcess }) {
    this.#names = inProcess.testFiles;
  }

  capabilities() {
    return { reloadEnvironment: true };
  }

  async init() {
    provideGlobals();
    globalThis.__stryker__ ??= {};
    this.#instrumented = globalThis.__stryker__;
  }

  async dryRun() {
    const context = this.#instrumented;
    context.activeMutant = undefined;
    this.#load();
    const shared = new Map();
    const tests = await this.#runAll((ids) => {
      context.currentTestId = ids.length === 1 ? ids[0] : ids.join('\n');
      if (ids.length > 1) shared.set(context.currentTestId, ids);
    });
    context.currentTestId = undefined;
    const mutantCoverage = spread(structuredClone(context.mutantCoverage), shared);
    // One that fails when it is run again, for what it left in its module, would seem to notice every change.
    const again = await this.#runAll(() => {});
    const failed = [...tests, ...again].filter(({ status }) => status === TestStatus.Failed);
    return { status: DryRunStatus.Complete, tests: failed.length > 0 ? failed : tests, mutantCoverage };
  }

  async #runAll(onTest) {
    const tests = [];
    for (const file of this.#files) {
      await runTests(file, {
        chosen: () => true,
        limitMs: HANGS_AFTER_MS,
        onTest,
        onResult: (result) => {
          tests.push(resultOf(file, result));
          return true;
        },
      });
    }
    return tests;
  }

  async mutantRun({ activeMutant, mutantActivation, testFilter, hitLimit, reloadEnvironment, disableBail }) {
    const context = this.#instrumented;
    context.hitLimit = hitLimit;
    context.hitCount = hitLimit === undefined ? undefined : 0;
    context.currentTestId = undefined;
    if (reloadEnvironment) this.#files = undefined;
    context.activeMutant = mutantActivation === 'static' ? activeMutant.id : undefined;
    try {
      if (this.#files === undefined) this.#load();
    } catch (error) {
      return { status: MutantRunStatus.Killed, killedBy: [], failureMessage: String(error), nrOfTests: 0 };
    }
    context.activeMutant = activeMutant.id;
    return this.#runUntilKilled(context, testFilter && new Set(testFilter), disableBail);
  }

  async #runUntilKilled(context, filter, disableBail) {
    const tests = [];
    let hung = false;
    for (const file of this.#files) {
      await runTests(file, {
        chosen: (id) => filter === undefined || filter.has(id),
        limitMs: HANGS_AFTER_MS,
        onTest: () => {},
        onResult: (result) => {
          tests.push(resultOf(file, result));
          hung ||= result.hung === true;
          return disableBail || (result.error === undefined && !hung);
        },
      });
      const limit = determineHitLimitReached(context.hitCount, context.hitLimit);
      if (limit !== undefined) return limit;
      if (hung) return { status: MutantRunStatus.Timeout, reason: 'a test does not end' };
      if (!disableBail && tests.some(({ status }) => status === TestStatus.Failed)) break;
    }
    return toMutantRunResult({ status: DryRunStatus.Complete, tests }, disableBail);
  }

  #load() {
    const folder = join(process.cwd(), 'dist');
    forgetModules(folder);
    this.#files = this.#names.map((name) => loadTestFile(folder, name));
  }
}

const resultOf = ({ file }, { id, fullName: name, timeSpentMs, error, hung }) => ({
  ...{ id, name, timeSpentMs, fileName: file },
  ...(error === undefined && !hung
    ? { status: TestStatus.Success }
    : { status: TestStatus.Failed, failureMessage: error ?? 'does not end' }),
});

/** What a hook of several tests has reached counts for each of them. */
function spread({ static: atLoad, perTest }, shared) {
  for (const [together, ids] of shared) {
    const reached = perTest[together] ?? {};
    delete perTest[together];
    for (const id of ids) {
      const mine = { ...perTest[id] };
      for (const [mutant, hits] of Object.entries(reached)) mine[mutant] = (mine[mutant] ?? 0) + hits;
      perTest[id] = mine;
    }
  }
  return { static: atLoad, perTest };
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'in-process', InProcessRunner)];

/** What the configuration says to this runner. */
export const strykerValidationSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  properties: {
    inProcess: {
      type: 'object',
      properties: {
        testFiles: { description: 'compiled test files, in their order', type: 'array', items: { type: 'string' } },
      },
      required: ['testFiles'],
      additionalProperties: false,
    },
  },
};
