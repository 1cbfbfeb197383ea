import { randomUUID } from 'node:crypto';
import { type Connections, connect } from '../../../src/queue/connection';
import type { Log } from '../../../src/types';
import { afterFile } from '../../support/after-file';
import { redisConfigOf } from '../../support/redis-config';
import { startRedis } from '../../support/redis-server';
import { recordingLog } from './recording-log';

/** A Redis that is only used, never flushed or stopped, under a prefix that nobody else has. */
export async function sharedRedis(): Promise<{ url: string; prefix: string }> {
  const url = process.env.TEST_REDIS_URL ?? (await startRedis()).url;
  return { url, prefix: `${process.env.TEST_REDIS_PREFIX ?? 'rotation-test'}-{${randomUUID().slice(0, 8)}}` };
}

/** Connections that are closed when the test file is over, and ready unless Redis is away. */
export async function connected(url: string, log: Log = recordingLog()): Promise<Connections> {
  const connections = connect(redisConfigOf(url), log);
  afterFile(() => connections.close());
  await Promise.all([connections.patient, connections.failFast].map((redis) => ready(redis)));
  return connections;
}

async function ready(redis: Connections['patient']): Promise<void> {
  if (redis.status !== 'ready') await new Promise<void>((resolve) => redis.once('ready', () => resolve()));
}

/** All that stands in Redis under a prefix, as text. */
export async function everythingIn(redis: Connections['failFast'], prefix: string): Promise<string> {
  const read: Record<string, (key: string) => Promise<unknown>> = {
    string: (key) => redis.get(key),
    hash: (key) => redis.hgetall(key),
    list: (key) => redis.lrange(key, 0, -1),
    set: (key) => redis.smembers(key),
    zset: (key) => redis.zrange(key, '0', '-1'),
    stream: (key) => redis.xrange(key, '-', '+'),
  };
  const values = (await redis.keys(`${prefix}*`)).map(async (key) => [key, await read[await redis.type(key)]?.(key)]);
  return JSON.stringify(await Promise.all(values));
}
