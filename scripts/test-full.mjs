/**
 * npm run test:chaos, test:crash, test:time [-- jest's arguments]: tests that are part of `npm test` at a small size, at their full size.
 * PROOF_SEED=N replays a run. Ends with what was proven and the line `N passed, N failed`.
 */
import { buildOrStop } from './lib/build-or-stop.mjs';
import { installDependencies } from './lib/dependencies.mjs';
import { runJest } from './lib/jest.mjs';
import { provideRedis } from './lib/redis.mjs';
import { safeEnvironment } from './lib/safe-environment.mjs';
import { main } from './lib/say.mjs';

await main(async () => {
  await installDependencies();
  await buildOrStop();
  const redis = await provideRedis();
  const env = { ...safeEnvironment(process.env), ...redis.env, PROOF_SIZE: 'full' };
  try {
    const { passed, failed, proof } = await runJest(process.argv.slice(2), env);
    process.stdout.write(`${proof}\n${passed} passed, ${failed} failed\n`);
    return failed === 0 && passed > 0 ? 0 : 1;
  } finally {
    await redis.release();
  }
});
