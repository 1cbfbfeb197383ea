import { RotationError } from '../../src/errors';
import { crashAt, type Effect, type Fault, faulty, type Gate, isChange, onNth } from '../support/gates';
import { judged } from '../support/judged';
import type { Lab } from '../support/rotation-lab';
import { STARTS, type Start, started, VENDORS, type VendorCase } from '../support/situations';

// Every answer that an effect can get instead of the right one: none (done, not done, or still on its way), a refusal for
// good, a refusal that proves that nothing was done. Then sweeps run to the end, late calls take effect, all is judged.

const FAULTS: readonly Fault[] = ['lost-before', 'lost-after', 'late', 'refused', 'not-done'];

const counted = { faults: 0, thenCrashes: 0 };
afterAll(() => process.stdout.write(`faults: ${counted.faults}, with a crash after them: ${counted.thenCrashes}\n`));

/** A job may fail with one of our errors: its queue, or a sweep, comes back to it. */
async function tried(job: Promise<unknown>): Promise<void> {
  await job.catch((error: unknown) => {
    if (!(error instanceof RotationError) || error.code === 'invariant') throw error;
  });
}

/** A fault at the n-th effect; of one that changes nothing only that there is no answer, or a refusal. */
function watched(n: number, fault: Fault) {
  const later: (() => unknown)[] = [];
  let met = 0;
  let last: Effect | undefined;
  const applies = (effect: Effect): boolean => {
    met += 1;
    if (met === n) last = effect;
    return true;
  };
  const gate = faulty(onNth(n, fault, applies), later);
  return {
    gate,
    later,
    reached: () => met >= n,
    pointless: () => last !== undefined && !isChange(last) && fault === 'late',
  };
}

async function once(vendor: VendorCase, start: Start, n: number, fault: Fault): Promise<'judged' | 'ended'> {
  const lab = await started(vendor, start);
  const { gate, later, reached, pointless } = watched(n, fault);
  await tried(start.job(lab, gate));
  if (!reached()) return 'ended';
  if (pointless()) return 'judged';
  counted.faults += 1;
  await judged(lab, `${fault} at effect ${n}`, later);
  return 'judged';
}

describe.each(VENDORS)('%s', (_name, vendor) => {
  test.each(Object.entries(STARTS))(
    '%s: a fault at any effect loses nothing and leaks nothing',
    async (_start, start) => {
      for (const fault of FAULTS) {
        for (let n = 1; (await once(vendor, start, n, fault)) === 'judged'; n += 1);
      }
    },
  );
});

/** One gate behind another. */
const both =
  (outer: Gate, inner: Gate): Gate =>
  (effect, perform) =>
    outer(effect, () => inner(effect, perform));

async function thenCrash(vendor: VendorCase, start: Start, n: number, fault: Fault, m: number) {
  const lab: Lab = await started(vendor, start);
  const { gate, later, reached, pointless } = watched(n, fault);
  const crash = crashAt(m, 'after');
  const died = await Promise.race([tried(start.job(lab, both(crash.gate, gate))).then(() => 'ended'), crash.died]);
  if (died !== 'died' || !reached() || pointless()) return died;
  counted.thenCrashes += 1;
  await judged(lab, `${fault} at effect ${n}, then a crash after effect ${m}`, later);
  return died;
}

const WITH_CRASH = VENDORS.filter(([name]) => ['Flinks Outbound', 'Finicity', 'AuthSecrets, both live'].includes(name));

describe.each(WITH_CRASH)('%s: a fault, and then a crash', (_name, vendor) => {
  test.each(FAULTS)('%s', async (fault) => {
    const start = STARTS['due, AWSPREVIOUS past its grace'];
    if (start === undefined) throw new Error('no such start');
    for (let n = 1; n < 30; n += 1) {
      for (let m = n; m < 60; m += 1) {
        if ((await thenCrash(vendor, start, n, fault, m)) !== 'died') break;
      }
    }
  });
});
