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

/** The depth of the queues that there are then, asked for only when somebody reads it. */
export function createDepths(
  names: () => readonly string[],
  { failFast, prefix }: { readonly failFast: Redis; readonly prefix: string },
): Depths {
  const opened = new Map<string, Queue<unknown>>();
  const queueOf = (name: string): Queue<unknown> => {
    const queue = opened.get(name) ?? openProducer(name, { failFast, prefix });
    opened.set(name, queue);
    return queue;
  };
  const depths = () => Promise.all(names().map((name) => depth(queueOf(name))));
  return {
    read: () => orUnavailable('the queues were not counted', async () => (await depths()).flat()),
    async close() {
      await Promise.all([...opened.values()].map((queue) => queue.close()));
    },
  };
}

async function depth(queue: Queue<unknown>): Promise<QueueDepth[]> {
  const counts = await queue.getJobCounts(...STATES);
  return STATES.map((state) => ({ queue: queue.name, state, jobs: counts[state] ?? 0 }));
}
