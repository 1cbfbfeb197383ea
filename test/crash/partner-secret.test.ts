import { judged } from '../support/judged';
import { everyFault, FAULTS, momentsOf } from '../support/moments';
import { PARTNER_STARTS, PARTNERS, partnerLab, WITH_GRACE } from '../support/partner-situations';
import { personAt } from '../support/person';
import { count, sized } from '../support/proof';
import type { Lab } from '../support/rotation-lab';
import { DAY, type Start, started } from '../support/situations';

jest.setTimeout(sized({ short: 30_000, full: 900_000 }));

// The kind whose value we choose, with every answer that an effect can get, and dead after it: nothing is lost, and never more
// than two logins of a change are refused: five would lock the account for good. Crash points: every-point.

const counted = { faults: 0, blocked: 0 };
afterAll(() => {
  process.stdout.write(`partner secret: faults ${counted.faults}; blocked after ${counted.blocked}\n`);
});

/** Judges all; @returns whether it ended blocked */
async function ends(lab: Lab, where: string, later: readonly (() => unknown)[] = []): Promise<boolean> {
  await judged(lab, where, later);
  return lab.tags().blocked !== undefined;
}

const STARTS: [string, Start][] = Object.entries(PARTNER_STARTS);
/** Of these, short runs have each fault die at each later effect. */
const DYING = ['due', 'compromised'];

describe.each(PARTNERS)('%s', (_name, vendor) => {
  test.each(STARTS)('%s: where a crash ends blocked, the old one may be dead', async (name, start) => {
    const from = await started(vendor, start);
    let blocked = 0;
    for (const { where, lab } of await momentsOf(from, start.job(from).run)) blocked += Number(await ends(lab, where));
    // Only between the login with the new value and the writing down of it.
    const oldOneMayBeDead = vendor.behaviour === 'chosen' || name.includes('compromised');
    expect(blocked).toBeLessThanOrEqual(oldOneMayBeDead ? 4 : 0);
  });

  test.each(STARTS)('%s: any answer to any effect, and a crash after it', async (name, start) => {
    const from = await started(vendor, start);
    const job = start.job(from);
    const dies = sized({ short: DYING.includes(name), full: true });
    for (const fault of FAULTS) {
      for await (const { where, lab, later } of everyFault(from, job, fault, dies)) {
        counted.blocked += Number(await ends(lab, where, later));
        counted.faults += 1;
        count('faulted answers');
      }
    }
  });
});

test('a whole change: staged, told, tried once, proven, promoted; nothing refused', async () => {
  const lab = await partnerLab(WITH_GRACE, 'due');
  const effects: string[] = [];
  lab.due();
  const outcome = await lab.rotate({}, async (effect, perform) => {
    effects.push(effect.name);
    return perform();
  });
  expect(outcome).toMatchObject({ outcome: 'promoted', reason: 'verified' });
  expect(
    effects.filter((name) => !['DescribeSecret', 'GetSecretValue', 'ListSecretVersionIds'].includes(name)),
  ).toEqual([
    'reserve writes',
    'PutSecretValue',
    'PutSecretValue',
    'change',
    'PutSecretValue',
    'login',
    'TagResource',
    'UpdateSecretVersionStage',
  ]);
  expect(lab.tags().proven).toBe(lab.holder('AWSCURRENT'));
  expect(lab.vendor.partner.refused).toEqual({ logins: 0, changes: 0 });
});

test.each(PARTNERS)(
  'rolled back, the vendor is told the value before once more, and it stays: %s',
  async (_, vendor) => {
    const lab = await partnerLab(vendor, 'rolled back');
    const [before, undone] = [lab.grantOn('AWSPREVIOUS'), lab.grantOn('AWSCURRENT')];
    expect(await lab.rollback()).toMatchObject({ outcome: 'promoted', reason: 'verified' });
    await judged(lab, 'rolled back');
    expect([lab.grantOn('AWSCURRENT'), lab.grantOn('AWSPREVIOUS')]).toEqual([before, undone]);
    expect(lab.vendor.partner.refused).toEqual({ logins: 0, changes: 0 });
  },
);

test('a rollback is a change: none within the grace of the vendor', async () => {
  const lab = await partnerLab({ ...WITH_GRACE, policy: { graceMs: 30 * DAY } }, 'settling');
  expect(await lab.rollback()).toMatchObject({ outcome: 'refused', reason: 'previous-in-grace' });
});

test('a value that does not hold the secret is not rolled back to: it could be neither told nor tried', async () => {
  const lab = await partnerLab(WITH_GRACE, 'rolled back');
  const current = lab.holder('AWSCURRENT') ?? '';
  personAt(lab).putsValue({ note: 'not the secret' });
  personAt(lab).moves('AWSCURRENT', current);
  await lab.rollback(); // looks through what the person did, and waits for the grace
  const pending = lab.holder('AWSPENDING');
  lab.world.clock.advance(31 * DAY);
  expect(await lab.rollback()).toEqual({ outcome: 'refused', reason: 'the-value-before-it-cannot-be-read' });
  expect([lab.holder('AWSCURRENT'), lab.holder('AWSPENDING')]).toEqual([current, pending]);
});
