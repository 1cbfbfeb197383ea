import { KINDS, type Kind } from '../../src/types';
import { judged } from '../support/judged';
import { everyFault, FAULTS } from '../support/moments';
import { jobsOf, VENDORS_OF } from '../support/point-table';
import { count, sized } from '../support/proof';
import { MESSAGES, type Start, started, type VendorCase } from '../support/situations';

jest.setTimeout(sized({ short: 30_000, full: 900_000 }));

// Every answer that an effect can get instead of the right one: none (done, not done, or still on its way), a refusal for
// good, a refusal that proves that nothing was done. Then sweeps run to the end, late calls take effect, all is judged.

const counted = { faults: 0, 'then dead': 0 };
afterAll(() => {
  process.stdout.write(`faults: ${counted.faults}, and then dead: ${counted['then dead']}\n`);
});

/** The partner secret has a test of its own for them, with what its logins may cost: partner-secret.test.ts. */
const OTHERS: readonly Kind[] = KINDS.filter((kind) => kind !== 'finicity-partner-secret');

/** What begins otherwise, and goes on like a rotation. */
const isLike = (name: string): boolean => name in MESSAGES || name.startsWith('imported: ');

const jobs = (vendor: VendorCase): [string, Start][] =>
  Object.entries(jobsOf(vendor)).filter(([name]) => sized({ short: !isLike(name), full: true }));

/** With a death after each effect that follows. */
const DYING = ['Flinks Outbound', 'Finicity', 'AuthSecrets, both live'];
const thenDies = (vendor: string, job: string): boolean =>
  sized({ short: DYING.includes(vendor) && job === 'due, AWSPREVIOUS past its grace', full: true });

describe.each(OTHERS.flatMap((kind) => VENDORS_OF[kind]))('%s', (vendorName, vendor) => {
  test.each(jobs(vendor))('%s: a fault at any effect loses nothing and leaks nothing', async (name, start) => {
    const from = await started(vendor, start);
    const job = start.job(from);
    for (const fault of FAULTS) {
      for await (const { where, lab, later, dead } of everyFault(from, job, fault, thenDies(vendorName, name))) {
        if (job.finish !== undefined) await job.finish(lab);
        await judged(lab, where, later);
        counted[dead ? 'then dead' : 'faults'] += 1;
        count('faulted answers');
      }
    }
  });
});
