import { type JobsOptions, Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { z } from 'zod';
import { afterFile } from './after-file';
import { until } from './until';

const answerSchema = z.strictObject({ outcome: z.string(), reason: z.string(), version: z.string().optional() });
/** The result of a request's job. */
export type Answer = z.infer<typeof answerSchema>;

/** Whoever sends on-demand messages: a bare BullMQ queue in a process that is not the worker's. */
export interface Sender {
  readonly queue: Queue;
  /** The worker's queue of sweeps, to look at its schedules. */
  readonly sweeps: Queue;
  readonly redis: Redis;
  /** Adds a job and gives its id. */
  send(name: string, data: unknown, options?: JobsOptions): Promise<string>;
  /** Waits for the result of a job, which may be removed by then. */
  answer(jobId: string): Promise<Answer>;
  ask(name: string, data: unknown, options?: JobsOptions): Promise<Answer>;
  /** How often a job has completed or failed. */
  ends(jobId: string): Promise<number>;
}

const WITHIN_MS = 30_000;
const REQUESTS = 'rotation-requests';

/** The least that a request says. */
export const asked = (credential: string) => ({ credential, reason: 'a test', requestedBy: 'test' });

export function openSender({ url, prefix }: { url: string; prefix: string }): Sender {
  const redis = new Redis(url, { maxRetriesPerRequest: null, disconnectTimeout: 100 });
  const queue = new Queue(REQUESTS, { prefix, connection: redis });
  const sweeps = new Queue('sweeps', { prefix, connection: redis });
  // A test may stop its Redis; to close a queue would then wait for good.
  for (const emitter of [redis, queue, sweeps]) emitter.on('error', () => undefined);
  afterFile(() => redis.disconnect());

  /** What BullMQ's own QueueEvents reads. */
  const ends = async (jobId: string): Promise<readonly Record<string, string>[]> => {
    const entries = await redis.xrange(`${prefix}:${REQUESTS}:events`, '-', '+');
    return entries
      .map(([, fields]) => Object.fromEntries(pairs(fields)))
      .filter((event) => event.jobId === jobId && (event.event === 'completed' || event.event === 'failed'));
  };
  const send = async (name: string, data: unknown, options: JobsOptions = {}): Promise<string> => {
    const { id } = await queue.add(name, data, options);
    if (id === undefined) throw new Error('BullMQ gave no id');
    return id;
  };
  const answer = async (jobId: string): Promise<Answer> => {
    const what = () => `an answer to message ${jobId}`;
    const end = await until(async () => (await ends(jobId))[0], { withinMs: WITHIN_MS, what });
    return answerSchema.parse(JSON.parse(end.returnvalue ?? JSON.stringify(end)));
  };
  return {
    ...{ queue, sweeps, redis, send, answer },
    ask: async (name, data, options) => answer(await send(name, data, options)),
    ends: async (jobId) => (await ends(jobId)).length,
  };
}

const pairs = (fields: readonly string[]): [string, string][] =>
  fields.flatMap((name, i): [string, string][] => (i % 2 === 0 ? [[name, fields[i + 1] ?? '']] : []));
