import { stateOf } from '../../src/policy';
import { judgeRequest } from '../../src/request';
import { faulty, type Gate, holding, onNth, putsValue, verb } from '../support/gates';
import { judged } from '../support/judged';
import { AUTH, at, DAY, diesBefore, FINICITY, grants, HOUR, OUTBOUND } from '../support/lab-steps';
import { personAt } from '../support/person';
import { recover } from '../support/recovery';
import { type Lab, rotationLab } from '../support/rotation-lab';
import { STARTS, started, type VendorCase } from '../support/situations';
import { TRAITS } from '../support/traits';

// Credentials that end, and some that come back.

const SecretId = ({ credential }: Lab) => ({ SecretId: credential.secretName });
const isScheduled = (lab: Lab): boolean => lab.world.aws.DescribeSecret(SecretId(lab)).DeletedDate !== undefined;

async function state(lab: Lab) {
  const { credential, world } = lab;
  const seen = await world.store().observe(credential);
  return stateOf({ credential, seen, traits: TRAITS[credential.kind], now: world.clock.now(), ownerLimitMs: 30_000 });
}

/** Two grants live: AWSPREVIOUS is in its grace. */
async function inGrace(vendor: VendorCase): Promise<Lab> {
  const lab = await at(vendor, 'on demand');
  lab.due();
  await lab.rotate({ wish: 'normal' });
  return lab;
}

async function retired(vendor: VendorCase, deleteSecret = false): Promise<Lab> {
  const lab = await inGrace(vendor);
  lab.changeEntry({ retired: { deleteSecret } });
  return lab;
}

/** A sweep's work ends where its first call of this kind would begin. */
async function killedAt(lab: Lab, applies: Parameters<typeof holding>[0]): Promise<void> {
  const { gate, held } = holding(applies);
  await Promise.race([held, recover(lab, gate)]);
}

describe('retired', () => {
  test.each([AUTH, FINICITY])('both grants end at once, the tag comes first, both are named: %o', async (vendor) => {
    const lab = await retired(vendor);
    const [previous, current] = [lab.holder('AWSPREVIOUS'), lab.holder('AWSCURRENT')];
    expect(await state(lab)).toMatchObject({ state: 'retiring', action: 'retire' });
    const order: string[] = [];
    const noting: Gate = async (effect, perform) => {
      if (effect.name === 'TagResource' || effect.name === 'revoke') order.push(effect.name);
      return perform();
    };
    await recover(lab, noting);
    expect(order).toEqual(['TagResource', 'revoke', 'TagResource', 'revoke', 'TagResource']);
    expect(grants(lab)).toEqual([]);
    expect(lab.tags()).toMatchObject({ revoked: [previous, current], retired: { version: current, unused: false } });
    expect(await state(lab)).toEqual({ state: 'retired', action: 'none', reason: 'retired' });
    expect(isScheduled(lab)).toBe(false);
    const before = lab.changes;
    await recover(lab);
    expect(lab.changes).toBe(before);
  });

  test('it stays so when it would be due, and messages neither rotate nor revoke it', async () => {
    const lab = await retired(FINICITY);
    await recover(lab);
    lab.world.clock.advance(90 * DAY);
    const before = lab.changes;
    await recover(lab);
    expect((await lab.rotate({ wish: 'compromised' })).outcome).toBe('done');
    const deps = { ...lab.context(), pin: async () => undefined };
    for (const action of ['rotate', 'revoke'] as const) {
      expect(await judgeRequest(deps, lab.credential, { action, urgency: 'compromised' })).toMatchObject({
        outcome: 'refused',
        reason: 'retired: its entry says state: retired',
      });
    }
    expect(lab.changes).toBe(before);
  });

  test('an attempt that somebody left behind is finished first', async () => {
    const lab = await at(FINICITY, 'due');
    await diesBefore(lab, putsValue);
    lab.changeEntry({ retired: { deleteSecret: true } });
    await recover(lab);
    expect(lab.tags().suspects).toHaveLength(1);
    expect(grants(lab)).toEqual(['grant-2']); // the one that the lost answer may have left is listed
    expect(isScheduled(lab)).toBe(false);
    expect(await state(lab)).toMatchObject({ state: 'retiring', reason: 'suspected-orphans-are-open' });
    lab.world.clock.advance(91 * DAY); // it ends by itself
    await recover(lab);
    expect(isScheduled(lab)).toBe(true);
  });

  test('a credential that never held a value is done at once', async () => {
    const lab = rotationLab(FINICITY);
    lab.changeEntry({ retired: { deleteSecret: true } });
    await recover(lab);
    expect(lab.changes).toBe(0);
    expect(await state(lab)).toMatchObject({ state: 'retired', reason: 'secret-is-gone' });
  });

  test('one whose first attempt failed is deleted, and issued when it is active again', async () => {
    const lab = rotationLab(AUTH);
    await lab.rotate({}, faulty(onNth(1, 'refused', verb('issue'))));
    lab.changeEntry({ retired: { deleteSecret: true } });
    await recover(lab);
    expect(isScheduled(lab)).toBe(true);
    lab.reactivate();
    await judged(lab, 'active again');
    expect(lab.grantOn('AWSCURRENT')).toBe('grant-1');
  });

  test('what a person makes current afterwards is ended as well', async () => {
    const lab = await retired(AUTH);
    await recover(lab);
    personAt(lab).putsValue();
    expect(grants(lab)).toEqual(['grant-3']);
    await recover(lab);
    expect(grants(lab)).toEqual([]);
    expect(await state(lab)).toMatchObject({ state: 'retired' });
  });

  test('deleted by a person while its grants were ending, it is restored, ended, and deleted as its entry says', async () => {
    const lab = await retired(AUTH, true);
    await killedAt(lab, verb('revoke'));
    lab.world.aws.DeleteSecret(SecretId(lab));
    await recover(lab);
    expect(grants(lab)).toEqual([]);
    expect(isScheduled(lab)).toBe(true);
  });

  test('a secret that is empty is tagged before it is deleted: our role may not delete another', async () => {
    const lab = rotationLab(AUTH);
    await lab.world.store().create(lab.credential);
    lab.changeEntry({ retired: { deleteSecret: true } });
    await recover(lab);
    expect([isScheduled(lab), lab.tags().retired?.version]).toEqual([true, 'none']);
  });

  test('of a kind that nobody can revoke: a person is told what to do, and the deletion waits for it', async () => {
    const lab = await retired(OUTBOUND, true);
    const current = lab.holder('AWSCURRENT') ?? '';
    await recover(lab);
    expect(lab.tags()).toMatchObject({ unrevoked: [current], retired: { version: current } });
    expect(lab.alarms).toContain('grant-unrevoked');
    const tags = lab.world.aws.DescribeSecret(SecretId(lab)).Tags ?? [];
    expect(tags.find(({ Key }) => Key === `rotation:unrevoked:${current}`)?.Value).toMatch(/have the vendor remove it/);
    expect(await state(lab)).toMatchObject({ state: 'retiring', action: 'none', reason: 'grants-are-unrevoked' });
    personAt(lab).removesTags(`rotation:unrevoked:${current}`);
    await recover(lab);
    expect(isScheduled(lab)).toBe(true);
  });

  test('one grant that both versions hold is revoked once', async () => {
    const lab = await at({ kind: 'flinks-auth-secret', behaviour: 'same' }, 'on demand');
    lab.due();
    await lab.rotate({ wish: 'normal' });
    lab.changeEntry({ retired: { deleteSecret: false } });
    let revoked = 0;
    await recover(lab, async (effect, perform) => {
      if (verb('revoke')(effect)) revoked += 1;
      return perform();
    });
    expect(revoked).toBe(1);
    expect(grants(lab)).toEqual([]);
  });
});

describe('active again', () => {
  test('it is restored, and issued anew once; the tag goes', async () => {
    const lab = await retired(AUTH, true);
    await recover(lab);
    expect(isScheduled(lab)).toBe(true);
    expect(await state(lab)).toEqual({ state: 'retired', action: 'none', reason: 'secret-scheduled-for-deletion' });
    const dead = lab.holder('AWSCURRENT');
    lab.reactivate();
    expect(await state(lab)).toMatchObject({ state: 'due', action: 'resume', reason: 'was-retired' });
    await recover(lab);
    expect(isScheduled(lab)).toBe(false);
    expect(grants(lab)).toEqual(['grant-3']);
    expect(lab.holder('AWSPREVIOUS')).toBe(dead);
    expect(lab.tags().retired).toBeUndefined();
    await judged(lab, 'active again');
    expect(grants(lab)).toEqual(['grant-3']);
    expect(lab.alarms).toEqual([]);
  });

  test('after only the tag was written: AWSCURRENT is replaced all the same', async () => {
    const lab = await retired(AUTH);
    await killedAt(lab, verb('revoke'));
    expect(grants(lab)).toEqual(['grant-1', 'grant-2']);
    lab.reactivate();
    await judged(lab, 'active again');
    expect(grants(lab)).toEqual(['grant-3']);
  });

  test('a deletion that was not ours is left alone', async () => {
    const lab = await inGrace(AUTH);
    lab.world.aws.DeleteSecret(SecretId(lab));
    await recover(lab);
    expect(isScheduled(lab)).toBe(true);
    expect(await state(lab)).toMatchObject({ state: 'being-deleted', action: 'none' });
  });
});

describe('unused', () => {
  const policy = { revokeUnusedAfterMs: 10 * DAY };

  /** Settled, and then read by nobody. */
  async function settledLongAgo(ms: number): Promise<Lab> {
    const start = STARTS.settling;
    if (start === undefined) throw new Error('no such start');
    const lab = await started({ ...FINICITY, policy }, start);
    await recover(lab);
    lab.world.clock.advance(ms);
    return lab;
  }
  const reads = (lab: Lab) => void lab.world.aws.GetSecretValue(SecretId(lab));

  test('the grant of AWSCURRENT ends; no sweep brings it back, a message does', async () => {
    const lab = await settledLongAgo(11 * DAY + HOUR);
    await recover(lab);
    expect(grants(lab)).toEqual([]);
    expect(await state(lab)).toEqual({ state: 'unused', action: 'none', reason: 'unused' });
    lab.world.clock.advance(90 * DAY);
    reads(lab);
    await recover(lab);
    expect(grants(lab)).toEqual([]);
    lab.due();
    expect(await lab.rotate({ wish: 'normal' })).toMatchObject({ outcome: 'promoted' });
    expect(grants(lab)).toEqual(['grant-3']);
    await judged(lab, 'asked for');
    expect(lab.tags().retired).toBeUndefined();
    expect(grants(lab)).toEqual(['grant-3']);
  });

  test("the worker's own read, when it settled the version before, counts as use", async () => {
    const lab = await settledLongAgo(10 * DAY - HOUR);
    await recover(lab);
    expect(grants(lab)).toEqual(['grant-2']);
  });

  test('a read in time keeps it', async () => {
    const lab = await settledLongAgo(9 * DAY);
    reads(lab);
    lab.world.clock.advance(9 * DAY);
    await recover(lab);
    expect(grants(lab)).toEqual(['grant-2']);
  });

  test('asked for while its grant ends, and the vendor answers with the same one: it is enabled again', async () => {
    const lab = await at({ kind: 'flinks-auth-secret', behaviour: 'same', policy }, 'on demand');
    lab.world.clock.advance(12 * DAY);
    const { gate, held, release } = holding(verb('revoke'));
    const ending = lab.settle({}, gate);
    await held;
    lab.due();
    expect(await lab.rotate({ wish: 'normal' })).toMatchObject({ outcome: 'promoted' });
    release();
    expect(await ending).toMatchObject({ outcome: 'waits' });
    expect(grants(lab)).toEqual([lab.grantOn('AWSCURRENT')]);
    await recover(lab);
    expect(grants(lab)).toEqual([lab.grantOn('AWSCURRENT')]);
  });

  test('one that is retired meanwhile comes back when it is active, not only when it is asked for', async () => {
    const lab = await settledLongAgo(12 * DAY);
    await recover(lab);
    lab.changeEntry({ retired: { deleteSecret: false } });
    await recover(lab);
    expect(await state(lab)).toMatchObject({ state: 'retired' });
    lab.reactivate();
    await judged(lab, 'active again');
    expect(grants(lab)).toEqual(['grant-3']);
  });
});
