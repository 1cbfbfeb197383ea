import type { Redis } from 'ioredis';
import { createLoop, type Loop } from './loop';
import { openProducer } from './producer';
import { removeFinished } from './retention';

const EVERY_MS = 600_000;

/** Bounds the finished jobs of queues that others enqueue into, every ten minutes. */
export function createHousekeeping(
  queues: readonly string[],
  { failFast, prefix, everyMs = EVERY_MS }: { failFast: Redis; prefix: string; everyMs?: number },
): Loop {
  const producers = queues.map((name) => openProducer(name, { failFast, prefix }));
  const clean = async () => {
    for (const queue of producers) await removeFinished(queue);
  };
  // Redis away: the next turn does it.
  const loop = createLoop(clean, everyMs, () => {});
  return {
    start: loop.start,
    async stop() {
      await loop.stop();
      await Promise.all(producers.map((queue) => queue.close()));
    },
  };
}
