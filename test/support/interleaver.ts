import type { Effect, Gate } from './gates';

/** A small generator of numbers in [0, 1), the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Waiting {
  readonly worker: string;
  readonly effect: Effect;
  go(): Promise<void>;
}

export interface Interleaver {
  /** The gate of a worker: each of its effects waits for its turn. */
  gate(worker: string): Gate;
  /** Runs the workers to the end, one effect at a time; whose is next, `choose` says. A worker that is let die stays where it is. */
  run(workers: Readonly<Record<string, () => Promise<unknown>>>, choose: Chooser): Promise<void>;
  /** What was done, in order. */
  readonly trace: string[];
}

/** Of the workers that wait, the index of the one whose effect is next; `die` lets that worker end there. */
export type Chooser = (waiting: readonly Pick<Waiting, 'worker' | 'effect'>[]) => number | { readonly die: number };

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export function interleaver(): Interleaver {
  let waiting: Waiting[] = [];
  const trace: string[] = [];

  const gate =
    (worker: string): Gate =>
    (effect, perform) =>
      new Promise((resolve, reject) => {
        const go = async (): Promise<void> => {
          try {
            resolve(await perform());
          } catch (error) {
            reject(error);
          }
        };
        waiting.push({ worker, effect, go });
      });

  async function step(choose: Chooser): Promise<void> {
    const chosen = choose(waiting);
    const next = waiting[typeof chosen === 'number' ? chosen : chosen.die];
    if (next === undefined) throw new Error('chose nobody');
    waiting = waiting.filter((other) => other !== next);
    trace.push(`${next.worker}:${next.effect.name}${typeof chosen === 'number' ? '' : ' (dies)'}`);
    if (typeof chosen === 'number') await next.go();
    await settled();
  }

  return {
    gate,
    trace,
    async run(workers, choose) {
      const failed: unknown[] = [];
      for (const work of Object.values(workers)) work().catch((error: unknown) => failed.push(error));
      await settled();
      while (waiting.length > 0) await step(choose);
      if (failed.length > 0) throw failed[0];
    },
  };
}
