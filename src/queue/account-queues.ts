import { randomUUID } from 'node:crypto';
import type { BulkJobOptions, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { orUnavailable } from './connection';
import type { RevokeJob, RollbackJob, RotateJob } from './messages';
import { accountQueue } from './names';
import { openProducer } from './producer';
import { KEEP_COMPLETED, KEEP_FAILED } from './retention';

/** One job for one credential, as a sweep or a request wants it. */
export type AccountJob = { readonly account: string; readonly delayMs?: number } & (
  | { readonly action: 'rotate'; readonly job: RotateJob }
  | { readonly action: 'revoke'; readonly job: RevokeJob }
  | { readonly action: 'rollback'; readonly job: RollbackJob }
);

/** `already`: an equal job waits, is delayed, backs off or runs. */
type Enqueued = 'enqueued' | 'already';

export interface AccountQueues {
  /** @throws RedisUnavailableError */
  enqueueRotate(account: string, job: RotateJob, options?: { readonly delayMs?: number }): Promise<Enqueued>;
  /** @throws RedisUnavailableError */
  enqueueRevoke(account: string, job: RevokeJob, options?: { readonly delayMs?: number }): Promise<Enqueued>;
  /** @throws RedisUnavailableError */
  enqueueRollback(account: string, job: RollbackJob): Promise<Enqueued>;
  /**
   * In the order given. After an error some may have been enqueued; enqueue all again, that doubles nothing.
   * @throws RedisUnavailableError
   */
  enqueueAll(jobs: readonly AccountJob[]): Promise<Record<Enqueued, number>>;
  /** Whatever is put off in the queues of these accounts runs now. @throws RedisUnavailableError */
  hurry(accounts: Iterable<string>): Promise<void>;
  close(): Promise<void>;
}

const BULK = 1_000;

/** What runs first within an account. BullMQ takes jobs without priority before all others, then the lower number. */
const PRIORITY = { request: 1, sweep: 2 } as const;

export function createAccountQueues(deps: { readonly failFast: Redis; readonly prefix: string }): AccountQueues {
  const queues = new Map<string, Queue<unknown>>();
  const queueOf = (account: string): Queue<unknown> => {
    const name = accountQueue(account);
    const queue = queues.get(name) ?? openProducer(name, deps);
    queues.set(name, queue);
    return queue;
  };
  const enqueueAll = async (jobs: readonly AccountJob[]): Promise<Record<Enqueued, number>> => {
    const counts = { enqueued: 0, already: 0 };
    for (const chunk of chunks(jobs)) {
      for (const result of await addBulk(queueOf(chunk.account), chunk.jobs)) counts[result] += 1;
    }
    return counts;
  };
  const enqueue = async (job: AccountJob): Promise<Enqueued> =>
    (await enqueueAll([job])).enqueued === 1 ? 'enqueued' : 'already';

  return {
    enqueueRotate: (account, job, options) => enqueue({ account, action: 'rotate', job, ...options }),
    enqueueRevoke: (account, job, options) => enqueue({ account, action: 'revoke', job, ...options }),
    enqueueRollback: (account, job) => enqueue({ account, action: 'rollback', job }),
    enqueueAll,
    async hurry(accounts) {
      const queued = [...accounts].map(queueOf);
      await orUnavailable('nothing was hurried for sure', () =>
        Promise.all(queued.map((queue) => queue.promoteJobs())),
      );
    },
    async close() {
      await Promise.all([...queues.values()].map((queue) => queue.close()));
    },
  };
}

/** Jobs of one account, at most BULK at once: a pipeline of more would hold up everybody else's commands. */
function* chunks(jobs: readonly AccountJob[]): Generator<{ account: string; jobs: readonly AccountJob[] }> {
  for (const account of new Set(jobs.map((job) => job.account))) {
    const own = jobs.filter((job) => job.account === account);
    for (let from = 0; from < own.length; from += BULK) yield { account, jobs: own.slice(from, from + BULK) };
  }
}

async function addBulk(queue: Queue<unknown>, jobs: readonly AccountJob[]): Promise<Enqueued[]> {
  const entries = jobs.map((job) => ({ name: job.action, data: job.job, opts: options(job) }));
  const added = await orUnavailable('nothing was enqueued for sure', () => queue.addBulk(entries));
  // BullMQ answers a duplicate with the id of the job that is there already.
  return added.map((job, i) => (job.id === entries[i]?.opts.jobId ? 'enqueued' : 'already'));
}

function options(job: AccountJob): BulkJobOptions {
  return {
    // Never the same twice, so that a finished job that is kept blocks nothing.
    jobId: randomUUID(),
    deduplication: { id: deduplicationId(job) },
    delay: Math.max(0, Math.round(job.delayMs ?? 0)),
    ...precedence(job),
    // Retries are ours (retries.ts): they depend on the error.
    attempts: 1,
    removeOnComplete: KEEP_COMPLETED,
    removeOnFail: KEEP_FAILED,
  };
}

/**
 * What makes two jobs equal, until the first has completed or failed for good. The wish is part of it: a person's
 * request must not vanish into a sweep's job that is spread over hours, or backs off.
 */
function deduplicationId(wanted: AccountJob): string {
  return JSON.stringify([what(wanted), wanted.job.version, wanted.job.credential]);
}

function what({ action, job }: AccountJob): string {
  if ('wish' in job) return `${action}:${job.wish}`;
  return 'endGrace' in job ? `${action}:${job.endGrace ? 'now' : 'stale'}` : action;
}

function precedence({ job }: AccountJob): BulkJobOptions {
  if ('wish' in job) {
    if (job.wish === 'compromised') return { lifo: true };
    return { priority: job.wish === 'normal' ? PRIORITY.request : PRIORITY.sweep };
  }
  return { priority: 'endGrace' in job && !job.endGrace ? PRIORITY.sweep : PRIORITY.request };
}
