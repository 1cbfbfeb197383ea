import { DelayedError, type Job, UnrecoverableError } from 'bullmq';
import { accountProcessor, sweepProcessor } from '../../jobs/processors';
import { SWEEPS_QUEUE } from '../../src/queue/names';
import { runJob } from '../../src/queue/process-job';
import type { Credential, Instant, Log } from '../../src/types';
import { entryOf } from './company';
import type { Crew } from './crew';
import type { Fleet } from './fleet';
import type { HostClocks } from './host-clocks';
import { AT_ONCE, type MemoryQueue, type QueuedJob } from './queue';
import type { Replica } from './replica';

/** The lock of a job whose worker has died ends, and another takes it. */
const LOCK_MS = 30_000;

export interface RunningGiven {
  readonly fleet: Fleet;
  readonly queue: MemoryQueue;
  readonly crew: Crew;
  readonly hosts: HostClocks;
  readonly lookAgain: (credential: Credential) => Promise<void>;
}

/** @returns what runs one job as a worker does; one that dies leaves it to the others, when its lock has ended */
export function running({ fleet, queue, crew, hosts, lookAgain }: RunningGiven) {
  const { company, random, ran } = fleet;
  const log: Log = {
    info: () => undefined,
    warn: () => undefined,
    alarm: (name, fields) => name === 'invariant' && fleet.broken.push(JSON.stringify(fields)),
  };

  /** @returns until when it was put away, if it was */
  const work = async (replica: Replica, job: QueuedJob): Promise<Instant | 'ended'> => {
    let end: Instant | 'ended' = 'ended';
    const fake = {
      ...{ queueName: job.queueName, name: job.name, data: job.data, id: '1' },
      ...{ attemptsStarted: job.starts, stalledCounter: job.deaths },
      moveToDelayed: async (until: Instant) => {
        end = until;
      },
    };
    const { signal } = new AbortController();
    const given = { job: fake as unknown as Job, token: 'token', signal };
    const processor = job.queueName === SWEEPS_QUEUE ? sweepProcessor(replica.deps) : accountProcessor(replica.deps);
    try {
      await hosts.as(replica, () => runJob(given, processor, log));
    } catch (error) {
      if (!(error instanceof DelayedError || error instanceof UnrecoverableError)) throw error;
    }
    return end;
  };

  const concerned = (job: QueuedJob): Iterable<string> =>
    job.queueName === SWEEPS_QUEUE ? (job.subset ?? []) : [String(Reflect.get(job.data, 'credential'))];

  return async (job: QueuedJob): Promise<void> => {
    const replica = random.pick(fleet.alive);
    queue.take(job);
    job.starts += 1;
    replica.subset = job.subset;
    const death = crew.deathOf(replica);
    const worked = work(replica, job);
    const end = await (death === undefined ? worked : Promise.race([worked, death]));
    if (end === 'died') {
      hosts.diedAtWork();
      crew.bury(replica);
      job.deaths += 1;
      queue.putAway(job, AT_ONCE);
      company.world.clock.advance(LOCK_MS);
    } else if (end === 'ended') queue.ended(job);
    else queue.putAway(job, end);

    if (job.queueName === SWEEPS_QUEUE) ran.sweeps += 1;
    else ran.jobs += 1;
    if (job.queueName === SWEEPS_QUEUE && job.subset === undefined) ran.whole += 1;
    if (end === 'ended') for (const id of concerned(job)) await lookAgain(entryOf(company.manifest, id));
  };
}
