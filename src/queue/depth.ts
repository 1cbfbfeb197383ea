import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { orUnavailable } from './connection';
import { openProducer } from './producer';

const STATES = ['waiting', 'prioritized', 'delayed', 'active', 'failed'] as const;

/** How many jobs a queue holds in a state. */
export interface QueueDepth {
  readonly queue: string;
  readonly state: string;
  readonly jobs: number;
}

export interface Depths {
  /** @throws RedisUnavailableError */
  read(): Promise<readonly QueueDepth[]>;
  close(): Promise<void>;
}

/** The depth of queues, asked for only when somebody reads it. */
export function createDepths(
  names: readonly string[],
  { failFast, prefix }: { readonly failFast: Redis; readonly prefix: string },
): Depths {
  const queues = names.map((name) => openProducer(name, { failFast, prefix }));
  return {
    read: () => orUnavailable('the queues were not counted', async () => (await Promise.all(queues.map(depth))).flat()),
    async close() {
      await Promise.all(queues.map((queue) => queue.close()));
    },
  };
}

async function depth(queue: Queue<unknown>): Promise<QueueDepth[]> {
  const counts = await queue.getJobCounts(...STATES);
  return STATES.map((state) => ({ queue: queue.name, state, jobs: counts[state] ?? 0 }));
}
