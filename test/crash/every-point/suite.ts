import type { Kind } from '../../../src/types';
import { type Fault, faulty, open } from '../../support/gates';
import { HANDS } from '../../support/hands';
import { judged } from '../../support/judged';
import { different, type Moment, momentsOf, tolerated } from '../../support/moments';
import { jobsOf, VENDORS_OF } from '../../support/point-table';
import { count, sized } from '../../support/proof';
import { failing, recover } from '../../support/recovery';
import type { Lab } from '../../support/rotation-lab';
import { type Job, STARTS, type Start, started, type VendorCase } from '../../support/situations';

jest.setTimeout(sized({ short: 30_000, full: 900_000 }));

/** A vendor that answers its next calls like this, and then as it should. */
const ERRORS: readonly Fault[] = sized({
  short: ['not-done', 'lost-after'],
  full: ['not-done', 'lost-before', 'lost-after', 'refused'],
});
const ERRING_CALLS = 2;

/** `full`: also where two points leave the same world behind (a call that only reads lies between them). */
const distinct = (moments: readonly Moment[]): readonly Moment[] => sized({ short: different(moments), full: moments });

/** Of the jobs that go on like one another, in short runs. */
const SHORT_IMPORTS = [
  'a new secret',
  'due, AWSPREVIOUS past its grace',
  'compromised within the grace of the one before',
];
const LIKE_A_ROTATION = /^(a message|imported): /;

const isShort = (name: string): boolean => {
  const [, imported] = /^imported: (.*)$/.exec(name) ?? [];
  return imported === undefined || !(imported in STARTS) || SHORT_IMPORTS.includes(imported);
};

const jobs = (vendor: VendorCase): [string, Start][] =>
  Object.entries(jobsOf(vendor)).filter(([name]) => sized({ short: isShort(name), full: true }));

/**
 * All jobs of a kind, at every behaviour of its vendor: the process dies before and after every effect, and what is left is
 * recovered from in every way there is.
 */
export function everyPointOf(kind: Kind): void {
  const counted = { points: 0, 'delivered again': 0, hands: 0, 'vendor errs': 0, pairs: 0 };
  const counts = (what: keyof typeof counted): void => {
    counted[what] += 1;
    count('crash points');
  };
  afterAll(() => {
    const all = Object.values(counted).reduce((sum, n) => sum + n, 0);
    const parts = Object.entries(counted).map(([what, n]) => `${what} ${n}`);
    process.stdout.write(`${kind}: ${all} crash points (${parts.join(', ')})\n`);
  });

  describe.each(VENDORS_OF[kind])('%s', (_name, vendor) => {
    describe.each(jobs(vendor))('%s', (name, start) => {
      const watched = once(() => watch(vendor, start));

      test('a crash at any effect, Redis emptied', async () => {
        const { job, moments } = await watched();
        for (const { where, lab } of moments) {
          const left = lab.fork();
          await ends(left, job, where);
          expect(job.holds?.(left) ?? []).toEqual([]);
          counts('points');
        }
      });

      test('and the job is delivered again', async () => {
        const { job, moments } = await watched();
        for (const { where, lab } of distinct(moments)) {
          const next = lab.fork();
          await tolerated(job.run(next, open));
          await ends(next, job, `${where}, delivered again`);
          counts('delivered again');
        }
      });

      test.each(Object.entries(HANDS))('and a person %s', async (what, hand) => {
        const { job, moments } = await watched();
        for (const { where, lab } of distinct(moments)) {
          const next = lab.fork();
          if (!(await hand(next))) continue;
          await ends(next, job, `${where}, a person ${what}`);
          counts('hands');
        }
      });

      test.each(ERRORS)('and the vendor errs: %s', async (fault) => {
        const { job, moments } = await watched();
        for (const { where, lab } of distinct(moments)) {
          const next = lab.fork();
          let calls = 0;
          const errs = faulty(({ at }) => {
            if (at !== 'vendor' || calls >= ERRING_CALLS) return undefined;
            calls += 1;
            return fault;
          });
          await recover(next, errs, failing(next));
          if (calls === 0) continue;
          await ends(next, job, `${where}, the vendor errs: ${fault}`);
          counts('vendor errs');
        }
      });

      if (sized({ short: LIKE_A_ROTATION.test(name), full: false })) return;
      test('and a second crash, while it is recovered from', async () => {
        const { job, moments } = await watched();
        for (const first of distinct(moments)) {
          for (const second of distinct(await momentsOf(first.lab.fork(), recover))) {
            await ends(second.lab, job, `${first.where}, then ${second.where} of the recovery`);
            counts('pairs');
          }
        }
      });
    });
  });
}

async function watch(vendor: VendorCase, start: Start): Promise<{ job: Job; moments: readonly Moment[] }> {
  const lab = await started(vendor, start);
  const job = start.job(lab);
  return { job, moments: await momentsOf(lab, job.run) };
}

/** Sweeps run to the end, the person has what they want, all is judged. */
async function ends(lab: Lab, job: Job, where: string): Promise<void> {
  if (job.finish !== undefined) {
    await recover(lab);
    await job.finish(lab);
  }
  await judged(lab, where);
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
