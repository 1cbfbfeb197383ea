import { Queue, QueueEvents } from 'bullmq';
import { z } from 'zod';

/** What a stranger who may write to Redis can do: send, and read the result of what was sent. */
export interface Sender {
  send(name: 'rotate' | 'revoke', data: Message): Promise<Result>;
  readonly results: readonly Result[];
}

export interface Message {
  readonly credential: string;
  readonly reason: string;
  readonly requestedBy: string;
  readonly urgency?: 'normal' | 'compromised';
}

const resultSchema = z.object({ outcome: z.string(), reason: z.string(), version: z.string().optional() });
type Result = z.output<typeof resultSchema>;

const ANSWERED_WITHIN_MS = 20_000;

/** A bare BullMQ queue: nothing of ours is used to send. */
export function openSender(url: string, prefix: string): Sender {
  const options = { prefix, connection: { url, maxRetriesPerRequest: null } };
  const queue = new Queue('rotation-requests', options);
  const events = new QueueEvents('rotation-requests', options);
  // Without a listener BullMQ prints them; a Redis that is away shows itself by a result that does not come.
  queue.on('error', () => undefined);
  events.on('error', () => undefined);
  const results: Result[] = [];
  return {
    async send(name, data) {
      await events.waitUntilReady();
      const job = await queue.add(name, data);
      const result = resultSchema.parse(await job.waitUntilFinished(events, ANSWERED_WITHIN_MS));
      results.push(result);
      return result;
    },
    results,
  };
}
