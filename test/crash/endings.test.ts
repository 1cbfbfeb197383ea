import { RotationError } from '../../src/errors';
import { ENDINGS, type Ending } from '../support/endings';
import { crashAt, type Effect, type Fault, faulty, onNth } from '../support/gates';
import { forAllInterleavings, interleave, type Work } from '../support/interleaver';
import { judged } from '../support/judged';
import { recover } from '../support/recovery';
import type { Lab } from '../support/rotation-lab';
import { VENDORS, type VendorCase } from '../support/situations';

// Adopted, retired, put back to active, given up as unused: the process dies at every effect, every effect goes wrong, two
// workers race. Then sweeps run to the end, and everything is judged.

const RACES = 15;

const counted = { points: 0, faults: 0 };
afterAll(() => process.stdout.write(`endings: ${JSON.stringify(counted)}\n`));

const ENDING = Object.entries(ENDINGS);

async function dieOnce(
  vendor: VendorCase,
  ending: Ending,
  n: number,
  when: 'before' | 'after',
): Promise<Lab | 'ended'> {
  const lab = await ending.prepare(vendor);
  const { gate, died } = crashAt(n, when);
  return (await Promise.race([ending.job(lab, gate), died])) === 'died' ? lab : 'ended';
}

const tolerated = (work: Promise<unknown>): Promise<unknown> =>
  work.catch((error: unknown) => {
    if (!(error instanceof RotationError) || error.code === 'invariant') throw error;
  });

describe.each(VENDORS)('%s', (_name, vendor) => {
  test.each(ENDING)('%s: a crash at any effect loses nothing and leaks nothing', async (_ending, ending) => {
    for (const when of ['before', 'after'] as const) {
      for (let n = 1; ; n += 1) {
        const lab = await dieOnce(vendor, ending, n, when);
        if (lab === 'ended') break;
        counted.points += 1;
        await judged(lab, `${when} effect ${n}`);
      }
    }
  });

  test.each(ENDING)('%s: nor does a fault at any effect', async (_ending, ending) => {
    for (const fault of ['lost-before', 'lost-after', 'late', 'refused', 'not-done'] satisfies Fault[]) {
      for (let n = 1; ; n += 1) {
        const lab = await ending.prepare(vendor);
        const later: (() => unknown)[] = [];
        let met = 0;
        const counting = (_effect: Effect): boolean => {
          met += 1;
          return true;
        };
        await tolerated(ending.job(lab, faulty(onNth(n, fault, counting), later)));
        if (met < n) break;
        counted.faults += 1;
        await judged(lab, `${fault} at effect ${n}`, later);
      }
    }
  });

  test.each(ENDING)('%s: nor do two workers that race, pause and die', async (_ending, ending) => {
    await forAllInterleavings({ runs: RACES, mortal: ['A', 'B'] }, async (course) => {
      const lab = await ending.prepare(vendor);
      const worker: Work = (gate) => recover(lab, gate);
      await interleave(course, lab.world.clock, { A: worker, B: worker });
      await judged(lab, 'two workers');
    });
  });

  test.each(['retired', 'retired, to be deleted'])(
    '%s, and put back to active wherever that had come to: it is issued anew',
    async (name) => {
      const ending = ENDINGS[name];
      if (ending === undefined) throw new Error('no such ending');
      for (const when of ['before', 'after'] as const) {
        for (let n = 1; ; n += 1) {
          const lab = await dieOnce(vendor, ending, n, when);
          if (lab === 'ended') break;
          counted.points += 1;
          lab.reactivate();
          await judged(lab, `${when} effect ${n}, then active again`);
        }
      }
    },
  );
});
