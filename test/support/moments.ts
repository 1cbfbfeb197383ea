import { RotationError } from '../../src/errors';
import { crashAt, type Effect, type Fault, faulty, type Gate, isCall, isChange, onNth } from './gates';
import type { Lab } from './rotation-lab';
import type { Job } from './situations';

// Every point at which a process can die, and every answer that an effect can get instead of the right one.

/** The world as it is when a worker dies. */
export interface Moment {
  readonly where: string;
  readonly when: 'before' | 'after';
  readonly effect: Effect;
  readonly lab: Lab;
}

export type Work = (lab: Lab, gate: Gate) => Promise<unknown>;

/**
 * The work is done once, to its end; the lab that is left behind at each of its effects, before it and after it, is kept. It
 * is what a process that dies there leaves behind: nobody else works in it, and memory stays with the process (moments.test.ts).
 */
export async function momentsOf(lab: Lab, work: Work): Promise<readonly Moment[]> {
  const moments: Moment[] = [];
  let count = 0;
  await tolerated(
    work(lab, async (effect, perform) => {
      count += 1;
      const nth = `effect ${count} (${effect.name})`;
      moments.push({ where: `before ${nth}`, when: 'before', effect, lab: lab.fork() });
      try {
        return await perform();
      } finally {
        moments.push({ where: `after ${nth}`, when: 'after', effect, lab: lab.fork() });
      }
    }),
  );
  return moments;
}

/** Those that no other leaves the same world as: after the first effect, and after each that changed something. */
export const different = (moments: readonly Moment[]): readonly Moment[] =>
  moments.filter(({ when, effect }, n) => n === 1 || (when === 'after' && (isChange(effect) || !isCall(effect))));

/** Ends with one of our errors: the queue, or a sweep, comes back to it. */
export async function tolerated(work: Promise<unknown>): Promise<'ended'> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof RotationError) || error.code === 'invariant') throw error;
  }
  return 'ended';
}

export const FAULTS: readonly Fault[] = ['lost-before', 'lost-after', 'late', 'refused', 'not-done'];

interface Faulted {
  readonly where: string;
  readonly lab: Lab;
  /** Calls that are still on their way. */
  readonly later: readonly (() => unknown)[];
  /** The process died after it. */
  readonly dead: boolean;
}

/** The job with this fault at each of its calls in turn, and dead after each later effect where it `dies`. */
export async function* everyFault(from: Lab, job: Job, fault: Fault, dies = false): AsyncGenerator<Faulted> {
  for (let n = 1; ; n += 1) {
    const run = await faultAt(from, job, fault, n, undefined);
    if (run === undefined) return;
    if (run.isPointless) continue;
    yield run;
    for (let m = run.metAt + 1; dies && m <= run.effects; m += 1) {
      const dead = await faultAt(from, job, fault, n, m);
      if (dead !== undefined) yield { ...dead, where: `${dead.where}, dead after effect ${m}`, dead: true };
    }
  }
}

async function faultAt(from: Lab, job: Job, fault: Fault, n: number, diesAfter: number | undefined) {
  const lab = from.fork();
  const later: (() => unknown)[] = [];
  let effects = 0;
  let met: { readonly at: number; readonly effect: Effect } | undefined;
  const nth = onNth(n, fault, () => true);
  const answers = faulty((effect) => {
    const found = nth(effect);
    if (found !== undefined) met = { at: effects, effect };
    return found;
  }, later);
  const crash = crashAt(diesAfter ?? Number.POSITIVE_INFINITY, 'after');
  const gate: Gate = (effect, perform) => {
    effects += 1;
    return crash.gate(effect, () => answers(effect, perform));
  };
  await Promise.race([tolerated(job.run(lab, gate)), crash.died]);
  if (met === undefined) return undefined;
  const isPointless = fault === 'late' && !isChange(met.effect);
  return {
    where: `${fault} at call ${n} (${met.effect.name})`,
    lab,
    later,
    dead: false,
    effects,
    metAt: met.at,
    isPointless,
  };
}
