import type { VendorAnswer } from '../../src/provider';
import type { Outcome } from '../../src/rotation-context';
import { faulty, type Gate, onNth, promotes, putsIntent, putsTombstone, putsValue, verb } from '../support/gates';
import { importUntilCurrent } from '../support/importing';
import { judged } from '../support/judged';
import {
  AUTH,
  at,
  DAY,
  diesBefore,
  FINICITY,
  grants,
  HOUR,
  MINUTE,
  OUTBOUND,
  refusedTimes,
  waitingAt,
} from '../support/lab-steps';
import { grantOf } from '../support/memory-vendor';
import { personAt } from '../support/person';
import { recover } from '../support/recovery';
import type { Lab } from '../support/rotation-lab';

// What an import meets, and leaves. Crash points of imports: every-point.

test.each([AUTH, FINICITY, OUTBOUND])('a worker that finds the staged value promotes it: $kind', async (vendor) => {
  const lab = await at(vendor, 'on demand');
  const answer = lab.vendor.byHand();
  await dies(lab, answer, promotes);
  await recover(lab);
  expect(lab.grantOn('AWSCURRENT')).toBe(grantOf(vendor.kind, answer));
  await judged(lab, 'staged');
});

test('an intent alone is given up as not done: nothing is suspected, nothing waits', async () => {
  const lab = await at(AUTH, 'due');
  const answer = lab.vendor.byHand();
  await dies(lab, answer, putsValue);
  lab.vendor.ends(grantOf(lab.credential.kind, answer)); // the person thinks better of it
  lab.world.clock.advance(MINUTE);
  lab.due();
  expect(await lab.rotate()).toMatchObject({ outcome: 'promoted' });
  expect(lab.tags().suspects).toEqual([]);
  await judged(lab, 'given up');
});

async function dies(lab: Lab, answer: VendorAnswer, applies: (effect: Parameters<Gate>[0]) => boolean): Promise<void> {
  let reached: (word: 'died') => void = () => undefined;
  const died = new Promise<'died'>((resolve) => {
    reached = resolve;
  });
  const gate: Gate = async (effect, perform) => {
    if (!applies(effect)) return perform();
    reached('died');
    return new Promise(() => undefined);
  };
  await Promise.race([lab.import(answer, gate), died]);
}

describe('a value that its vendor refuses', () => {
  const refusedBy = (lab: Lab): Promise<Outcome> => lab.import({ client_id: 'dc-memory', client_secret: 'grant-99' });

  test('is given up and told so; AWSCURRENT stays, no failure is counted, however often', async () => {
    const lab = await at(OUTBOUND, 'on demand');
    const before = lab.holder('AWSCURRENT');
    for (let n = 0; n < 7; n += 1) {
      expect(await refusedBy(lab)).toEqual({ outcome: 'failed', reason: 'value-refused' });
      expect(lab.holder('AWSCURRENT')).toBe(before);
    }
    expect(lab.tags().blocked).toBeUndefined();
    expect(lab.tags().suspects).toEqual([]);
    expect(lab.alarms).toEqual([]);
    lab.due();
    expect(await lab.rotate({ wish: 'normal' })).toMatchObject({ outcome: 'promoted' });
    await judged(lab, 'refused');
  });

  test('does not make a rotation forget the failures that it had', async () => {
    const lab = await at(OUTBOUND, 'due');
    await refusedTimes(lab, 4);
    await refusedBy(lab);
    lab.world.clock.advance(DAY);
    lab.due();
    expect(await lab.rotate({}, faulty(onNth(1, 'refused', verb('issue'))))).toMatchObject({ outcome: 'blocked' });
  });
});

test('within the grace of the version before it is refused with the date, where that grant is ours to revoke', async () => {
  const lab = await at(FINICITY, 'compromised within the grace of the one before');
  personAt(lab).removesTags(`rotation:compromised:${lab.holder('AWSCURRENT')}`);
  const answer = lab.vendor.byHand();
  const intents = lab.world.calls.length;
  const { outcome, reason, retryAt = 0 } = await lab.import(answer);
  expect({ outcome, reason }).toEqual({ outcome: 'waits', reason: 'previous-in-grace' });
  expect(retryAt).toBeGreaterThan(lab.world.clock.now() + 20 * HOUR);
  expect(lab.world.calls.slice(intents)).toEqual(['DescribeSecret', 'GetSecretValue']); // is it the one before?
  lab.world.clock.advance(retryAt - lab.world.clock.now());
  expect(await lab.import(answer)).toMatchObject({ outcome: 'promoted', reason: 'unverified' });
  await judged(lab, 'after the grace');
});

test('over a compromised version it does not wait: the grants before go', async () => {
  const lab = await at(AUTH, 'compromised within the grace of the one before');
  const answer = lab.vendor.byHand();
  expect(await lab.import(answer)).toMatchObject({ outcome: 'promoted' });
  await recover(lab);
  expect(grants(lab)).toEqual([grantOf(AUTH.kind, answer)]);
  await judged(lab, 'compromised');
});

test('a blocked credential takes no import until a person has resolved it', async () => {
  const lab = await at(AUTH, 'due');
  await lab.context().store.tag(lab.credential, { 'rotation:blocked': 'somebody looks into it' });
  expect(await lab.import(lab.vendor.byHand())).toMatchObject({ outcome: 'blocked', reason: 'somebody looks into it' });
  expect(lab.holder('AWSPENDING')).toBe(lab.holder('AWSCURRENT'));
});

test("what another worker has left staged is promoted first, and is not taken for the import's own", async () => {
  const lab = await at({ kind: 'flinks-outbound-recipient', behaviour: 'overlap' }, 'due'); // so that the staged one works
  await diesBefore(lab, promotes);
  const staged = lab.holder('AWSPENDING');
  const answer = lab.vendor.byHand();
  const outcome = await lab.import(answer);
  expect(lab.holder('AWSPREVIOUS')).toBe(staged);
  expect(lab.grantOn('AWSCURRENT')).toBe(grantOf(OUTBOUND.kind, answer));
  expect(outcome).toMatchObject({ outcome: 'promoted', version: lab.holder('AWSCURRENT') });
});

test('while another worker may act on its intent the import waits', async () => {
  const lab = await at(AUTH, 'due');
  const other = await waitingAt(lab, verb('issue'));
  expect(await lab.import(lab.vendor.byHand())).toMatchObject({ outcome: 'waits', reason: 'owner-may-act' });
  expect(await other.goOn()).toMatchObject({ outcome: 'promoted' });
});

test('a vendor that cannot be asked leaves the value staged: the worker verifies it later', async () => {
  const lab = await at(OUTBOUND, 'on demand');
  const answer = lab.vendor.byHand();
  const silent = faulty((effect) => (verb('verify')(effect) ? 'not-done' : undefined));
  expect(await lab.import(answer, silent)).toEqual({ outcome: 'waits', reason: 'staged' });
  await recover(lab);
  expect(lab.grantOn('AWSCURRENT')).toBe(grantOf(OUTBOUND.kind, answer));
  await judged(lab, 'verified later');
});

test('a value that Secrets Manager never takes is not revoked behind the back of whoever has it', async () => {
  const lab = await at(FINICITY, 'on demand');
  const answer = lab.vendor.byHand();
  const full = faulty((effect) => (putsValue(effect) ? 'refused' : undefined));
  expect(await lab.import(answer, full)).toEqual({ outcome: 'failed', reason: 'value-not-stored' });
  expect(lab.vendor.live.has(grantOf(FINICITY.kind, answer))).toBe(true);
  expect(lab.tags().suspects).toEqual([]);
  await importUntilCurrent(lab, answer);
  await judged(lab, 'stored in the end');
});

test('given up by another worker while it was being staged: not revoked, not suspected', async () => {
  const lab = await at(FINICITY, 'on demand');
  const answer = lab.vendor.byHand();
  const slow: Gate = async (effect, perform) => {
    if (putsValue(effect)) {
      lab.world.clock.advance(HOUR);
      await recover(lab);
    }
    return perform();
  };
  expect(await lab.import(answer, slow)).toEqual({ outcome: 'failed', reason: 'given-up-by-another-worker' });
  expect(lab.vendor.live.has(grantOf(FINICITY.kind, answer))).toBe(true);
  await importUntilCurrent(lab, answer);
  await judged(lab, 'imported again');
});

test.each([
  ['the intent', putsIntent],
  ['the value', putsValue],
  ['a tombstone', putsTombstone],
  ['the promotion', promotes],
] as const)('a lost answer to %s does no harm', async (_what, applies) => {
  for (const fault of ['lost-after', 'lost-before', 'not-done'] as const) {
    const lab = await at(AUTH, 'on demand');
    const answer = lab.vendor.byHand();
    await lab.import(answer, faulty(onNth(1, fault, applies))).catch(() => undefined);
    await recover(lab);
    await importUntilCurrent(lab, answer);
    await judged(lab, fault);
  }
});
