import { setImmediate as soon } from 'node:timers/promises';
import fc from 'fast-check';
import { RotationError } from '../../src/errors';
import { afterFile } from './after-file';
import type { Gate } from './gates';
import { count, seedOr } from './proof';
import type { LabClock } from './virtual-clock';

/** Long enough for an intent to be too old to issue on, for its owner to be given up, and for everything else. */
const PAUSES_MS = [6_000, 31_000, 600_000];
/** A rotation that is disturbed comes to about so many effects. */
const EFFECTS_OF_ONE = 16;
const TURNS_MISSED = 15;
const SEED = 20_261_121;

/** One interleaving, as fast-check makes it up. */
export interface Course {
  /** Chooses whose effect is next. */
  readonly scheduler: fc.Scheduler;
  /** A worker that is paused as it comes to its n-th effect: time passes, and the others have some turns. */
  readonly pauses: readonly { readonly worker: string; readonly before: number; readonly ms: number }[];
  /** A worker that dies as it comes to its n-th effect. */
  readonly deaths: readonly { readonly worker: string; readonly before: number }[];
}

const calm = fc.record({ scheduler: fc.scheduler(), pauses: fc.constant([]), deaths: fc.constant([]) });

const effect = fc.integer({ min: 1, max: EFFECTS_OF_ONE });

const rough = (workers: readonly string[]): fc.Arbitrary<Course> =>
  fc.record({
    scheduler: fc.scheduler(),
    pauses: fc.array(
      fc.record({ worker: fc.constantFrom(...workers), before: effect, ms: fc.constantFrom(...PAUSES_MS) }),
      { maxLength: 4 },
    ),
    deaths: fc.array(fc.record({ worker: fc.constantFrom(...workers), before: effect }), { maxLength: 2 }),
  });

interface Interleavings {
  readonly runs: number;
  /** Those that may die. None: without pauses and deaths. */
  readonly mortal?: readonly string[];
}

let total = 0;

/**
 * As many interleavings as said, the same in each run of the tests. One that fails is printed as fast-check has shrunk it, effect by
 * effect; `PROOF_SEED` and `PROOF_PATH` (fast-check prints both) begin with it, `jest -t` chooses the test.
 */
export async function forAllInterleavings(
  { runs, mortal = [] }: Interleavings,
  check: (course: Course) => Promise<void>,
): Promise<void> {
  const seed = seedOr(SEED);
  if (total === 0) afterFile(() => void process.stdout.write(`interleavings: ${total}, seed ${seed}\n`));
  const counted = async (course: Course): Promise<void> => {
    await check(course);
    total += 1;
    count('interleavings');
  };
  const path = process.env.PROOF_PATH;
  const parameters = { numRuns: runs, seed, ...(path === undefined ? {} : { path }) };
  await fc.assert(fc.asyncProperty(mortal.length === 0 ? calm : rough(mortal), counted), parameters);
}

export type Work = (gate: Gate) => Promise<unknown>;

/** Runs the workers to the end, or to their deaths, one effect at a time. Errors of ours are allowed: the job comes back. */
export async function interleave(
  { scheduler, pauses, deaths }: Course,
  clock: LabClock,
  workers: Readonly<Record<string, Work>>,
): Promise<void> {
  const gateOf = (worker: string, dies: () => void): Gate => {
    let met = 0;
    return async (effect, perform) => {
      met += 1;
      const mine = met;
      if (deaths.some((death) => death.worker === worker && death.before === mine)) {
        dies();
        return new Promise(() => undefined);
      }
      const turn = (what: string) => scheduler.schedule(Promise.resolve(), `${worker}: ${what}`);
      for (const pause of pauses) {
        if (pause.worker !== worker || pause.before !== mine) continue;
        clock.advance(pause.ms);
        for (let n = 0; n < TURNS_MISSED; n += 1) await turn(`paused for ${pause.ms} ms`);
      }
      await turn(effect.name);
      return perform();
    };
  };
  const running = new Set(Object.keys(workers));
  const failed: unknown[] = [];
  for (const [name, work] of Object.entries(workers)) {
    const ends = (): void => void running.delete(name);
    work(gateOf(name, ends))
      .catch((error: unknown) => {
        if (!(error instanceof RotationError) || error.code === 'invariant') failed.push(error);
      })
      .finally(ends);
  }
  do {
    await scheduler.waitIdle();
    await soon();
  } while (scheduler.count() > 0);
  if (failed.length > 0) throw failed[0];
  if (running.size > 0) throw new Error(`${[...running]} wait for something that nobody does`);
}
