import { RotationError } from '../../src/errors';
import { crashAt, type Effect, type Fault, faulty, onNth } from '../support/gates';
import { judged } from '../support/judged';
import { PARTNER_STARTS, PARTNERS, partnerLab, WITH_GRACE } from '../support/partner-situations';
import { personAt } from '../support/person';
import { recover } from '../support/recovery';
import type { Lab } from '../support/rotation-lab';
import { DAY, type VendorCase } from '../support/situations';

// The kind whose value we choose, killed at every effect, with every answer that an effect can get, and both: nothing is
// lost, and never more than two logins of a change are refused: five would lock the account for good.

const counted = { points: 0, pairs: 0, faults: 0, blocked: 0 };
afterAll(() =>
  process.stdout.write(
    `partner secret: crash points ${counted.points}, pairs ${counted.pairs}, faults ${counted.faults}; blocked after ${counted.blocked}\n`,
  ),
);

/** Judges all; @returns whether it ended blocked */
async function ends(lab: Lab, where: string, later: readonly (() => unknown)[] = []): Promise<boolean> {
  await judged(lab, where, later);
  const { refused } = lab.vendor.partner;
  const blocked = lab.tags().blocked !== undefined;
  if (refused.logins > 2) throw new Error(`${where}: ${refused.logins} logins were refused`);
  if (refused.logins + refused.changes > 3) throw new Error(`${where}: ${JSON.stringify(refused)}`);
  if (blocked) counted.blocked += 1;
  return blocked;
}

const tried = async (job: Promise<unknown>): Promise<'ended'> => {
  await job.catch((error: unknown) => {
    if (!(error instanceof RotationError) || error.code === 'invariant') throw error;
  });
  return 'ended';
};

async function dieOnce(vendor: VendorCase, start: string, n: number, when: 'before' | 'after'): Promise<Lab | 'ended'> {
  const lab = await partnerLab(vendor, start);
  const { gate, died } = crashAt(n, when);
  const job = PARTNER_STARTS[start]?.job(lab, gate) ?? Promise.reject(new Error('no job'));
  return (await Promise.race([job, died])) === 'died' ? lab : 'ended';
}

const STARTS = Object.keys(PARTNER_STARTS);
const WHEN = ['before', 'after'] as const;

describe.each(PARTNERS)('%s', (_name, vendor) => {
  test.each(STARTS)('%s: a crash at any effect', async (start) => {
    let blocked = 0;
    let ended = false;
    for (let n = 1; !ended; n += 1) {
      for (const when of WHEN) {
        const lab = await dieOnce(vendor, start, n, when);
        ended = lab === 'ended';
        if (lab === 'ended') continue;
        counted.points += 1;
        blocked += Number(await ends(lab, `${when} effect ${n}`));
      }
    }
    // Only between the login with the new value and the writing down of it, where the old one is dead already.
    const oldOneMayBeDead = vendor.behaviour === 'chosen' || start.includes('compromised');
    expect(blocked).toBeLessThanOrEqual(oldOneMayBeDead ? 4 : 0);
  });

  test.each(STARTS)('%s: a second crash, while the first is recovered from', async (start) => {
    for (let n = 1; (await dieOnce(vendor, start, n, 'after')) !== 'ended'; n += 1) {
      for (let m = 1; ; m += 1) {
        const lab = await dieOnce(vendor, start, n, 'after');
        if (lab === 'ended') throw new Error('the same job ended elsewhere');
        const { gate, died } = crashAt(m, 'after');
        if ((await Promise.race([recover(lab, gate), died])) !== 'died') break;
        counted.pairs += 1;
        await ends(lab, `after effect ${n}, then after effect ${m} of the recovery`);
      }
    }
  });

  test.each(STARTS)('%s: any answer to any effect, and a crash after it', async (start) => {
    for (const fault of FAULTS) {
      for (let n = 1; (await faultThenCrash(vendor, start, n, fault, undefined)) === 'met'; n += 1) {
        for (let m = n + 1; (await faultThenCrash(vendor, start, n, fault, m)) === 'met'; m += 1);
      }
    }
  });
});

const FAULTS: readonly Fault[] = ['lost-before', 'lost-after', 'late', 'refused', 'not-done'];

async function faultThenCrash(vendor: VendorCase, start: string, n: number, fault: Fault, m: number | undefined) {
  const lab = await partnerLab(vendor, start);
  const later: (() => unknown)[] = [];
  let met = 0;
  const counts = (_effect: Effect): boolean => {
    met += 1;
    return true;
  };
  const inner = faulty(onNth(n, fault, counts), later);
  const crash = crashAt(m ?? Number.POSITIVE_INFINITY, 'after');
  const job = PARTNER_STARTS[start]?.job(lab, (effect, perform) => crash.gate(effect, () => inner(effect, perform)));
  const how = await Promise.race([tried(job ?? Promise.reject(new Error('no job'))), crash.died]);
  if (met < n || (m !== undefined && how !== 'died')) return 'over';
  counted.faults += 1;
  await ends(lab, `${fault} at effect ${n}${m === undefined ? '' : `, a crash after effect ${m}`}`, later);
  return 'met';
}

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
