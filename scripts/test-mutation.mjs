/**
 * npm run test:mutation [-- stryker's arguments, such as --mutate src/policy.ts or --incremental]: changes the algorithm in some
 * thousand ways, one at a time, and says which of them no test notices (docs/2026-11-21-mutation-testing.md). Not part of npm test.
 */
import { fileURLToPath } from 'node:url';
import { installDependencies } from './lib/dependencies.mjs';
import { inProject } from './lib/paths.mjs';
import { runProgram } from './lib/run.mjs';
import { safeEnvironment } from './lib/safe-environment.mjs';
import { main } from './lib/say.mjs';

await main(async () => {
  await installDependencies();
  const stryker = fileURLToPath(new URL('bin/stryker.js', import.meta.resolve('@stryker-mutator/core/package.json')));
  const config = inProject('scripts/mutation/config.mjs');
  return runProgram([stryker, 'run', config, ...process.argv.slice(2)], safeEnvironment(process.env));
});
