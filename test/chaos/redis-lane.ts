import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { SEARCHABLE } from '../support/leaks/redis';
import { type OwnRedis, startRedis } from '../support/redis-server';

export interface ChaosRedis extends OwnRedis {
  /** What it wrote to disk: its append-only files, those of an earlier life beside them. */
  readonly folder: string;
}

export async function startChaosRedis(folder: string): Promise<ChaosRedis> {
  const redis = await startRedis({ dir: folder, appendonly: true, settings: SEARCHABLE });
  return {
    ...redis,
    get pid() {
      return redis.pid;
    },
    folder,
  };
}

let lost = 0;

/** What befalls Redis, until it is well again. */
export async function befall(
  redis: ChaosRedis,
  client: Redis,
  { what, forMs }: { readonly what: string; readonly forMs: number },
): Promise<void> {
  switch (what) {
    case 'flush':
      await client.flushall();
      return;
    case 'stop':
      await redis.stop();
      await sleep(forMs);
      return redis.restart();
    case 'crash':
      await redis.kill();
      await sleep(forMs);
      return redis.restart();
    case 'stop-and-lose':
      await redis.stop();
      lost += 1;
      renameSync(join(redis.folder, 'appendonlydir'), join(redis.folder, `lost-${lost}`));
      await sleep(forMs);
      return redis.restart();
    case 'freeze':
      process.kill(redis.pid, 'SIGSTOP');
      await sleep(forMs);
      process.kill(redis.pid, 'SIGCONT');
      return;
    default:
      throw new Error(`Redis knows no ${what}`);
  }
}
