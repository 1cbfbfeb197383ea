import { OutcomeUnknownError, ProviderUnavailableError } from '../../src/errors';
import { judgeRequest } from '../../src/request';
import { rollback } from '../../src/rollback';
import { PACE } from '../../src/rotation-context';
import { tag } from '../../src/rotation-tags';
import { parseVersionId } from '../../src/version-ids';
import {
  type Effect,
  faulty,
  type Gate,
  holding,
  onNth,
  open,
  promotes,
  putsIntent,
  putsTombstone,
  putsValue,
  verb,
} from '../support/gates';
import { forAllInterleavings, interleave } from '../support/interleaver';
import { judged } from '../support/judged';
import { AUTH, DAY, diesBefore, FINICITY, grants, HOUR, MINUTE, OUTBOUND, SAME } from '../support/lab-steps';
import { momentsOf } from '../support/moments';
import { personAt } from '../support/person';
import { recover } from '../support/recovery';
import { type Lab, rotationLab } from '../support/rotation-lab';
import { ROLLBACKS, started, type VendorCase } from '../support/situations';

// Rollback (design, section 4): a new version with the old content. It meets other workers, revocations under way, and people.
// Crash points: every-point; faults: every-fault.test.ts.

const STARTS = Object.entries(ROLLBACKS);
const RACES = 300;

function at(name: string, vendor: VendorCase = AUTH): Promise<Lab> {
  const start = ROLLBACKS[name];
  if (start === undefined) throw new Error(`no start ${name}`);
  return started(vendor, start);
}
const inGrace = (vendor?: VendorCase): Promise<Lab> => at('within the grace of the one before', vendor);
const revoked = (vendor?: VendorCase): Promise<Lab> => at('after the one before was revoked', vendor);

/** A rollback that waits, or dies, as it comes to the first effect of this kind. */
async function waitingRollback(lab: Lab, applies: (effect: Effect) => boolean) {
  const { gate, held, release } = holding(applies);
  const ended = lab.rollback(gate);
  await Promise.race([held, ended]);
  return {
    goOn() {
      release();
      return ended;
    },
  };
}

/** A revocation takes effect within the vendor's time-out, or its call was never made: that is what a copy waits for. */
const inTime =
  ({ world: { clock } }: Lab, gate: Gate): Gate =>
  (effect, perform) => {
    const from = clock.now();
    return gate(effect, () => {
      if (verb('revoke')(effect) && clock.now() - from > PACE.providerTimeoutMs)
        throw new ProviderUnavailableError('not sent: too late');
      return perform();
    });
  };

describe.each(STARTS)('%s', (_name, start) => {
  test('the old value is current again, and stays', async () => {
    const lab = await started(AUTH, start);
    const before = lab.holder('AWSCURRENT');
    expect(await start.job(lab).run(lab, open)).toMatchObject({ outcome: 'promoted' });
    expect(lab.grantOn('AWSCURRENT')).toBe('grant-1');
    expect(lab.holder('AWSPREVIOUS')).toBe(before);
    await judged(lab, 'rolled back');
    expect(lab.grantOn('AWSCURRENT')).toBe('grant-1');
    expect(grants(lab)).toEqual(['grant-1']);
  });

  test('a crash at any effect is no failed attempt, and leaves no suspect', async () => {
    const from = await started(AUTH, start);
    for (const { where, lab } of await momentsOf(from, start.job(from).run)) {
      await judged(lab, where);
      expect(lab.tags().suspects).toEqual([]);
      expect(lab.alarms).not.toContain('attempt-failed');
    }
  });

  test('other workers that rotate, revoke, pause and die meanwhile: nothing is lost, nothing leaks', async () => {
    const from = await started(AUTH, start);
    await forAllInterleavings({ runs: RACES, mortal: ['A', 'B', 'C', 'R'] }, async (course) => {
      const lab = from.fork();
      const version = lab.due();
      await interleave(course, lab.world.clock, {
        A: (gate) => lab.rollback(gate, version),
        B: (gate) => lab.rollback(gate, version),
        C: (gate) => lab.rotate({ version, wish: 'normal' }, inTime(lab, gate)),
        R: (gate) => lab.settle({}, inTime(lab, gate)),
      });
      await judged(lab, 'others meanwhile');
    });
  });
});

test('its age starts anew, and it ends when the original ends', async () => {
  const lab = await inGrace();
  const original = parseVersionId(lab.holder('AWSPREVIOUS') ?? '');
  await lab.rollback();
  const copy = parseVersionId(lab.holder('AWSCURRENT') ?? '');
  if (copy.is !== 'value' || original.is !== 'value') throw new Error('no values');
  expect(lab.world.clock.now() - copy.issuedAt).toBeLessThan(MINUTE);
  expect(copy.expiresAt).toBe(original.expiresAt);
});

test('what was undone is in grace, and revoked after it; compromised, it is revoked at once', async () => {
  const calm = await inGrace();
  await calm.rollback();
  await recover(calm);
  expect(grants(calm)).toEqual(['grant-1', 'grant-2']);

  const lab = await inGrace();
  await judgeRequest({ ...lab.context(), pin: async () => undefined }, lab.credential, {
    action: 'rotate',
    urgency: 'compromised',
  });
  await lab.rollback();
  await recover(lab);
  expect(grants(lab)).toEqual(['grant-1']);
  await judged(lab, 'compromised');
});

test('a rollback can be undone', async () => {
  const lab = await inGrace();
  await lab.rollback();
  expect(await lab.rollback()).toMatchObject({ outcome: 'promoted' });
  expect(lab.grantOn('AWSCURRENT')).toBe('grant-2');
  await judged(lab, 'twice');
  expect(grants(lab)).toEqual(['grant-2']);
});

describe('a revocation that is under way', () => {
  test.each([
    ['ends while the copy waits', verb('revoke')],
    ['is written down while the copy waits', ({ name }: Effect) => name === 'TagResource'],
  ])('%s: the grant is enabled again', async (_when, applies) => {
    const lab = await at('when its grace is over');
    const revocation = holding(applies);
    const settling = lab.settle({}, revocation.gate);
    await revocation.held;
    const copying = await waitingRollback(lab, putsValue); // the wait is over
    revocation.release();
    await settling;
    await copying.goOn();
    await judged(lab, 'under way');
    expect(lab.grantOn('AWSCURRENT')).toBe('grant-1');
  });

  test('the copy is staged only when every one must have ended', async () => {
    const lab = await inGrace();
    const from = lab.world.clock.now();
    await waitingRollback(lab, putsValue);
    expect(lab.world.clock.now() - from).toBeGreaterThanOrEqual(25_000);
    expect(lab.world.clock.now() - from).toBeLessThan(30_000); // else it would be taken over
  });
});

describe('what is unfinished is finished first', () => {
  test('an attempt that was interrupted is given up, and then the copy is made', async () => {
    const lab = await inGrace();
    lab.world.clock.advance(2 * DAY);
    await lab.settle();
    lab.world.clock.advance(31 * DAY);
    await diesBefore(lab, putsValue); // issued, and lost
    lab.world.clock.advance(HOUR);
    expect(await lab.rollback()).toMatchObject({ outcome: 'promoted' });
    expect(lab.tags().suspects).toHaveLength(1);
    expect(lab.grantOn('AWSCURRENT')).toBe('grant-1');
    await judged(lab, 'given up first');
  });

  test('a value that was staged is promoted: then another version is current, and nothing is undone', async () => {
    const lab = await inGrace();
    lab.world.clock.advance(33 * DAY);
    await diesBefore(lab, promotes);
    expect(await lab.rollback()).toMatchObject({ outcome: 'done', reason: 'what-was-unfinished-is-current-now' });
    expect(lab.grantOn('AWSCURRENT')).toBe('grant-3');
  });

  test('while its owner may act it waits', async () => {
    const lab = await inGrace();
    lab.world.clock.advance(33 * DAY);
    await diesBefore(lab, putsValue);
    expect(await lab.rollback()).toMatchObject({ outcome: 'waits', reason: 'owner-may-act' });
  });
});

test('a copy that was given up while it waited leaves nothing, and is made by nobody', async () => {
  const lab = await inGrace();
  const copying = await waitingRollback(lab, putsValue);
  lab.world.clock.advance(HOUR);
  await recover(lab);
  expect(await copying.goOn()).toMatchObject({ outcome: 'failed', reason: 'given-up-by-another-worker' });
  expect(lab.tags().suspects).toEqual([]);
  expect(grants(lab)).toEqual(['grant-1', 'grant-2']);
  expect(lab.grantOn('AWSCURRENT')).toBe('grant-2');
  await judged(lab, 'given up');
});

test('a copy that cannot be stored leaves nothing', async () => {
  const lab = await inGrace();
  const outcome = await lab.rollback(faulty((effect) => (putsValue(effect) ? 'refused' : undefined)));
  expect(outcome).toMatchObject({ outcome: 'failed', reason: 'value-not-stored' });
  expect(lab.tags().suspects).toEqual([]);
  expect(grants(lab)).toEqual(['grant-1', 'grant-2']);
  await judged(lab, 'not stored');
});

describe('a grant that the vendor does not enable', () => {
  test('is not promoted where it had been revoked: the copy is given up, and it is revoked for certain', async () => {
    const lab = await revoked({ ...AUTH, behaviour: 'replace' });
    expect(await lab.rollback()).toEqual({ outcome: 'failed', reason: 'the-copy-was-given-up' });
    expect(lab.grantOn('AWSCURRENT')).toBe('grant-2');
    await judged(lab, 'not enabled');
  });

  test('also where it was enabled by a call whose answer was lost', async () => {
    const lab = await revoked();
    const lost = faulty(onNth(1, 'lost-after', verb('reinstate')));
    await expect(lab.rollback(lost)).rejects.toThrow(OutcomeUnknownError);
    expect(grants(lab)).toEqual(['grant-2', 'grant-1']);
    const context = lab.context();
    const provider = { ...context.provider, reinstate: async () => false }; // enabled already: 400 {}
    lab.mayBeUndone.add(lab.holder('AWSCURRENT') ?? '');
    await rollback({ ...context, provider }, { version: lab.holder('AWSCURRENT') ?? '' });
    expect(lab.grantOn('AWSCURRENT')).toBe('grant-2');
    await recover(lab);
    expect(grants(lab)).toEqual(['grant-2']);
    await judged(lab, 'enabled after all');
  });

  test('is taken as alive where nobody has revoked it', async () => {
    const lab = await inGrace();
    const context = lab.context();
    const provider = { ...context.provider, reinstate: async () => false };
    const version = lab.holder('AWSCURRENT') ?? '';
    lab.mayBeUndone.add(version);
    expect(await rollback({ ...context, provider }, { version })).toMatchObject({ outcome: 'promoted' });
    await judged(lab, 'alive');
  });
});

describe('compromised while the copy is made', () => {
  const compromise = (lab: Lab): void => {
    const previous = lab.holder('AWSPREVIOUS') ?? '';
    for (const [key, value] of Object.entries(tag.compromised(previous, lab.world.clock.now()))) {
      personAt(lab).tags(key, value);
    }
  };

  test.each([
    ['within its grace', inGrace],
    ['revoked before', revoked],
  ])('it is not promoted, and its grant is dead: %s', async (_when, start) => {
    const lab = await start();
    const copying = await waitingRollback(lab, putsValue);
    compromise(lab);
    expect(await copying.goOn()).toEqual({ outcome: 'refused', reason: 'the-value-before-it-is-compromised' });
    await recover(lab);
    expect(grants(lab)).toEqual(['grant-2']);
    await judged(lab, 'compromised');
  });
});

describe('people meanwhile', () => {
  const hands: [string, (lab: Lab) => unknown][] = [
    ['put a value of their own', (lab) => personAt(lab).putsValue()],
    ['put two', (lab) => [personAt(lab).putsValue(), personAt(lab).putsValue()]],
    ['take AWSPENDING away', (lab) => personAt(lab).takesAway('AWSPENDING')],
    [
      'make the value before current themselves',
      (lab) => personAt(lab).moves('AWSCURRENT', lab.holder('AWSPREVIOUS') ?? ''),
    ],
  ];
  const steps: [string, (effect: Effect) => boolean][] = [
    ['the copy is staged', putsValue],
    ['the grant is enabled', verb('reinstate')],
    ['it is promoted', promotes],
  ];
  describe.each(hands)('%s', (_what, does) => {
    describe.each([
      ['within its grace', inGrace],
      ['when its grace is over', () => at('when its grace is over')],
    ])('%s', (_when, start) => {
      test.each(steps)('before %s, and it goes on', async (_step, applies) => {
        const lab = await start();
        const copying = await waitingRollback(lab, applies);
        does(lab);
        await copying.goOn().catch(() => undefined);
        await judged(lab, 'by hand');
      });

      test.each(steps)('before %s, and it dies', async (_step, applies) => {
        const lab = await start();
        await waitingRollback(lab, applies);
        does(lab);
        await judged(lab, 'by hand');
      });
    });
  });

  test.each([
    ['the grant is enabled', verb('reinstate')],
    ['it is promoted', promotes],
  ])('take AWSPREVIOUS away before %s: it is promoted all the same', async (_step, applies) => {
    const lab = await revoked();
    await waitingRollback(lab, applies);
    personAt(lab).takesAway('AWSPREVIOUS');
    await judged(lab, 'by hand');
    expect(lab.grantOn('AWSCURRENT')).toBe('grant-1');
  });

  test('two values of their own after a rollback: its grant is revoked once, and not said to be left', async () => {
    const lab = await inGrace();
    await lab.rollback();
    personAt(lab).putsValue();
    personAt(lab).putsValue();
    await judged(lab, 'by hand');
    expect(lab.tags().unrevoked).toEqual([]);
  });
});

describe('refused', () => {
  const refusal = async (lab: Lab): Promise<unknown> => {
    const { changes } = lab;
    const outcome = await lab.rollback();
    expect(lab.changes).toBe(changes);
    return outcome;
  };

  test.each([
    ['an Outbound recipient', OUTBOUND],
    ['an access key', FINICITY],
    ['an access key that is extended', { ...FINICITY, policy: { renewal: 'extend' } } as const],
  ])('where the kind cannot: %s', async (_name, vendor) => {
    expect(await refusal(await inGrace(vendor))).toEqual({ outcome: 'refused', reason: 'the-kind-cannot-roll-back' });
  });

  test('where there is no value before it', async () => {
    const lab = rotationLab(AUTH);
    await lab.rotate();
    expect(await refusal(lab)).toEqual({ outcome: 'refused', reason: 'no-value-before-it' });
  });

  test('where the vendor answered with the same grant', async () => {
    const reason = 'the-value-before-it-holds-the-same-grant';
    expect(await refusal(await inGrace(SAME))).toEqual({ outcome: 'refused', reason });
  });

  test('where the value before it is compromised', async () => {
    const lab = await inGrace();
    personAt(lab).tags(`rotation:compromised:${lab.holder('AWSPREVIOUS')}`, 'by-hand');
    expect(await refusal(lab)).toEqual({ outcome: 'refused', reason: 'the-value-before-it-is-compromised' });
  });

  test('where the credential is blocked, foreign, or suspended', async () => {
    const lab = await inGrace();
    personAt(lab).tags('rotation:blocked', 'a reason');
    expect(await refusal(lab)).toEqual({ outcome: 'blocked', reason: 'a reason' });
    personAt(lab).removesTags('rotation:blocked', 'rotation:credential');
    expect(await refusal(lab)).toEqual({ outcome: 'blocked', reason: 'tag-removed' });
    const policy = { ...lab.credential.policy, suspendUntil: Date.UTC(2100, 0, 1) };
    const version = lab.holder('AWSCURRENT') ?? '';
    const context = { ...lab.context(), credential: { ...lab.credential, policy } };
    personAt(lab).tags('rotation:credential', tag.credential(lab.credential)['rotation:credential'] ?? '');
    expect(await rollback(context, { version })).toMatchObject({ outcome: 'refused', reason: 'suspended' });
  });

  test('where what stands before it is no value', async () => {
    const lab = await inGrace();
    const SecretId = lab.credential.secretName;
    lab.world.aws.PutSecretValue({
      SecretId,
      ClientRequestToken: 'a-token-of-somebody-and-thirty-two-long',
      SecretString: 'x',
    });
    lab.world.aws.PutSecretValue({
      SecretId,
      ClientRequestToken: 'another-one-of-somebody-and-long-enough',
      SecretString: 'y',
    });
    await recover(lab);
    expect(await refusal(lab)).toEqual({ outcome: 'refused', reason: 'the-value-before-it-cannot-be-read' });
  });

  test('and done where another version is current by now', async () => {
    const lab = await inGrace();
    expect(await lab.rollback(undefined, lab.holder('AWSPREVIOUS'))).toEqual({
      outcome: 'done',
      reason: 'another-version-is-current',
    });
  });
});

test('a tombstone where the copy was to be counts as nothing done, and the next rotation is not held up for long', async () => {
  const lab = await inGrace();
  await waitingRollback(lab, putsValue);
  lab.world.clock.advance(HOUR);
  const given: unknown[] = [];
  lab.world.onCall = (effect) => {
    if (putsTombstone(effect)) given.push(JSON.parse(String(Reflect.get(Object(effect.input), 'SecretString'))));
  };
  await recover(lab);
  expect(given).toMatchObject([{ because: 'not-done', failures: 0 }]);
});

test('its intent says that it announces a copy', async () => {
  const lab = await inGrace();
  const intents: unknown[] = [];
  lab.world.onCall = (effect) => {
    if (putsIntent(effect)) intents.push(JSON.parse(String(Reflect.get(Object(effect.input), 'SecretString'))));
  };
  await lab.rollback();
  expect(intents).toMatchObject([{ call: 'copy' }]);
});
