/** npm run -s rotator -- COMMAND: builds what has changed and runs the command line in this very process, on its terminal. */
import { pathToFileURL } from 'node:url';
import { buildOrStop } from './lib/build-or-stop.mjs';
import { installDependencies } from './lib/dependencies.mjs';
import { inProject } from './lib/paths.mjs';
import { main } from './lib/say.mjs';

await main(async () => {
  await installDependencies();
  await buildOrStop();
  return process.exitCode;
});

if (process.exitCode === undefined) await import(pathToFileURL(inProject('dist/src/cli/main.js')).href);
