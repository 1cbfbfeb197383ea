import { randomUUID } from 'node:crypto';
import { importValue } from '../../src/import';
import { rotate } from '../../src/rotation';
import type { Adoption } from '../../src/types';
import { type Effect, faulty, holding, putsValue, verb } from '../support/gates';
import { judged } from '../support/judged';
import { AUTH, DAY, diesBefore, FINICITY, grants, HOUR } from '../support/lab-steps';
import { partnerLab, WITH_GRACE } from '../support/partner-situations';
import { personAt } from '../support/person';
import { recover } from '../support/recovery';
import { type Lab, rotationLab } from '../support/rotation-lab';
import type { VendorCase } from '../support/situations';

// Where one part of the algorithm meets what another has left: rollback, adoption, imports, retirement, and people's hands.

async function rotated(lab: Lab, wish: 'none' | 'normal' = 'normal'): Promise<void> {
  lab.world.clock.advance(2 * HOUR);
  lab.due();
  const { outcome, reason } = await lab.rotate({ wish });
  if (outcome !== 'promoted') throw new Error(`not promoted: ${reason}`);
}

/** A worker that dies as it comes to the first effect of this kind. */
async function killedAt(
  job: (gate: ReturnType<typeof holding>['gate']) => Promise<unknown>,
  applies: (effect: Effect) => boolean,
) {
  const { gate, held } = holding(applies);
  await Promise.race([held, job(gate)]);
}

async function inGrace(vendor: VendorCase = AUTH): Promise<Lab> {
  const lab = rotationLab(vendor);
  await lab.rotate();
  await rotated(lab);
  return lab;
}

describe('rollback of an adopted value whose grant only its entry tells', () => {
  async function adopted(): Promise<Lab> {
    const lab = rotationLab(AUTH);
    lab.vendor.byHand();
    lab.world.aws.CreateSecret({ Name: lab.credential.secretName, ClientRequestToken: randomUUID() });
    const version = randomUUID();
    const SecretString = JSON.stringify({ AuthSecret: 'secret of grant-1' });
    lab.world.aws.PutSecretValue({ SecretId: lab.credential.secretName, ClientRequestToken: version, SecretString });
    const adopt: Adoption = { grants: { [version]: 'grant-1' }, drops: [] };
    lab.changeEntry({ adopt });
    await recover(lab);
    await rotated(lab);
    expect(lab.holder('AWSPREVIOUS')).toBe(version);
    return lab;
  }

  test('the copy holds it, so that it is revoked like any other', async () => {
    const lab = await adopted();
    expect(await lab.rollback()).toMatchObject({ outcome: 'promoted' });
    await judged(lab, 'rolled back');
    expect(grants(lab)).toEqual(['grant-1']);
    expect(lab.grantOn('AWSCURRENT')).toBe('grant-1');
    lab.world.clock.advance(31 * DAY);
    lab.due();
    await judged(lab, 'replaced');
    expect(lab.tags().unrevoked).toEqual([]);
    expect(grants(lab)).toEqual(['grant-3']);
  });

  test.each([
    ['ends while the copy waits', verb('revoke')],
    ['is written down while the copy waits', ({ name }: Effect) => name === 'TagResource'],
  ])('a revocation that %s: it is enabled again', async (_when, applies) => {
    const lab = await adopted();
    lab.world.clock.advance(2 * DAY);
    const revocation = holding(applies);
    const settling = lab.settle({}, revocation.gate);
    await revocation.held;
    const copying = holding(putsValue);
    const ended = lab.rollback(copying.gate);
    await Promise.race([copying.held, ended]);
    revocation.release();
    await settling;
    copying.release();
    await ended;
    await judged(lab, 'under way');
    expect(lab.grantOn('AWSCURRENT')).toBe('grant-1');
  });

  test('one that was revoked is enabled again', async () => {
    const lab = await adopted();
    lab.world.clock.advance(2 * DAY);
    await recover(lab);
    expect(await lab.rollback()).toMatchObject({ outcome: 'promoted' });
    await judged(lab, 'enabled');
    expect(grants(lab)).toEqual(['grant-1']);
  });
});

describe("a person's value is current, and AWSPENDING stays on the tombstone of an attempt before it", () => {
  const refuses = faulty((effect) => (verb('issue')(effect) || verb('renew')(effect) ? 'refused' : undefined));

  /** Twice rotated; then an attempt failed, and a person helped themselves. */
  async function helped(vendor: VendorCase): Promise<Lab> {
    const lab = await inGrace(vendor);
    lab.world.clock.advance(2 * DAY);
    await recover(lab);
    lab.due();
    expect(await lab.rotate({ wish: 'normal' }, refuses)).toMatchObject({ outcome: 'waits' });
    personAt(lab).putsValue();
    await recover(lab);
    lab.world.clock.advance(2 * DAY);
    await recover(lab);
    expect(lab.holder('AWSPENDING')).toBe(lab.holder('ROTATION_GIVEN_UP'));
    return lab;
  }

  test('a copy whose worker dies is known to be one, and its grant is enabled', async () => {
    const lab = await helped(AUTH);
    expect(grants(lab)).toEqual(['grant-3']);
    await killedAt((gate) => lab.rollback(gate), verb('reinstate'));
    await judged(lab, 'rolled back');
    expect(lab.grantOn('AWSCURRENT')).toBe('grant-2');
  });

  test('a value that we chose is told to the vendor by whoever finds it, and not taken for an imported one', async () => {
    const lab = await partnerLab(WITH_GRACE, 'due');
    const { gate, held } = holding(verb('change'));
    lab.due();
    await lab.rotate(
      {},
      faulty((effect) => (verb('change')(effect) ? 'refused' : undefined)),
    );
    personAt(lab).putsValue();
    await recover(lab);
    lab.world.clock.advance(31 * DAY);
    lab.due();
    await Promise.race([held, lab.rotate({}, gate)]);
    const staged = lab.holder('AWSPENDING');
    await recover(lab);
    expect([lab.holder('AWSCURRENT'), lab.tags().blocked]).toEqual([staged, undefined]);
  });

  test('a renewal that was lost is listed, once it is known that it may have left a grant', async () => {
    const lab = await helped({ kind: 'finicity-access-key', behaviour: 'other-id', policy: { renewal: 'extend' } });
    lab.world.clock.advance(31 * DAY);
    await diesBefore(lab, putsValue);
    await judged(lab, 'lost');
  });
});

describe('values of ours that lost their labels before they were settled', () => {
  test.each([1, 3, 4, 5, 8])('%d of them are settled, each once', async (count) => {
    const lab = rotationLab(AUTH);
    await lab.rotate();
    for (let n = 0; n < count; n += 1) {
      await rotated(lab);
      personAt(lab).takesAway('AWSPREVIOUS');
    }
    personAt(lab).putsValue();
    personAt(lab).takesAway('AWSPREVIOUS');
    let revoked = 0;
    await recover(lab, async (effect, perform) => {
      if (verb('revoke')(effect)) revoked += 1;
      return perform();
    });
    expect(revoked).toBe(count + 1);
    await judged(lab, 'looked through');
    expect(grants(lab)).toEqual([lab.grantOn('AWSCURRENT')]);
  });

  test.each([1, 2, 3, 5, 8])('%d of them, younger than one that is labelled and not settled', async (count) => {
    const lab = rotationLab(AUTH);
    await lab.rotate();
    const oldest = lab.holder('AWSCURRENT') ?? '';
    for (let n = 0; n < count; n += 1) {
      await rotated(lab);
      personAt(lab).takesAway('AWSPREVIOUS');
    }
    personAt(lab).putsValue();
    personAt(lab).moves('AWSPREVIOUS', oldest);
    await judged(lab, 'looked through');
    expect(grants(lab)).toContain(lab.grantOn('AWSCURRENT') ?? '');
  });

  test('a vendor that acts on more than it was asked to is asked once: the others wait for a person', async () => {
    const lab = rotationLab(AUTH);
    await lab.rotate();
    for (let n = 0; n < 3; n += 1) {
      await rotated(lab);
      personAt(lab).takesAway('AWSPREVIOUS');
    }
    personAt(lab).putsValue();
    const context = lab.context();
    let asked = 0;
    const revoke = async () => {
      asked += 1;
      return { outcome: 'hit-current', reinstated: true } as const;
    };
    const outcome = await rotate(
      { ...context, provider: { ...context.provider, revoke } },
      { version: lab.holder('AWSCURRENT') ?? '', wish: 'none' },
    );
    expect([asked, outcome.outcome]).toEqual([1, 'blocked']);
  });
});

describe('a person who thinks better of it, before anybody has looked', () => {
  test.each(['put one', 'put two'])('%s, and made the one before current again: nothing leaks', async (times) => {
    const lab = await inGrace();
    if (times === 'put two') {
      personAt(lab).putsValue();
      await recover(lab);
    }
    const before = lab.holder('AWSCURRENT') ?? '';
    personAt(lab).putsValue();
    personAt(lab).moves('AWSCURRENT', before);
    await judged(lab, 'moved back');
    expect(grants(lab)).toEqual([lab.grantOn('AWSCURRENT')]);
    expect(lab.holder('AWSCURRENT')).toBe(before);
    const { calls } = lab.world;
    calls.length = 0;
    await recover(lab);
    expect(calls).not.toContain('ListSecretVersionIds');
  });

  test('the older one that was made current is settled when it loses its labels', async () => {
    const lab = await inGrace();
    personAt(lab).moves('AWSCURRENT', lab.holder('AWSPREVIOUS') ?? '');
    lab.world.clock.advance(2 * DAY);
    await recover(lab);
    expect(grants(lab)).toEqual(['grant-1']);
    personAt(lab).putsValue();
    personAt(lab).takesAway('AWSPREVIOUS');
    await judged(lab, 'replaced');
    expect(grants(lab)).toEqual(['grant-3']);
  });

  test('what was settled without label is not promoted by the attempt that comes upon it', async () => {
    const lab = await inGrace();
    const [older, newer] = [lab.holder('AWSPREVIOUS') ?? '', lab.grantOn('AWSCURRENT')];
    personAt(lab).takesAway('AWSPENDING');
    personAt(lab).moves('AWSCURRENT', older);
    personAt(lab).putsValue();
    personAt(lab).moves('AWSCURRENT', older);
    await recover(lab);
    expect(grants(lab)).not.toContain(newer);
    lab.world.clock.advance(31 * DAY);
    await recover(lab);
    expect(lab.grantOn('AWSCURRENT')).not.toBe(newer);
    await judged(lab, 'rotated');
  });
});

describe('an import', () => {
  test.each([AUTH, FINICITY])(
    'of the value before, past its grace, does not revoke what it imports: $kind',
    async (vendor) => {
      const lab = await inGrace(vendor);
      lab.world.clock.advance(2 * DAY);
      const content = await lab.world.store().read(lab.credential, lab.holder('AWSPREVIOUS') ?? '');
      const answer = content?.is === 'value' ? JSON.parse(content.value.reveal()) : {};
      await lab.import(answer);
      await judged(lab, 'imported');
    },
  );

  test('waits for a paused account before it revokes the grant of AWSPREVIOUS', async () => {
    const lab = await inGrace(FINICITY);
    lab.world.clock.advance(2 * DAY);
    const until = lab.world.clock.now() + HOUR;
    const gate = { enter: async () => ({ until }), pausedUntil: () => until, leave: async () => undefined };
    const answer = lab.vendor.byHand();
    const outcome = await importValue({ ...lab.context(), gate }, { answer, expiresAt: undefined });
    expect(outcome).toMatchObject({
      outcome: 'waits',
      reason: 'account-paused',
    });
    expect(grants(lab)).toHaveLength(3);
  });

  test('over a value that counts as dead waits for no grace, as a rotation does not', async () => {
    const lab = await inGrace(FINICITY);
    lab.changeEntry({ retired: { deleteSecret: false } });
    await killedAt((gate) => lab.settle({}, gate), verb('revoke'));
    lab.reactivate();
    expect(await lab.import(lab.vendor.byHand())).toMatchObject({ outcome: 'promoted' });
    await judged(lab, 'imported');
  });
});
