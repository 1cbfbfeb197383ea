/**
 * npm test [-- jest's arguments]: sets up what is missing, then asks everything of the code: types, format, lint, import
 * directions, dead code, tests. Ends with what was proven and the line `N passed, N failed`, in which a check that failed
 * counts as one.
 */
import { build } from './lib/build.mjs';
import { installDependencies } from './lib/dependencies.mjs';
import { report, runGate } from './lib/gate.mjs';
import { runJest } from './lib/jest.mjs';
import { provideRedis } from './lib/redis.mjs';
import { safeEnvironment } from './lib/safe-environment.mjs';
import { main, say } from './lib/say.mjs';

const NOT_RUN = { passed: 0, failed: 0, skipped: 0 };

await main(async () => {
  await installDependencies();
  const typesHold = await build();
  report('types (tsc)', typesHold);
  const env = safeEnvironment(process.env);
  const failedChecks = (typesHold ? 0 : 1) + (await runGate(env));
  if (!typesHold) say('The tests were not run: they run on what tsc builds.');
  const tests = typesHold ? await runTests(env) : NOT_RUN;
  return summarise(tests, failedChecks);
});

async function runTests(env) {
  const redis = await provideRedis();
  try {
    return await runJest(process.argv.slice(2), { ...env, ...redis.env });
  } finally {
    await redis.release();
  }
}

function summarise({ passed, failed, skipped, proof }, failedChecks) {
  if (skipped > 0)
    say(`${skipped} skipped (tests that stop a Redis of their own need redis-server or valkey-server on the PATH)`);
  if (failedChecks > 0) say(`${failedChecks} of the checks before the tests failed: see above.`);
  if (proof !== undefined) process.stdout.write(`${proof}\n`);
  process.stdout.write(`${passed} passed, ${failed + failedChecks} failed\n`);
  return failed + failedChecks === 0 ? 0 : 1;
}
