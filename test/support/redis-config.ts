import { type RedisConfig, readConfig } from '../../src/config';

/** What the worker makes of a REDIS_URL. */
export const redisConfigOf = (url: string): RedisConfig =>
  readConfig({ REDIS_URL: url, ROTATION_MANIFEST: 'none', AWS_REGION: 'us-east-1' }).redis;
