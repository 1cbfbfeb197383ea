import { RotationError } from '../../src/errors';
import type { Outcome } from '../../src/rotation-context';
import { type Effect, holding, promotes, putsIntent, putsValue, verb } from '../support/gates';
import { type Chooser, interleaver, randomFrom } from '../support/interleaver';
import { judged } from '../support/judged';
import { AUTH } from '../support/lab-steps';
import type { Lab } from '../support/rotation-lab';
import { STARTS, started, VENDORS, type VendorCase } from '../support/situations';

// Two and three workers on one credential, their effects interleaved at random from printed seeds; some are paused beyond
// every limit, some die. One promotion per due version; whoever loses leaves nothing behind that nobody knows.

const SEEDS_EACH = 60;
const PAUSES_MS = [6_000, 31_000, 600_000];

/** Failing with one of our errors is allowed: the job comes back. */
const tolerated = async (work: Promise<Outcome>): Promise<Outcome | undefined> =>
  work.catch((error: unknown) => {
    if (error instanceof RotationError && error.code !== 'invariant') return undefined;
    throw error;
  });

/** Mostly goes on with somebody; now and then time passes for all, or somebody dies. */
function atRandom(lab: Lab, random: () => number): Chooser {
  let deaths = 0;
  return (waiting) => {
    if (random() < 0.05) lab.world.clock.advance(PAUSES_MS[Math.floor(random() * PAUSES_MS.length)] ?? 0);
    const index = Math.floor(random() * waiting.length);
    if (deaths >= 2 || random() > 0.02) return index;
    deaths += 1;
    return { die: index };
  };
}

async function interleaved(vendor: VendorCase, start: string, seed: number): Promise<Lab> {
  const from = STARTS[start];
  if (from === undefined) throw new Error(`no start ${start}`);
  const lab = await started(vendor, from);
  const random = randomFrom(seed);
  const { gate, run, trace } = interleaver();
  const version = lab.due();
  const job = (worker: string) => () => tolerated(lab.rotate({ version }, gate(worker)));
  const count = random() < 0.5 ? 2 : 3;
  const workers = Object.fromEntries(['A', 'B', 'C'].slice(0, count).map((worker) => [worker, job(worker)]));
  const revoker = () => tolerated(lab.settle({}, gate('R')));
  await run({ ...workers, R: revoker }, atRandom(lab, random));
  await judged(lab, `seed ${seed}: ${trace.join(' ')}`);
  return lab;
}

let interleavings = 0;
afterAll(() => process.stdout.write(`interleavings: ${interleavings}\n`));

const CONTENDED = ['a new secret', 'due', 'due, AWSPREVIOUS past its grace', 'compromised'];

describe.each(VENDORS)('%s', (_name, vendor) => {
  test.each(CONTENDED)('%s: workers that race lose nothing, leak nothing, and promote once', async (start) => {
    for (let seed = 1; seed <= SEEDS_EACH; seed += 1) {
      await interleaved(vendor, start, seed);
      interleavings += 1;
    }
  });
});

/** Counts promotions that took effect. */
function promotions(lab: Lab): () => number {
  let count = 0;
  const before = lab.world.onCall;
  lab.world.onCall = (effect) => {
    before(effect);
    if (promotes(effect)) count += 1;
  };
  return () => count;
}

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'without pauses and deaths exactly one of three workers promotes (seed %d)',
  async (seed) => {
    const start = STARTS.due;
    if (start === undefined) throw new Error('no start');
    const lab = await started({ kind: 'finicity-access-key', behaviour: 'overlap' }, start);
    const count = promotions(lab);
    const random = randomFrom(seed);
    const { gate, run } = interleaver();
    const version = lab.due();
    const outcomes: Outcome[] = [];
    const job = (worker: string) => async () => outcomes.push(await lab.rotate({ version }, gate(worker)));
    await run({ A: job('A'), B: job('B'), C: job('C') }, (waiting) => Math.floor(random() * waiting.length));
    expect(count()).toBe(1);
    expect(outcomes.filter(({ outcome }) => outcome === 'promoted').length).toBeGreaterThanOrEqual(1);
    expect(lab.vendor.live.size).toBe(2);
    expect(lab.tags().suspects).toEqual([]);
  },
);

describe('a worker that is paused, and wakes when all is over', () => {
  const steps: [string, (effect: Effect) => boolean][] = [
    ['its intent', putsIntent],
    ['its issue call', verb('issue')],
    ['the put of its value', putsValue],
    ['its promotion', promotes],
    ['its revocation of what it replaces', verb('revoke')],
  ];

  describe.each(VENDORS)('%s', (_name, vendor) => {
    test.each(steps)('before %s', async (_step, applies) => {
      const start = STARTS['due, AWSPREVIOUS past its grace'];
      if (start === undefined) throw new Error('no start');
      const lab = await started(vendor, start);
      const { gate, release, held } = holding(applies);
      const version = lab.due();
      const paused = tolerated(lab.rotate({ version }, gate));
      const reached = await Promise.race([held.then(() => true), paused.then(() => false)]);
      if (!reached) return; // the kind has no such step
      lab.world.clock.advance(60_000);
      await judged(lab, 'while it is paused');
      release();
      await paused;
      await judged(lab, 'after it woke');
    });
  });
});

test('a value that two workers promote is promoted by one, and the other says so', async () => {
  const start = STARTS.due;
  if (start === undefined) throw new Error('no start');
  const lab = await started(AUTH, start);
  const version = lab.due();
  const slow = holding(promotes);
  const first = lab.rotate({ version }, slow.gate);
  await slow.held;
  expect(await lab.rotate({ version })).toMatchObject({ outcome: 'promoted', reason: 'unverified' });
  slow.release();
  expect(await first).toMatchObject({ outcome: 'promoted', reason: 'by-another-worker' });
});
