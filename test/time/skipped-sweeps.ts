import type { Job } from 'bullmq';
import { sweepProcessor } from '../../jobs/processors';
import { SWEEPS_QUEUE } from '../../src/queue/names';
import { SWEEPS, type SweepName } from '../../src/types';
import { entryOf } from './company';
import type { Fleet } from './fleet';
import type { Looks } from './looks';
import type { MemoryQueue } from './queue';
import type { Replica } from './replica';

export interface SkippedGiven {
  readonly fleet: Fleet;
  readonly queue: MemoryQueue;
  readonly looks: Looks;
  readonly replica: (skewMs: number) => Replica;
}

/** A sweep that is skipped would have found nothing but what waits in the queue already: runs each, over the whole list. */
export async function checkSkipped({ fleet, queue, looks, replica }: SkippedGiven): Promise<void> {
  const { company, alive, broken, ran, now } = fleet;
  if (alive.length === 0 || company.down.size > 0) return;
  for (const sweep of SWEEPS) {
    const found = await wouldEnqueue(sweep, replica(0), queue);
    const overlooked = found.filter((id) => !looks.isAwaited(entryOf(company.manifest, id), now()));
    if (overlooked.length > 0) broken.push(`${sweep} skipped ${overlooked} at ${new Date(now()).toISOString()}`);
    ran.checkedSweeps += 1;
  }
}

/** @returns the ids of the credentials for which a job would come that does not wait yet */
async function wouldEnqueue(sweep: SweepName, { deps }: Replica, queue: MemoryQueue): Promise<string[]> {
  const found: string[] = [];
  const enqueueAll: MemoryQueue['queues']['enqueueAll'] = async (jobs) => {
    for (const { job, action } of jobs) if (!queue.waits(job.credential, action)) found.push(job.credential);
    return { enqueued: 0, already: 0 };
  };
  const job = { queueName: SWEEPS_QUEUE, name: sweep, data: { trigger: 'schedule' } } as unknown as Job;
  await sweepProcessor({ ...deps, queues: { ...queue.queues, enqueueAll } })(job, {
    signal: new AbortController().signal,
    delayUntil: () => {
      throw new Error('a sweep is not put away');
    },
  });
  return found;
}
