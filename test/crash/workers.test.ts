import type { Wish } from '../../src/decision';
import type { Outcome } from '../../src/rotation-context';
import { holding, promotes, putsValue } from '../support/gates';
import { forAllInterleavings, interleave, type Work } from '../support/interleaver';
import { judged } from '../support/judged';
import { AUTH, at, FINICITY, grants, MINUTE, OUTBOUND } from '../support/lab-steps';
import { count } from '../support/proof';
import type { Lab } from '../support/rotation-lab';
import { STARTS, VENDORS, type VendorCase } from '../support/situations';
import { type Calls, callsTo, discardUnstored, onPromotion, promotionsOf, tolerated } from '../support/workers';

// Two and three workers on one credential, their effects interleaved by fast-check; some are paused beyond every limit, some
// die. One promotion per due version; whoever loses leaves nothing behind that nobody knows.

const ROUGH = 100;
const CALM = 22;
const OF_IMPORTS = 30;

const CONTENDED = Object.keys(STARTS).filter((start) => start !== 'settling');

/** A job that was told that its attempt was given up meanwhile, and what had been issued to it. */
interface Loser {
  readonly grants: readonly string[];
}

/** Three rotations of the version that is due, the revocation of what is stale, and a message that ends a grace period. */
function contenders(lab: Lab, start: string) {
  const request = { version: lab.due(), wish: wishOf(start) };
  const calls = [callsTo(lab), callsTo(lab), callsTo(lab)] as const;
  const losers: Loser[] = [];
  const rotation =
    (mine: Calls): Work =>
    async (gate) => {
      const { reason } = await lab.rotate(request, mine.through(gate));
      if (reason === 'given-up-by-another-worker') losers.push(mine);
    };
  const workers: Record<string, Work> = {
    A: rotation(calls[0]),
    B: rotation(calls[1]),
    C: rotation(calls[2]),
    R: (gate) => lab.settle({}, gate),
    E: (gate) => lab.settle({ graceEnded: true }, gate),
  };
  return { workers, losers, calls: () => calls.reduce((sum, { count }) => sum + count(), 0) };
}

const lost = { revoked: 0, listed: 0, listedWithoutId: 0 };
afterAll(() => process.stdout.write(`grants of losers: ${JSON.stringify(lost)}\n`));

/**
 * It is dead where a revocation acts on no other grant, else listed with its id: without it where another worker, which had seen the
 * attempt given up and not yet listed, wrote the same tag after its owner.
 */
function expectLost(lab: Lab, grant: string): void {
  if (lab.credential.kind === 'finicity-access-key') {
    expect(grants(lab)).not.toContain(grant);
    lost.revoked += 1;
  } else {
    const withId = tagTexts(lab)?.includes(`never grant ${grant}`) ?? false;
    expect(withId || tagTexts(lab)?.includes('never')).toBe(true);
    lost[withId ? 'listed' : 'listedWithoutId'] += 1;
  }
}

const tagTexts = ({ world, credential }: Lab) =>
  world.aws.DescribeSecret({ SecretId: credential.secretName }).Tags?.map(({ Value }) => Value);

/** A wish is known to the one worker alone: held, it is not done by others meanwhile. */
const NOT_BY_WISH = CONTENDED.filter((start) => start !== 'on demand');
const wishOf = (start: string): Wish => (start === 'on demand' ? 'normal' : 'none');

describe.each(VENDORS)('%s', (_name, vendor) => {
  test.each(CONTENDED)(
    '%s: workers that race, pause and die lose nothing, leak nothing, and promote once',
    async (start) => {
      const from = await at(vendor, start);
      await forAllInterleavings({ runs: ROUGH, mortal: ['A', 'B', 'C', 'R', 'E'] }, async (course) => {
        const lab = from.fork();
        const { workers, losers } = contenders(lab, start);
        await interleave(course, lab.world.clock, workers);
        for (const grant of losers.flatMap((loser) => loser.grants)) expectLost(lab, grant);
        await judged(lab, start);
      });
    },
  );

  test.each(CONTENDED)('%s: without pauses and deaths one call is made, and one version promoted', async (start) => {
    const from = await at(vendor, start);
    await forAllInterleavings({ runs: CALM }, async (course) => {
      const lab = from.fork();
      const promotions = promotionsOf(lab);
      const { workers, calls } = contenders(lab, start);
      await interleave(course, lab.world.clock, workers);
      expect([calls(), promotions(), lab.tags().suspects]).toEqual([1, 1, []]);
      await judged(lab, start);
    });
  });
});

/** Where another grant kills the one before, people have to see their import through: imports.test.ts. */
const OVERLAPPING = VENDORS.filter(([, { behaviour }]) => behaviour === 'overlap' || behaviour === 'same');

describe.each(OVERLAPPING)('%s', (_name, vendor) => {
  test.each(['a new secret', 'due, AWSPREVIOUS past its grace'])(
    '%s: nor does the import of a value by a person, who may go away, lose or leak anything',
    async (start) => {
      const from = await at(vendor, start);
      await forAllInterleavings({ runs: OF_IMPORTS, mortal: ['A', 'B', 'I', 'R'] }, async (course) => {
        const lab = from.fork();
        onPromotion(lab, (from, to) => {
          if (lab.vendor.live.get(lab.grantOf(to) ?? '') === 'person') lab.mayBeUndone.add(from); // as they wished
        });
        const answer = lab.vendor.byHand();
        const { C: _, E: __, ...workers } = contenders(lab, start).workers;
        await interleave(course, lab.world.clock, { ...workers, I: (gate) => lab.import(answer, gate) });
        discardUnstored(lab);
        await judged(lab, start);
      });
    },
  );
});

describe('a worker that is paused, and wakes when all is over', () => {
  /** Holds it as it comes to its n-th effect, while others do everything. @returns whether it came so far */
  async function heldAt(n: number, from: Lab): Promise<boolean> {
    const lab = from.fork();
    let met = 0;
    const { gate, release, held } = holding(() => {
      met += 1;
      return met === n;
    });
    const version = lab.due();
    const paused = tolerated(lab.rotate({ version }, gate));
    if ((await Promise.race([held.then(() => 'held'), paused])) !== 'held') return false;
    lab.world.clock.advance(MINUTE);
    await judged(lab, `while it is held at effect ${n}`);
    const current = lab.grantOn('AWSCURRENT');
    let promotedOverALiveOne = 0;
    onPromotion(lab, (from) => {
      if (lab.vendor.live.has(lab.grantOf(from) ?? '')) promotedOverALiveOne += 1;
    });
    release();
    await paused;
    expect(promotedOverALiveOne).toBe(0);
    await judged(lab, `after it woke at effect ${n}`);
    // what it broke is healed by another version: where nothing was broken nothing was replaced
    if (lab.vendor.live.has(current ?? '')) expect(lab.grantOn('AWSCURRENT')).toBe(current);
    count('interleavings');
    return true;
  }

  describe.each(VENDORS)('%s', (_name, vendor) => {
    test.each(NOT_BY_WISH)('%s: at any of its effects it promotes nothing, and heals what it broke', async (start) => {
      const from = await at(vendor, start);
      let n = 1;
      while (await heldAt(n, from)) n += 1;
      expect(n).toBeGreaterThan(5);
    });
  });
});

describe('the grant of a worker that came too late', () => {
  /** Holds it with the grant in memory, until its attempt has been given up and another one has promoted. */
  async function lateWith(vendor: VendorCase): Promise<{ lab: Lab; late: string; outcome: Outcome | undefined }> {
    const lab = await at(vendor, 'due');
    const { gate, held, release } = holding(putsValue);
    const version = lab.due();
    const paused = tolerated(lab.rotate({ version }, gate));
    await held;
    const late = grants(lab).at(-1) ?? '';
    lab.world.clock.advance(MINUTE);
    lab.due();
    while ((await lab.rotate({ version })).outcome !== 'promoted') lab.world.clock.advance(MINUTE);
    release();
    return { lab, late, outcome: await paused };
  }

  test('is revoked at once where that hurts no other', async () => {
    const { lab, late, outcome } = await lateWith(FINICITY);
    expect(outcome).toEqual({ outcome: 'failed', reason: 'given-up-by-another-worker' });
    expect(grants(lab)).not.toContain(late);
    expect(lab.tags().suspects).toEqual([]);
  });

  test('is listed with its id where a revocation might act on others', async () => {
    const { lab, late } = await lateWith(AUTH);
    expect(grants(lab)).toContain(late);
    expect(tagTexts(lab)).toContain(`never grant ${late}`);
  });

  test('was killed by the one that came after it, or has killed AWSCURRENT, which is verified', async () => {
    const { lab, late } = await lateWith(OUTBOUND);
    expect(grants(lab)).not.toContain(late);
    expect(lab.vendor.live.has(lab.grantOn('AWSCURRENT') ?? '')).toBe(true);
  });
});

test('a value that two workers promote is promoted by one, and the other says so', async () => {
  const lab = await at(AUTH, 'due');
  const version = lab.due();
  const slow = holding(promotes);
  const first = lab.rotate({ version }, slow.gate);
  await slow.held;
  expect(await lab.rotate({ version })).toMatchObject({ outcome: 'promoted', reason: 'unverified' });
  slow.release();
  expect(await first).toMatchObject({ outcome: 'promoted', reason: 'by-another-worker' });
});
