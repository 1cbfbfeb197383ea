import { dueTime } from '../../src/due';
import { SWEEPS } from '../../src/types';
import { crashAt } from '../support/gates';
import type { Fleet } from './fleet';
import type { HostClocks } from './host-clocks';
import type { MemoryQueue } from './queue';
import type { Replica } from './replica';
import type { SweepSchedules } from './sweep-schedules';

const DUES_AT_START = 25;

/** The worker processes of a fleet, as they come and go. */
export interface Crew extends Pick<Fleet, 'start' | 'kill'> {
  /** Ends when one dies that is about to, in the midst of its job. */
  deathOf(replica: Replica): Promise<'died'> | undefined;
  /** It is gone; another comes in its place within some minutes. */
  bury(replica: Replica): void;
}

export interface CrewGiven {
  readonly fleet: Fleet;
  readonly queue: MemoryQueue;
  readonly schedules: SweepSchedules;
  readonly hosts: HostClocks;
  readonly replica: (skewMs: number) => Replica;
}

export function crewOf({ fleet, queue, schedules, hosts, replica: replicaOn }: CrewGiven): Crew {
  const { company, random } = fleet;
  const dying = new Map<Replica, Promise<'died'>>();

  const lookAtDues = async ({ clock, store }: Replica): Promise<void> => {
    for (let n = 0; n < DUES_AT_START; n += 1) {
      const credential = random.pick(company.manifest.credentials);
      const seen = await store.observe(credential);
      const due = seen && dueTime(credential, seen, clock.now());
      if (due === undefined || seen?.current?.is !== 'value') continue;
      const { from, at } = due;
      fleet.dues.push({ credential: credential.id, version: seen.current.id, from, at, seenAt: fleet.now() });
    }
  };

  const remove = (replica: Replica): void => {
    schedules.keep();
    const at = fleet.alive.indexOf(replica);
    if (at >= 0) fleet.alive.splice(at, 1);
    for (const sweep of SWEEPS) schedules.putBackIfAhead(sweep);
  };

  return {
    async start(skewMs) {
      schedules.keep();
      fleet.ran.starts += 1;
      for (const sweep of SWEEPS) queue.addSweep(sweep, 'start');
      fleet.alive.push(replicaOn(skewMs));
      // one that gets no answer knows no time, and does nothing either
      const fit = company.down.has('store') ? [] : fleet.alive.filter((one) => !dying.has(one));
      for (const one of fit) await hosts.as(one, () => lookAtDues(one));
    },
    kill(replica, inItsJob) {
      if (!inItsJob) return remove(replica);
      const crash = crashAt(random.whole(1, 12), random.pick(['before', 'after']));
      replica.gate = crash.gate;
      dying.set(replica, crash.died);
    },
    deathOf: (replica) => dying.get(replica),
    bury(replica) {
      dying.delete(replica);
      fleet.ran.kills += 1;
      remove(replica);
      fleet.later(random.whole(1, 30) * 10_000, () => fleet.start(replica.skewMs));
    },
  };
}
