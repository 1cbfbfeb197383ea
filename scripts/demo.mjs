/** npm run demo [-- arguments]: sets up what is missing, starts a Redis of its own and runs the demo on it. */
import { buildOrStop } from './lib/build-or-stop.mjs';
import { installDependencies } from './lib/dependencies.mjs';
import { inProject } from './lib/paths.mjs';
import { provideRedis } from './lib/redis.mjs';
import { runProgram } from './lib/run.mjs';
import { safeEnvironment } from './lib/safe-environment.mjs';
import { main } from './lib/say.mjs';

await main(async () => {
  await installDependencies();
  await buildOrStop();
  const redis = await provideRedis();
  try {
    const demo = [inProject('dist/test/demo/main.js'), ...process.argv.slice(2)];
    return await runProgram(demo, { ...safeEnvironment(process.env), ...redis.env });
  } finally {
    await redis.release();
  }
});
