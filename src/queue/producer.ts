import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { repeatStrategy } from './next-run';
import { KEEP_EVENTS } from './retention';

/**
 * A queue to add to, whose calls fail at once while Redis is away. Without `skipVersionCheck` a Queue that is made in that
 * moment is broken for good: it asks for the version once, and keeps the refusal (measured with 6.7).
 */
export function openProducer(name: string, { failFast, prefix }: { failFast: Redis; prefix: string }): Queue<unknown> {
  const queue = new Queue<unknown>(name, {
    connection: failFast,
    prefix,
    skipVersionCheck: true,
    skipWaitingForReady: true,
    settings: { repeatStrategy },
    streams: { events: { maxLen: KEEP_EVENTS } },
  });
  // The connection logs its outage; here the event only must not be without a listener.
  queue.on('error', () => {});
  return queue;
}
