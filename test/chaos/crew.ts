import { setTimeout as sleep } from 'node:timers/promises';
import { startWorkerProcess, type WorkerProcess } from '../support/worker-process';
import { WORKERS, type WorkerLane } from './timeline';

/** One process of a worker, from its start to its end; its output stays readable. */
export interface Life {
  readonly worker: WorkerProcess;
  /** Host's time of its SIGKILL. */
  killedAt?: number;
}

/** Three replicas; whoever is killed is started again. */
export interface Crew {
  /** Every process that there ever was, in the order of their starts. */
  readonly lives: readonly Life[];
  /** Those that are to live now. */
  alive(): readonly WorkerProcess[];
  /** SIGKILL; another one is started so much later. */
  kill(lane: WorkerLane, downMs: number): Promise<void>;
  /** Waits until all three take work. */
  ready(): Promise<void>;
  /** SIGTERM to all; their exit codes. */
  stop(): Promise<readonly (number | null)[]>;
  /** One more, after a stop. */
  startOne(): Promise<WorkerProcess>;
}

export function startCrew(env: Readonly<Record<string, string>>): Crew {
  const lives: Life[] = [];
  const posts = new Map<WorkerLane, Life>();
  const start = (): Life => {
    const life: Life = { worker: startWorkerProcess(env) };
    lives.push(life);
    return life;
  };
  for (const lane of WORKERS) posts.set(lane, start());
  const ready = async ({ worker }: Life): Promise<WorkerProcess> => {
    await worker.logged({ msg: 'worker started' });
    return worker;
  };
  return {
    lives,
    alive: () => [...posts.values()].map(({ worker }) => worker),
    async kill(lane, downMs) {
      const life = posts.get(lane);
      if (life === undefined) throw new Error(`nobody is at ${lane}`);
      life.killedAt = Date.now();
      await life.worker.kill('SIGKILL');
      await sleep(downMs);
      posts.set(lane, start());
    },
    async ready() {
      await Promise.all([...posts.values()].map(ready));
    },
    async stop() {
      const exits = await Promise.all([...posts.values()].map(({ worker }) => worker.kill('SIGTERM')));
      posts.clear();
      return exits.map(({ code }) => code);
    },
    startOne: () => ready(start()),
  };
}
