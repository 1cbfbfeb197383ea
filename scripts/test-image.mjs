/**
 * npm run test:image: performs the Dockerfile's steps in a temporary folder, without an engine, and asks of the result what an engine and
 * docker-compose.yml would (test/image). Ends with the line `N passed, N failed`; a build that fails counts as one.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildOrStop } from './lib/build-or-stop.mjs';
import { installDependencies } from './lib/dependencies.mjs';
import { runJest } from './lib/jest.mjs';
import { inProject } from './lib/paths.mjs';
import { provideRedisBinary } from './lib/redis-binary.mjs';
import { runProgram, runToStderr } from './lib/run.mjs';
import { safeEnvironment } from './lib/safe-environment.mjs';
import { main, say } from './lib/say.mjs';

await main(async () => {
  await installDependencies();
  await buildOrStop();
  const folder = temporaryFolder();
  try {
    const { passed, failed } = await testImage(folder);
    process.stdout.write(`${passed} passed, ${failed} failed\n`);
    return failed === 0 ? 0 : 1;
  } finally {
    await remove(folder);
  }
});

async function testImage(folder) {
  // As given: npm may need a proxy here, which the tests are not to have.
  const code = await runProgram([inProject('dist/test/image/main.js'), folder], process.env);
  if (code !== 0) {
    say(`The Dockerfile's steps failed (exit code ${code}); the reason stands above.`);
    return { passed: 0, failed: 1 };
  }
  const env = { ...safeEnvironment(process.env), IMAGE_FOLDER: folder, TEST_REDIS_SERVER: await provideRedisBinary() };
  return runJest(['--config', inProject('jest.image.config.cjs')], env);
}

/** Readable for the user as whom the images run. */
function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'rotation-image-'));
  chmodSync(folder, 0o755);
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The build has left it unwritable. */
async function remove(folder) {
  await runToStderr('chmod', ['-R', 'u+w', folder]);
  rmSync(folder, { recursive: true, force: true });
}
