import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inProject } from './paths.mjs';
import { summaryOf } from './proof.mjs';
import { runProgram, signalGroup } from './run.mjs';
import { say } from './say.mjs';

const END_WITHIN_MS = 10_000;

/**
 * Runs jest on the compiled tests; gives how many passed, failed and were skipped, and what they proved. A test file that
 * cannot run counts as a failure.
 */
export async function runJest(args, env) {
  const folder = mkdtempSync(join(tmpdir(), 'rotation-jest-'));
  const results = join(folder, 'results.json');
  const proof = join(folder, 'proof');
  mkdirSync(proof);
  const jest = [inProject('node_modules/jest/bin/jest.js'), '--json', `--outputFile=${results}`, ...args];
  try {
    let stopWatching;
    const code = await runProgram(jest, { ...env, PROOF_FOLDER: proof }, (child) => {
      stopWatching = killWhenItHangs(child, results);
    }).finally(() => stopWatching?.());
    const tests = countTests(code, existsSync(results) ? JSON.parse(readFileSync(results, 'utf8')) : undefined);
    return { ...tests, proof: summaryOf(proof) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Jest waits for ever for what a test left open. Once its results are written it gets a few seconds. */
function killWhenItHangs(child, results) {
  let doneSince;
  const timer = setInterval(() => {
    if (!existsSync(results)) return;
    doneSince ??= Date.now();
    if (Date.now() - doneSince < END_WITHIN_MS) return;
    say('Jest did not end: a test left something running (npm test -- --detectOpenHandles names it).');
    signalGroup(child.pid, 'SIGKILL');
  }, 500);
  return () => clearInterval(timer);
}

function countTests(code, results) {
  if (!results) return { passed: 0, failed: 1, skipped: 0 };
  const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
  return {
    passed: results.numPassedTests,
    failed: failed === 0 && code !== 0 ? 1 : failed,
    skipped: results.numPendingTests + results.numTodoTests,
  };
}
