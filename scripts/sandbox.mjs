/** npm run sandbox [-- arguments]: sets up what is missing and runs the sandbox of stand-in vendors. It needs no Redis. */
import { buildOrStop } from './lib/build-or-stop.mjs';
import { installDependencies } from './lib/dependencies.mjs';
import { inProject } from './lib/paths.mjs';
import { runProgram } from './lib/run.mjs';
import { safeEnvironment } from './lib/safe-environment.mjs';
import { main } from './lib/say.mjs';

await main(async () => {
  await installDependencies();
  await buildOrStop();
  return runProgram([inProject('dist/test/sandbox/main.js'), ...process.argv.slice(2)], safeEnvironment(process.env));
});
