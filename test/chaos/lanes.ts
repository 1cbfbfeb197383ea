import { setTimeout as sleep } from 'node:timers/promises';
import { befallDoor } from './door-lane';
import { befall } from './redis-lane';
import type { Run } from './run';
import { picked, send } from './sending';
import { DOORS, type DoorLane, type Happening, type Lane, WORKERS, type WorkerLane } from './timeline';

/** Each lane by itself: what befalls Redis does not wait for what befalls a vendor. */
export async function play(run: Run, timeline: readonly Happening[]): Promise<void> {
  const from = Date.now();
  const lanes = new Set(timeline.map(({ lane }) => lane));
  const played = await Promise.allSettled(
    [...lanes].map((lane) => {
      const own = timeline.filter((one) => one.lane === lane);
      return playLane(run, own, from);
    }),
  );
  for (const lane of played) if (lane.status === 'rejected') throw lane.reason;
}

async function playLane(run: Run, events: readonly Happening[], from: number): Promise<void> {
  for (const event of events) {
    await sleep(Math.max(0, from + event.at - Date.now()));
    await happens(run, event);
  }
}

export async function happens(run: Run, event: Happening): Promise<void> {
  const { lane, what } = event;
  const from = Date.now();
  await perform(run, event);
  run.happened.push({ lane, what, from, to: Date.now() });
}

const isWorker = (lane: Lane): lane is WorkerLane => WORKERS.some((one) => one === lane);
const isDoor = (lane: Lane): lane is DoorLane => DOORS.some((one) => one === lane);

async function perform(run: Run, event: Happening): Promise<void> {
  const { lane, what, forMs, pick } = event;
  const { sandbox, redis, sender, person, crew } = run;
  if (isWorker(lane)) return crew.kill(lane, forMs);
  if (isDoor(lane)) return befallDoor(sandbox, lane, event);
  if (lane === 'redis') return befall(redis, sender.redis, event);
  if (lane === 'sender') return void run.sent.push(send(sender, sandbox.company, event));
  if (lane === 'person') {
    return person.imports(picked(sandbox.company.tokens, pick), what === 'import' ? undefined : forMs);
  }
  sandbox.process.signal('SIGSTOP');
  await sleep(forMs);
  sandbox.process.signal('SIGCONT');
}
