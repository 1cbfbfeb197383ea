import { RotationError } from '../../src/errors';
import { type Effect, holding, promotes, putsIntent, putsTry, putsValue, verb } from '../support/gates';
import { type Chooser, interleaver, randomFrom } from '../support/interleaver';
import { judged } from '../support/judged';
import { labPartner } from '../support/lab-partner';
import { AT_ONCE, PARTNERS, partnerLab, WITH_GRACE } from '../support/partner-situations';
import { personAt } from '../support/person';
import type { Lab } from '../support/rotation-lab';
import type { VendorCase } from '../support/situations';

// Workers that change the partner secret, and workers that only log in with it, without a lock between them, interleaved at
// random from printed seeds; some are paused beyond every limit, some die.

const SEEDS_EACH = 80;
const PAUSES_MS = [6_000, 31_000, 600_000];

const tolerated = async (work: Promise<unknown>): Promise<void> => {
  await work.catch((error: unknown) => {
    if (!(error instanceof RotationError) || error.code === 'invariant') throw error;
  });
};

function atRandom(lab: Lab, random: () => number): Chooser {
  let deaths = 0;
  return (waiting) => {
    if (random() < 0.04) lab.world.clock.advance(PAUSES_MS[Math.floor(random() * PAUSES_MS.length)] ?? 0);
    const index = Math.floor(random() * waiting.length);
    if (deaths >= 2 || random() > 0.02) return index;
    deaths += 1;
    return { die: index };
  };
}

/** Two or three changes of the same version, two logins one after the other, and a settling. */
async function interleaved(lab: Lab, choose: (random: () => number) => Chooser, seed: number): Promise<string> {
  const random = randomFrom(seed);
  const { gate, run, trace } = interleaver();
  const version = lab.due();
  const change = (worker: string) => () => tolerated(lab.rotate({ version }, gate(worker)));
  const names = ['A', 'B', 'C'].slice(0, random() < 0.5 ? 2 : 3);
  const workers = Object.fromEntries(names.map((worker) => [worker, change(worker)]));
  const login = (worker: string) => {
    const { token } = labPartner(lab, gate(worker)).login;
    return async () => {
      await tolerated(token());
      await tolerated(token());
    };
  };
  await run(
    { ...workers, L: login('L'), M: login('M'), R: () => tolerated(lab.settle({}, gate('R'))) },
    choose(random),
  );
  return `seed ${seed}: ${trace.join(' ')}`;
}

const counted = { interleavings: 0, blocked: 0, refused: [0, 0, 0, 0, 0] };
afterAll(() => process.stdout.write(`partner secret: ${JSON.stringify(counted)}\n`));

async function expectWithinBudget(lab: Lab, trace: string): Promise<void> {
  await judged(lab, trace);
  const { logins, changes } = lab.vendor.partner.refused;
  if (logins + changes > 3) throw new Error(`${trace}: ${logins} logins and ${changes} changes were refused`);
  counted.interleavings += 1;
  counted.blocked += Number(lab.tags().blocked !== undefined);
  counted.refused[logins + changes] = (counted.refused[logins + changes] ?? 0) + 1;
}

const CONTENDED = ['due', 'due, AWSPREVIOUS past its grace', 'compromised'];

describe.each(PARTNERS)('%s', (_name, vendor) => {
  test.each(CONTENDED)('%s: workers that race, pause and die stay within the budget of logins', async (start) => {
    for (let seed = 1; seed <= SEEDS_EACH; seed += 1) {
      const lab = await partnerLab(vendor, start);
      await expectWithinBudget(lab, await interleaved(lab, (random) => atRandom(lab, random), seed));
    }
  });

  test.each(CONTENDED)('%s: without pauses and deaths nothing is refused, and one is promoted', async (start) => {
    for (let seed = 1; seed <= SEEDS_EACH; seed += 1) {
      const lab = await partnerLab(vendor, start);
      let promotions = 0;
      const before = lab.world.onCall;
      lab.world.onCall = (effect) => {
        before(effect);
        if (promotes(effect)) promotions += 1;
      };
      const trace = await interleaved(lab, (random) => (waiting) => Math.floor(random() * waiting.length), seed);
      await judged(lab, trace);
      expect([trace, lab.vendor.partner.refused, promotions, lab.tags().blocked]).toEqual([
        trace,
        { logins: 0, changes: 0 },
        1,
        undefined,
      ]);
    }
  });

  describe('a worker that is paused, and wakes when all is over', () => {
    const steps: [string, (effect: Effect) => boolean][] = [
      ['its intent', putsIntent],
      ['the put of its value', putsValue],
      ['its change', verb('change')],
      ['its first try', putsTry],
      ['its login', verb('login')],
      ['its promotion', promotes],
    ];
    test.each(steps)('before %s', async (_step, applies) => {
      const lab = await partnerLab(vendor, 'due');
      const { gate, release, held } = holding(applies);
      const version = lab.due();
      const paused = tolerated(lab.rotate({ version }, gate));
      await held;
      lab.world.clock.advance(120_000);
      await judged(lab, 'while it is paused');
      release();
      await paused;
      await expectWithinBudget(lab, 'after it woke');
    });
  });
});

describe('a staged value is left to its owner', () => {
  test.each([
    ['told the vendor', verb('change')],
    ['logged in', verb('login')],
  ])('until it can no longer have %s', async (_what, applies) => {
    const lab = await partnerLab(WITH_GRACE, 'due');
    const { gate, held, release } = holding(applies);
    lab.due();
    const owner = lab.rotate({}, gate);
    await held;
    lab.world.clock.advance(59_000);
    expect(await lab.rotate()).toMatchObject({ outcome: 'waits', reason: 'owner-may-act' });
    release();
    expect(await owner).toMatchObject({ outcome: 'promoted' });
    expect(lab.vendor.partner.refused).toEqual({ logins: 0, changes: 0 });
  });

  test('and then to whoever takes the first try', async () => {
    const lab = await partnerLab(AT_ONCE, 'due');
    const died = holding(putsTry);
    lab.due();
    await Promise.race([died.held, lab.rotate({}, died.gate)]);
    lab.world.clock.advance(120_000);
    const reading = holding(({ name }) => name === 'GetSecretValue');
    const second = lab.rotate({}, reading.gate);
    await reading.held;
    const trying = holding(verb('login'));
    const third = lab.rotate({}, trying.gate);
    await trying.held;
    reading.release();
    expect(await second).toMatchObject({ outcome: 'waits', reason: 'owner-may-act' });
    trying.release();
    expect(await third).toMatchObject({ outcome: 'promoted' });
    expect(lab.vendor.partner.refused).toEqual({ logins: 0, changes: 0 });
  });
});

describe('an ordinary login', () => {
  async function loginAt(applies: (effect: Effect) => boolean, vendor: VendorCase = WITH_GRACE) {
    const lab = await partnerLab(vendor, 'due');
    const { gate, release, held } = holding(applies);
    const login = labPartner(lab, gate).login.token();
    await held;
    return { lab, release, login };
  }
  const marks = ({ name }: Effect): boolean => name === 'TagResource';

  test('that has looked, and comes to its mark when a value is staged, does nothing', async () => {
    const { lab, release, login } = await loginAt(marks);
    const { gate, held, release: goOn } = holding(verb('change'));
    lab.due();
    const change = lab.rotate({}, gate);
    await held;
    release();
    await expect(login).rejects.toMatchObject({ code: 'provider-unavailable' });
    goOn();
    expect(await change).toMatchObject({ outcome: 'promoted' });
    await expectWithinBudget(lab, 'overtaken');
    expect(lab.vendor.partner.refused).toEqual({ logins: 0, changes: 0 });
  });

  test('that is under way is waited for; no change is begun', async () => {
    const { lab, release, login } = await loginAt(verb('ordinary login'));
    const told: string[] = [];
    lab.due();
    const change = lab.rotate({}, async (effect, perform) => {
      if (effect.at === 'vendor') told.push(effect.name);
      return perform();
    });
    await expect(change).rejects.toMatchObject({ code: 'lock-held' });
    expect([told, lab.holder('AWSPENDING')]).toEqual([[], undefined]);
    release();
    await login;
    await expectWithinBudget(lab, 'waited for');
    expect(lab.tags().blocked).toBeUndefined();
  });

  test('that began just before the value was staged is waited for; where it does not end, nothing is told', async () => {
    const lab = await partnerLab(WITH_GRACE, 'due');
    const marked = holding(marks);
    const login = labPartner(lab, marked.gate).login.token();
    await marked.held;
    const told: string[] = [];
    lab.due();
    const change = lab.rotate({}, async (effect, perform) => {
      if (putsIntent(effect)) {
        personAt(lab).tags('rotation:login-open', new Date(lab.world.clock.now()).toISOString());
      }
      if (effect.at === 'vendor') told.push(effect.name);
      return perform();
    });
    expect(await change).toMatchObject({ outcome: 'waits', reason: 'backing-off' });
    expect(told).toEqual([]);
    personAt(lab).removesTags('rotation:login-open');
    marked.release();
    await login;
    await expectWithinBudget(lab, 'waited for');
    expect(lab.vendor.partner.refused).toEqual({ logins: 0, changes: 0 });
  });

  test.each([
    ['staged', verb('change')],
    ['told to the vendor', verb('login')],
    ['proven', promotes],
  ])('waits while a value is %s by a worker that died', async (_where, applies) => {
    const lab = await partnerLab(WITH_GRACE, 'due');
    const { gate, held } = holding(applies);
    lab.due();
    await Promise.race([held, lab.rotate({}, gate)]);
    const { token } = labPartner(lab, async (_effect, perform) => perform()).login;
    await expect(token()).rejects.toMatchObject({ code: 'provider-unavailable' });
    await judged(lab, 'waits');
    await token();
    expect(lab.vendor.partner.refused.changes).toBe(0);
  });
});
