import { type JobsOptions, Queue, QueueEvents } from 'bullmq';
import { z } from 'zod';
import { afterFile } from './after-file';
import { until } from './until';

const answerSchema = z.strictObject({ outcome: z.string(), reason: z.string(), version: z.string().optional() });
/** The result of a request's job. */
export type Answer = z.infer<typeof answerSchema>;

/** Whoever sends on-demand messages: a bare BullMQ queue in a process that is not the worker's. */
export interface Sender {
  readonly queue: Queue;
  /** Adds a job and gives its id. */
  send(name: string, data: unknown, options?: JobsOptions): Promise<string>;
  /** Waits for the result of a job, which may be removed by then. */
  answer(jobId: string): Promise<Answer>;
  ask(name: string, data: unknown, options?: JobsOptions): Promise<Answer>;
  /** How often a job has completed or failed. */
  ends(jobId: string): number;
}

const WITHIN_MS = 30_000;

/** The least that a request says. */
export const asked = (credential: string) => ({ credential, reason: 'a test', requestedBy: 'test' });

export async function openSender({ url, prefix }: { url: string; prefix: string }): Promise<Sender> {
  const own = { prefix, connection: { url } };
  const queue = new Queue('rotation-requests', own);
  const events = new QueueEvents('rotation-requests', own);
  // A test may stop its Redis.
  queue.on('error', () => undefined);
  events.on('error', () => undefined);
  afterFile(async () => {
    await Promise.all([queue.close(), events.close()]);
  });
  const ends: { jobId: string; result: unknown }[] = [];
  events.on('completed', ({ jobId, returnvalue }) => void ends.push({ jobId, result: returnvalue }));
  events.on('failed', ({ jobId, failedReason }) => void ends.push({ jobId, result: { failedReason } }));
  await events.waitUntilReady();

  const send = async (name: string, data: unknown, options: JobsOptions = {}): Promise<string> => {
    const { id } = await queue.add(name, data, options);
    if (id === undefined) throw new Error('BullMQ gave no id');
    return id;
  };
  const answer = async (jobId: string): Promise<Answer> => {
    const end = await until(() => ends.find((one) => one.jobId === jobId), {
      withinMs: WITHIN_MS,
      what: () => `an answer to message ${jobId}`,
    });
    return answerSchema.parse(end.result);
  };
  return {
    queue,
    send,
    answer,
    ask: async (name, data, options) => answer(await send(name, data, options)),
    ends: (jobId) => ends.filter((one) => one.jobId === jobId).length,
  };
}
