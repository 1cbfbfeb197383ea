import { randomUUID } from 'node:crypto';
import { type Connections, connect } from '../../../src/queue/connection';
import type { Log } from '../../../src/types';
import { afterFile } from '../../support/after-file';
import { redisConfigOf } from '../../support/redis-config';
import { startRedis } from '../../support/redis-server';

export interface RecordingLog extends Log {
  readonly lines: { readonly level: string; readonly message: string; readonly fields: Record<string, unknown> }[];
}

export function recordingLog(): RecordingLog {
  const lines: RecordingLog['lines'] = [];
  return {
    lines,
    info: (fields, message) => void lines.push({ level: 'info', message, fields }),
    warn: (fields, message) => void lines.push({ level: 'warn', message, fields }),
    alarm: (name, fields, message) => void lines.push({ level: 'alarm', message, fields: { ...fields, alarm: name } }),
  };
}

/** A Redis that is only used, never flushed or stopped, under a prefix that nobody else has. */
export async function sharedRedis(): Promise<{ url: string; prefix: string }> {
  const url = process.env.TEST_REDIS_URL ?? (await startRedis()).url;
  return { url, prefix: `{${process.env.TEST_REDIS_PREFIX ?? 'rotation-test'}-${randomUUID().slice(0, 8)}}` };
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
