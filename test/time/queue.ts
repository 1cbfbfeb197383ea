import type { AccountJob, AccountQueues } from '../../src/queue/account-queues';
import { accountQueue, SWEEPS_QUEUE } from '../../src/queue/names';
import type { Instant, SweepName } from '../../src/types';

// An in-memory stand-in of just what BullMQ does with time, since a real Redis keeps its own and cannot run in virtual time. A
// delayed job has a score, the producer's Date.now() and its delay; a worker takes it when its own Date.now() has come so far
// (addDelayedJob and promoteDelayedJobs of BullMQ 6.7). Equal jobs are one until the first has ended. What is put away
// again keeps its place. Everything around it is real: the jobs, what runs them, and when they are tried again.

export interface QueuedJob {
  readonly queueName: string;
  readonly name: string;
  readonly data: object;
  /** Equal jobs have the same; none for sweeps. */
  readonly equal: string | undefined;
  /** By the host's clock of whoever put it there. */
  score: number;
  starts: number;
  /** How many of those that had it died. */
  deaths: number;
  /** The credentials that this sweep is to look at; all where it is absent. */
  readonly subset?: ReadonlySet<string>;
}

export interface MemoryQueue {
  readonly queues: AccountQueues;
  addSweep(name: SweepName, trigger: 'start' | 'schedule', subset?: ReadonlySet<string>): QueuedJob;
  /** The one that is due first, by the clock of the host that is furthest ahead. */
  first(): QueuedJob | undefined;
  take(job: QueuedJob): void;
  putAway(job: QueuedJob, score: number): void;
  ended(job: QueuedJob): void;
  /** Does a job for this credential wait? */
  waits(credential: string, action: string): boolean;
  /** Redis is emptied. */
  clear(): void;
}

/** It waits, and is not delayed: anybody takes it. */
export const AT_ONCE = 0;

export function memoryQueue(hostNow: () => Instant): MemoryQueue {
  let jobs: QueuedJob[] = [];
  const equals = new Map<string, number>();
  const count = (equal: string | undefined, by: number): void => {
    if (equal === undefined) return;
    equals.set(equal, (equals.get(equal) ?? 0) + by);
    if ((equals.get(equal) ?? 0) <= 0) equals.delete(equal);
  };
  const insert = (job: QueuedJob): void => {
    if (!Number.isFinite(job.score)) throw new Error(`a job ${job.name} is put away until ${job.score}`);
    let at = jobs.length;
    while (at > 0 && (jobs[at - 1]?.score ?? 0) < job.score) at -= 1;
    jobs.splice(at, 0, job);
  };
  const enqueue = (wanted: AccountJob): 'enqueued' | 'already' => {
    const equal = equalTo(wanted);
    if (equals.has(equal)) return 'already';
    count(equal, 1);
    const delayMs = Math.max(0, Math.round(wanted.delayMs ?? 0));
    const score = delayMs === 0 ? AT_ONCE : hostNow() + delayMs;
    const queueName = accountQueue(wanted.account);
    insert({ queueName, name: wanted.action, data: wanted.job, equal, score, starts: 0, deaths: 0 });
    return 'enqueued';
  };
  return {
    queues: {
      enqueueRotate: async (account, job, options) => enqueue({ account, action: 'rotate', job, ...options }),
      enqueueRevoke: async (account, job, options) => enqueue({ account, action: 'revoke', job, ...options }),
      enqueueRollback: async (account, job) => enqueue({ account, action: 'rollback', job }),
      async enqueueAll(all) {
        const counts = { enqueued: 0, already: 0 };
        for (const job of all) counts[enqueue(job)] += 1;
        return counts;
      },
      async hurry() {
        for (const job of jobs) job.score = AT_ONCE;
      },
      close: async () => undefined,
    },
    addSweep(name, trigger, subset) {
      const job = { queueName: SWEEPS_QUEUE, name, data: { trigger }, equal: undefined, score: AT_ONCE };
      const made: QueuedJob = { ...job, starts: 0, deaths: 0, ...(subset === undefined ? {} : { subset }) };
      insert(made);
      return made;
    },
    first: () => jobs.at(-1),
    take: (job) => void jobs.splice(jobs.indexOf(job), 1),
    putAway(job, score) {
      job.score = score;
      insert(job);
    },
    ended: ({ equal }) => count(equal, -1),
    waits: (credential, action) => [...equals.keys()].some((equal) => equal.startsWith(`${action} ${credential} `)),
    clear() {
      jobs = [];
      equals.clear();
    },
  };
}

/** As src/queue/account-queues.ts tells equal jobs: by what is wanted, of which version, of which credential. */
function equalTo({ action, job }: AccountJob): string {
  const wish = 'wish' in job ? job.wish : 'endGrace' in job && job.endGrace;
  return `${action} ${job.credential} ${wish} ${job.version}`;
}
