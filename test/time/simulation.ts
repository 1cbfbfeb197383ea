import type { AccountState } from '../../src/account-pause';
import { type Instant, SWEEPS, type SweepName } from '../../src/types';
import { foundCompany } from './company';
import { crewOf } from './crew';
import { type Disturbance, type Fleet, furthestAhead, type Setting } from './fleet';
import { heapBy } from './heap';
import { hostClocks } from './host-clocks';
import { lookingAgain } from './look-again';
import { looksOfFleet } from './looks';
import { peopleOf } from './people';
import { memoryQueue } from './queue';
import { type Replica, startReplica } from './replica';
import { running } from './running';
import { checkSkipped } from './skipped-sweeps';
import { sweepSchedules } from './sweep-schedules';

const NEVER = Number.POSITIVE_INFINITY;

/**
 * Runs a fleet through its years. The clock jumps to the next thing that is due: a job of the queue, a disturbance, or the next
 * sweep in which policy itself, by the `at` of its decisions, may find something; sweeps in between are skipped. That none
 * of them would have found anything is checked now and then, over the whole list.
 */
export async function simulate(setting: Setting): Promise<Fleet> {
  const { manifest, start, end, random, skewsMs, checkEveryMs } = setting;
  const company = foundCompany(manifest, start, random);
  const { clock } = company.world;
  const hosts = hostClocks(clock.now, random);
  const queue = memoryQueue(Date.now);
  const looks = looksOfFleet();
  const disturbances = heapBy<Disturbance>(({ at }) => at);
  const states = new Map<string, AccountState>();
  const replica = (skewMs: number): Replica =>
    startReplica({ company, queue, states, skewMs, onAlarm: people.onAlarm });

  const fleet: Fleet = {
    ...{ company, random, outages: [], alive: [], broken: [], dues: [], now: clock.now },
    ran: { sweeps: 0, whole: 0, jobs: 0, kills: 0, starts: 0, checkedSweeps: 0 },
    later: (ms, run) => disturbances.push({ at: clock.now() + ms, run }),
    start: (skewMs) => crew.start(skewMs),
    kill: (one, inItsJob) => crew.kill(one, inItsJob),
    emptyRedis() {
      queue.clear();
      schedules.clear();
      states.clear();
      for (const sweep of SWEEPS) queue.addSweep(sweep, 'start');
      fleet.outages.push({ what: 'redis', from: clock.now(), to: clock.now() });
    },
  };
  const schedules = sweepSchedules(fleet, manifest.schedules, queue);
  const crew = crewOf({ fleet, queue, schedules, hosts, replica });
  const people = peopleOf({ fleet, queue, replica, lookAgain: (credential) => lookAgain(credential) });
  const lookAgain = lookingAgain({ fleet, queue, looks, people });
  const run = running({ fleet, queue, crew, hosts, lookAgain });

  const nextSweep = (): { name: SweepName | undefined; at: Instant } => {
    let first: ReturnType<typeof nextSweep> = { name: undefined, at: NEVER };
    for (const name of SWEEPS) {
      const wanted = looks.first(name);
      const at = wanted === undefined ? NEVER : schedules.runAt(name, wanted);
      if (at < first.at) first = { name, at };
    }
    return first;
  };
  const sweepNow = async (name: SweepName, at: Instant): Promise<void> => {
    const subset = looks.take(name, at);
    schedules.ran(name);
    await run(queue.addSweep(name, 'schedule', subset));
  };

  for (const skewMs of skewsMs) await fleet.start(skewMs);
  for (const credential of manifest.credentials) await lookAgain(credential);
  for (const disturbance of setting.disturbances(fleet)) disturbances.push(disturbance);
  fleet.later(checkEveryMs, async function check() {
    await checkSkipped({ fleet, queue, looks, replica });
    fleet.later(checkEveryMs, check);
  });

  for (;;) {
    const somebody = fleet.alive.length > 0;
    const disturbedAt = disturbances.first()?.at ?? NEVER;
    const job = somebody ? queue.first() : undefined;
    const jobAt = job === undefined ? NEVER : job.score - furthestAhead(fleet);
    const sweep = somebody ? nextSweep() : { name: undefined, at: NEVER };
    const next = Math.max(clock.now(), Math.min(disturbedAt, jobAt, sweep.at));
    if (next > end) break;
    clock.advance(next - clock.now());
    if (disturbedAt <= next) await disturbances.pop()?.run(fleet);
    else if (job !== undefined && jobAt <= next) await run(job);
    else if (sweep.name !== undefined) await sweepNow(sweep.name, next);
  }
  if (clock.now() < end) clock.advance(end - clock.now());
  hosts.putBack();
  return fleet;
}
