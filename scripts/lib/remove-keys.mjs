import { createRequire } from 'node:module';
import { inProject } from './paths.mjs';
import { say } from './say.mjs';

/** Removes the keys that a run left under its prefix, in the braces of a cluster's hash tag too, on somebody's server. Never flushes; a failure costs nothing but litter. */
export async function removeKeys(url, prefix) {
  const { Redis } = createRequire(inProject('package.json'))('ioredis');
  const redis = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 1, retryStrategy: () => null });
  redis.on('error', () => {});
  try {
    for (const match of [`${prefix}*`, `{${prefix}*`]) {
      for await (const keys of redis.scanStream({ match, count: 1_000 })) {
        if (keys.length > 0) await redis.unlink(...keys);
      }
    }
  } catch (error) {
    say(`Keys under ${prefix} were left behind at TEST_REDIS_URL: ${error.message}`);
  } finally {
    redis.disconnect();
  }
}
