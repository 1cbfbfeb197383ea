import { crashAt } from '../support/gates';
import { judged } from '../support/judged';
import { recover } from '../support/recovery';
import type { Lab } from '../support/rotation-lab';
import { STARTS, type Start, started, VENDORS, type VendorCase } from '../support/situations';

// The process dies at every effect of a job, before it and after it; then sweeps run to the end, and everything is judged:
// at once, and again when the grace period is over.

const counted = { points: 0, pairs: 0 };
afterAll(() => process.stdout.write(`crash points: ${counted.points}, pairs of them: ${counted.pairs}\n`));

/** @returns whether the job ended before it came to its n-th effect */
async function dieOnce(vendor: VendorCase, start: Start, n: number, when: 'before' | 'after'): Promise<Lab | 'ended'> {
  const lab = await started(vendor, start);
  const { gate, died } = crashAt(n, when);
  return (await Promise.race([start.job(lab, gate), died])) === 'died' ? lab : 'ended';
}

async function dieAgain(lab: Lab, n: number, when: 'before' | 'after'): Promise<'died' | 'recovered'> {
  const { gate, died } = crashAt(n, when);
  return Promise.race([recover(lab, gate).then(() => 'recovered' as const), died]);
}

const WHEN = ['before', 'after'] as const;

describe.each(VENDORS)('%s', (_name, vendor) => {
  test.each(Object.entries(STARTS))(
    '%s: a crash at any effect loses nothing and leaks nothing',
    async (_start, start) => {
      let ended = false;
      for (let n = 1; !ended; n += 1) {
        for (const when of WHEN) {
          const lab = await dieOnce(vendor, start, n, when);
          if (lab === 'ended') {
            ended = true;
            continue;
          }
          counted.points += 1;
          await judged(lab, `${when} effect ${n}`);
        }
      }
    },
  );

  test.each(Object.entries(STARTS))(
    '%s: nor does a second crash, while the first is recovered from',
    async (_start, start) => {
      for (let n = 1; ; n += 1) {
        const reached = await dieOnce(vendor, start, n, 'after');
        if (reached === 'ended') return;
        for (let m = 1; ; m += 1) {
          const lab = await dieOnce(vendor, start, n, 'after');
          if (lab === 'ended') throw new Error('the same job ended elsewhere');
          if ((await dieAgain(lab, m, 'after')) === 'recovered') break;
          counted.pairs += 1;
          await judged(lab, `after effect ${n}, then after effect ${m} of the recovery`);
        }
      }
    },
  );
});
