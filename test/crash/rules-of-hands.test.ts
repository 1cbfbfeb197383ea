import { rotate } from '../../src/rotation';
import { parseVersionId } from '../../src/version-ids';
import {
  type Effect,
  faulty,
  holding,
  marksGivenUp,
  onNth,
  promotes,
  putsIntent,
  putsValue,
  verb,
} from '../support/gates';
import { judged } from '../support/judged';
import { AUTH, at, diesBefore, FINICITY, grants, HOUR, MINUTE, OUTBOUND, waitingAt } from '../support/lab-steps';
import { personAt } from '../support/person';
import { recover } from '../support/recovery';
import type { Lab } from '../support/rotation-lab';
import { ROLLBACKS, started, VENDORS } from '../support/situations';

// The rules of the model in which a person has a hand, each by the shortest way to what is lost without it; and what else
// people do with labels.

test('undone: a promotion that a person undid is not done again, and its grant goes after the grace', async () => {
  const lab = await at(AUTH, 'on demand');
  const old = lab.due();
  await lab.rotate({ wish: 'normal' });
  personAt(lab).moves('AWSCURRENT', old);
  await recover(lab);
  expect(lab.holder('AWSCURRENT')).toBe(old);
  expect(grants(lab)).toEqual(['grant-1', 'grant-2']);
  await judged(lab, 'undone');
  expect(lab.holder('AWSCURRENT')).toBe(old);
  expect(grants(lab)).toEqual(['grant-1']);
});

describe.each(VENDORS)('refound: a person takes AWSPENDING away: %s', (_name, given) => {
  test.each([
    ['from an intent', verb('issue')],
    ['from an intent whose call was made', putsValue],
    ['from a staged value', promotes],
  ])('%s', async (_from, applies) => {
    const lab = await at(given, 'due');
    await diesBefore(lab, applies);
    personAt(lab).takesAway('AWSPENDING');
    await judged(lab, 'refound');
    expect(parseVersionId(lab.holder('AWSCURRENT') ?? '').is).toBe('value');
  });

  test('from the intent of a rotation on demand, whose wish is lost with Redis: nothing waits until it is due', async () => {
    const lab = await at(given, 'on demand');
    await diesBefore(lab, putsValue, 'normal');
    personAt(lab).takesAway('AWSPENDING');
    await recover(lab);
    expect(lab.holder('AWSPENDING')).toBeDefined();
    await judged(lab, 'refound');
  });

  test('from a tombstone', async () => {
    const lab = await at(given, 'due');
    lab.due();
    await lab.rotate({}, faulty(onNth(1, 'lost-before', verb('issue'))));
    personAt(lab).takesAway('AWSPENDING');
    await judged(lab, 'refound');
  });

  test('while its owner goes on', async () => {
    const lab = await at(given, 'due');
    const a = await waitingAt(lab, verb('issue'));
    personAt(lab).takesAway('AWSPENDING');
    await a.goOn();
    await judged(lab, 'refound');
  });
});

test('refound: while another worker is at work on a later attempt, its AWSPENDING is left where it is', async () => {
  const lab = await at(AUTH, 'due');
  const b = await waitingAt(lab, putsIntent);
  await diesBefore(lab, putsValue);
  lab.world.clock.advance(HOUR);
  await lab.rotate(); // gives the dead one's attempt up
  lab.world.clock.advance(HOUR);
  await diesBefore(lab, putsValue); // a later attempt, in flight
  const pending = lab.holder('AWSPENDING');
  expect(await b.goOn()).toMatchObject({ outcome: 'done', reason: 'another-worker-went-on' });
  expect(lab.holder('AWSPENDING')).toBe(pending);
  await judged(lab, 'refound');
});

describe('in place: an issue may have killed what a person made current', () => {
  test('a superseded value is listed, and AWSCURRENT tried and healed', async () => {
    const lab = await at(OUTBOUND, 'due');
    const hers = lab.vendor.byHand();
    const a = await waitingAt(lab, promotes); // has killed hers
    personAt(lab).putsValue(hers);
    await a.goOn();
    await judged(lab, 'superseded');
    expect(lab.grantOn('AWSCURRENT')).toBe('grant-4');
  });

  test('so is one that was refused for good, though AWSCURRENT is not due', async () => {
    const lab = await at(OUTBOUND, 'on demand');
    const context = lab.context();
    const verify = async () => 'refused' as const;
    const job = { version: lab.due(), wish: 'normal' } as const;
    await rotate({ ...context, provider: { ...context.provider, verify } }, job);
    lab.world.clock.advance(HOUR);
    await judged(lab, 'refused');
    expect(lab.alarms).toContain('current-refused');
  });
});

test('a value that is promoted late gives the one before it its whole grace', async () => {
  const lab = await at(FINICITY, 'due');
  await diesBefore(lab, promotes);
  lab.world.clock.advance(20 * HOUR);
  await recover(lab);
  lab.world.clock.advance(20 * HOUR);
  await recover(lab);
  expect(grants(lab)).toEqual(['grant-1', 'grant-2']);
  await judged(lab, 'late');
});

test('AWSPENDING that a person took from a settled credential is back on AWSCURRENT, and nothing else is done', async () => {
  const lab = await at(FINICITY, 'settling');
  await recover(lab);
  const { changes } = lab;
  personAt(lab).takesAway('AWSPENDING');
  await recover(lab);
  expect([lab.holder('AWSPENDING'), lab.changes]).toEqual([lab.holder('AWSCURRENT'), changes + 1]);
});

test('nor is the grant that a copy holds revoked, where its intent has lost AWSPENDING', async () => {
  const start = ROLLBACKS['when its grace is over'];
  if (start === undefined) throw new Error('no such start');
  const lab = await started(AUTH, start);
  const { gate, held, release } = holding(putsValue);
  const copying = lab.rollback(gate);
  await held;
  personAt(lab).takesAway('AWSPENDING');
  expect(await lab.settle()).toMatchObject({ outcome: 'waits', reason: 'awspending-is-nowhere' });
  release();
  await copying;
  await judged(lab, 'copied');
  expect(lab.grantOn('AWSCURRENT')).toBe('grant-1');
});

describe('a value that was sealed', () => {
  async function sealed(): Promise<{ lab: Lab; value: string }> {
    const lab = await at(FINICITY, 'due');
    const a = await waitingAt(lab, promotes);
    const value = lab.holder('AWSPENDING') ?? '';
    personAt(lab).putsValue();
    await a.goOn();
    await recover(lab);
    return { lab, value };
  }

  test('is not revoked again when the history is looked through', async () => {
    const { lab } = await sealed();
    const revoked: unknown[] = [];
    personAt(lab).putsValue();
    await lab.rotate({}, async (effect, perform) => {
      if (effect.name === 'revoke') revoked.push(effect.input);
      return perform();
    });
    expect(revoked).not.toContain('grant-2'); // 1 was in its grace, and lost its label to hers
    await judged(lab, 'sealed');
  });

  test('stays sealed when its tombstone loses the label that says so', async () => {
    const { lab } = await sealed();
    personAt(lab).takesAway('ROTATION_GIVEN_UP');
    lab.world.clock.advance(MINUTE);
    await judged(lab, 'sealed');
    expect(lab.holder('ROTATION_GIVEN_UP')).toBe(lab.holder('AWSPENDING'));
  });

  test('may be made current by a person, AWSPENDING nowhere: the next rotation is not stuck on its tombstone', async () => {
    const { lab, value } = await sealed();
    lab.vendor.byHand();
    personAt(lab).moves('AWSCURRENT', value);
    personAt(lab).takesAway('AWSPENDING');
    lab.world.clock.advance(31 * 24 * HOUR);
    await recover(lab); // AWSPENDING is put back: from that change on what she replaced has its grace
    lab.world.clock.advance(2 * 24 * HOUR);
    await recover(lab);
    lab.due();
    expect(parseVersionId(lab.holder('AWSCURRENT') ?? '').is).toBe('value');
    expect(lab.holder('AWSCURRENT')).not.toBe(value);
  });
});

describe('foreign: a person puts a value of their own', () => {
  test('twice, with a staged value whose label they took away: nothing older is forgotten', async () => {
    const lab = await at(FINICITY, 'due');
    await diesBefore(lab, promotes);
    personAt(lab).takesAway('AWSPENDING');
    personAt(lab).putsValue();
    await recover(lab);
    expect(grants(lab)).toEqual(['grant-1', 'grant-3']); // AWSPREVIOUS in its grace, and hers
    personAt(lab).putsValue();
    await recover(lab);
    expect(grants(lab)).toEqual(['grant-3', 'grant-4']);
    await judged(lab, 'foreign');
  });

  test('and the grant that loses its label thereby is revoked', async () => {
    const lab = await at(AUTH, 'compromised within the grace of the one before');
    personAt(lab).removesTags(`rotation:compromised:${lab.holder('AWSCURRENT')}`);
    const hers = personAt(lab).putsValue();
    await recover(lab);
    expect(grants(lab)).toEqual(['grant-2', 'grant-3']); // AWSPREVIOUS in its grace, and hers
    await judged(lab, 'foreign');
    expect(lab.holder('AWSCURRENT')).toBe(hers);
    expect(lab.alarms).toContain('foreign-version');
  });

  test('twice within a grace period', async () => {
    const lab = await at(FINICITY, 'on demand');
    lab.due();
    await lab.rotate({ wish: 'normal' });
    personAt(lab).putsValue();
    await recover(lab);
    personAt(lab).putsValue();
    await judged(lab, 'foreign');
    expect(grants(lab)).toHaveLength(1);
  });

  const unfinished: [string, (effect: Effect) => boolean][] = [
    ['an intent', verb('issue')],
    ['an intent whose call was made', putsValue],
    ['a staged value', promotes],
  ];
  describe.each(VENDORS)('%s', (_name, given) => {
    test.each(unfinished)('over %s', async (_over, applies) => {
      const lab = await at(given, 'due');
      await diesBefore(lab, applies);
      personAt(lab).putsValue();
      await judged(lab, 'foreign');
    });

    test.each(unfinished)('over %s, from which they took AWSPENDING', async (_over, applies) => {
      const lab = await at(given, 'due');
      await diesBefore(lab, applies);
      personAt(lab).takesAway('AWSPENDING');
      personAt(lab).putsValue();
      await judged(lab, 'foreign');
    });

    test.each(unfinished)('over %s of a new secret', async (_over, applies) => {
      const lab = await at(given, 'a new secret');
      await diesBefore(lab, applies);
      personAt(lab).putsValue();
      await judged(lab, 'foreign');
    });
  });

  test('it is replaced in its turn, and its grant is revoked after the grace', async () => {
    const lab = await at(FINICITY, 'due');
    personAt(lab).putsValue();
    await recover(lab);
    lab.world.clock.advance(31 * 24 * HOUR);
    lab.due();
    await judged(lab, 'foreign');
    expect(grants(lab)).toEqual(['grant-3']);
  });
});

test('a tombstone that lost its label is known by what it holds', async () => {
  const lab = await at(FINICITY, 'due');
  await diesBefore(lab, verb('issue'));
  lab.world.clock.advance(MINUTE);
  await lab.rotate();
  personAt(lab).takesAway('ROTATION_GIVEN_UP');
  await judged(lab, 'tombstone');
});

test('a crash between the two labels of a tombstone', async () => {
  const lab = await at(AUTH, 'due');
  await diesBefore(lab, verb('issue'));
  lab.world.clock.advance(HOUR);
  await lab.rotate();
  personAt(lab).takesAway('AWSPENDING');
  personAt(lab).takesAway('ROTATION_GIVEN_UP');
  lab.world.clock.advance(HOUR);
  await diesBefore(lab, marksGivenUp);
  expect(lab.holder('ROTATION_GIVEN_UP')).toBeUndefined();
  await judged(lab, 'tombstone');
});
