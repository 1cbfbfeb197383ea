import { type RedisConfig, readConfig } from '../../src/config';

/** What the worker makes of a REDIS_URL, and of a REDIS_CA_FILE where one is given. */
export const redisConfigOf = (url: string, caFile?: string): RedisConfig =>
  readConfig({
    REDIS_URL: url,
    ROTATION_MANIFEST: 'none',
    AWS_REGION: 'us-east-1',
    ...(caFile === undefined ? {} : { REDIS_CA_FILE: caFile }),
  }).redis;
