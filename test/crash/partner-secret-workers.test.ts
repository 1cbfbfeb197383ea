import { type Effect, holding, promotes, putsIntent, putsTry, putsValue, verb } from '../support/gates';
import { forAllInterleavings, interleave, type Work } from '../support/interleaver';
import { judged } from '../support/judged';
import { labPartner } from '../support/lab-partner';
import { AT_ONCE, PARTNERS, partnerLab, WITH_GRACE } from '../support/partner-situations';
import { personAt } from '../support/person';
import type { Lab } from '../support/rotation-lab';
import type { VendorCase } from '../support/situations';
import { promotionsOf, tolerated } from '../support/workers';

// Workers that change the partner secret, and workers that only log in with it, without a lock between them, interleaved
// by fast-check; some are paused beyond every limit, some die.

const ROUGH = 130;
const CALM = 60;

/** Three changes of the same version, two workers that log in twice, and a settling. */
function contenders(lab: Lab): Record<string, Work> {
  const version = lab.due();
  const change: Work = (gate) => lab.rotate({ version }, gate);
  const logins: Work = async (gate) => {
    const { token } = labPartner(lab, gate).login;
    await tolerated(token());
    await tolerated(token());
  };
  return { A: change, B: change, C: change, L: logins, M: logins, R: (gate) => lab.settle({}, gate) };
}

const counted = { judged: 0, blocked: 0, refused: [0, 0, 0, 0, 0] };
afterAll(() => process.stdout.write(`partner secret: ${JSON.stringify(counted)}\n`));

async function expectWithinBudget(lab: Lab, where: string): Promise<void> {
  await judged(lab, where);
  const { logins, changes } = lab.vendor.partner.refused;
  if (logins + changes > 3) throw new Error(`${where}: ${logins} logins and ${changes} changes were refused`);
  counted.judged += 1;
  counted.blocked += Number(lab.tags().blocked !== undefined);
  counted.refused[logins + changes] = (counted.refused[logins + changes] ?? 0) + 1;
}

const CONTENDED = ['due', 'due, AWSPREVIOUS past its grace', 'compromised'];

describe.each(PARTNERS)('%s', (_name, vendor) => {
  test.each(CONTENDED)('%s: workers that race, pause and die stay within the budget of logins', async (start) => {
    const from = await partnerLab(vendor, start);
    await forAllInterleavings({ runs: ROUGH, mortal: ['A', 'B', 'C', 'L', 'M', 'R'] }, async (course) => {
      const lab = from.fork();
      await interleave(course, lab.world.clock, contenders(lab));
      await expectWithinBudget(lab, start);
    });
  });

  test.each(CONTENDED)('%s: without pauses and deaths nothing is refused, and one is promoted', async (start) => {
    const from = await partnerLab(vendor, start);
    await forAllInterleavings({ runs: CALM }, async (course) => {
      const lab = from.fork();
      const promotions = promotionsOf(lab);
      const { M: _, ...workers } = contenders(lab); // ordinary logins have a lock among them: one at a time
      await interleave(course, lab.world.clock, workers);
      await judged(lab, start);
      const { refused } = lab.vendor.partner;
      expect([refused, promotions(), lab.tags().blocked]).toEqual([{ logins: 0, changes: 0 }, 1, undefined]);
    });
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
