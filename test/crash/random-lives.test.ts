import { RotationError } from '../../src/errors';
import { tag } from '../../src/rotation-tags';
import { crashAt, type Gate, open } from '../support/gates';
import { judged } from '../support/judged';
import { DAY, HOUR } from '../support/lab-steps';
import { personAt } from '../support/person';
import { count, seedOr, sized } from '../support/proof';
import { randomFrom } from '../support/random';
import { recover } from '../support/recovery';
import { type Lab, rotationLab } from '../support/rotation-lab';
import { VENDORS, type VendorCase } from '../support/situations';
import { discardUnstored } from '../support/workers';

jest.setTimeout(sized({ short: 30_000, full: 900_000 }));

// One life after another: every door is used in any order, by workers that die anywhere. Then sweeps run to the end.

type Random = () => number;

const STEPS = sized({ short: 7, full: 9 });
const LIVES = sized({ short: 60, full: 400 });
const FIRST = seedOr(1);
afterAll(() => process.stdout.write(`lives: seeds ${FIRST} to ${FIRST + LIVES - 1}\n`));

interface Door {
  readonly name: string;
  open(lab: Lab, gate: Gate): Promise<unknown>;
}

const DOORS: readonly Door[] = [
  {
    name: 'rotate',
    open(lab, gate) {
      lab.due();
      return lab.rotate({ wish: 'normal' }, gate);
    },
  },
  { name: 'rollback', open: (lab, gate) => lab.rollback(gate) },
  { name: 'settle', open: (lab, gate) => lab.settle({}, gate) },
  { name: 'end-grace', open: (lab, gate) => lab.settle({ graceEnded: true }, gate) },
  {
    name: 'import',
    open(lab, gate) {
      lab.mayBeReplaced.add(lab.holder('AWSPENDING') ?? ''); // an import before it is seen through first
      return lab.import(lab.vendor.byHand(), gate);
    },
  },
  {
    name: 'retire',
    async open(lab, gate) {
      lab.changeEntry({ retired: { deleteSecret: false } });
      await lab.settle({}, gate);
    },
  },
  { name: 'sweeps', open: (lab, gate) => recover(lab, gate) },
  {
    name: 'compromised',
    async open(lab) {
      const version = lab.holder('AWSCURRENT');
      if (version === undefined) return;
      lab.due();
      for (const [key, value] of Object.entries(tag.compromised(version, lab.world.clock.now())))
        personAt(lab).tags(key, value);
    },
  },
  { name: 'puts', open: async (lab) => void personAt(lab).putsValue() },
  {
    name: 'takes-previous',
    async open(lab) {
      personAt(lab).takesAway('AWSPREVIOUS');
      personAt(lab).putsValue();
    },
  },
  {
    name: 'moves-back',
    async open(lab) {
      const previous = lab.holder('AWSPREVIOUS') ?? '';
      if (lab.vendor.live.has(lab.grantOf(previous) ?? '')) personAt(lab).moves('AWSCURRENT', previous);
    },
  },
  { name: 'takes-pending', open: async (lab) => personAt(lab).takesAway('AWSPENDING') },
];

const TIMES = [0, 0, 60_000, 2 * HOUR, 2 * DAY];
const pick = <T>(random: Random, from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;

async function live(vendor: VendorCase, seed: number, doors: readonly Door[]): Promise<void> {
  const random = randomFrom(seed);
  const lab = rotationLab(vendor);
  const trace: string[] = [];
  await lab.rotate();
  for (let n = 0; n < STEPS; n += 1) {
    const door = pick(random, doors);
    const dies = random() < 0.5;
    const crash = crashAt(1 + Math.floor(random() * 14), random() < 0.5 ? 'before' : 'after');
    const work = door.open(lab, dies ? crash.gate : open).catch((error: unknown) => {
      if (!(error instanceof RotationError) || error.code === 'invariant') throw error;
      return error.code;
    });
    const ended = await Promise.race(dies ? [work, crash.died] : [work]);
    trace.push(`${door.name}${ended === 'died' ? '!' : ''}`);
    if (lab.credential.retired !== undefined && random() < 0.5) {
      lab.reactivate();
      trace.push('active');
    }
    discardUnstored(lab);
    lab.world.clock.advance(pick(random, TIMES));
    trace.push(`+${Math.round((lab.world.clock.now() / HOUR) % 10000)}`);
  }
  lab.reactivate();
  await recover(lab);
  lab.world.clock.advance(31 * DAY); // what is found by the next rotation only
  lab.due();
  await judged(lab, `seed ${seed}: ${trace.join(' ')}`);
}

/** Where another grant kills the one before, people have to see their import through: imports.test.ts. */
const OVERLAPPING = VENDORS.filter(([, { behaviour }]) => behaviour === 'overlap' || behaviour === 'same');

const OF_PEOPLE = ['puts', 'takes-previous', 'takes-pending', 'moves-back'];

describe.each(OVERLAPPING)('%s', (_name, vendor) => {
  test.each([
    ['our own doors', DOORS.filter(({ name }) => !OF_PEOPLE.includes(name))],
    ['and people', DOORS],
  ])('%s: nothing is lost and nothing leaks', async (_which, doors) => {
    for (let seed = FIRST; seed < FIRST + LIVES; seed += 1) {
      await live(vendor, seed, doors);
      count('interleavings');
    }
  });
});
