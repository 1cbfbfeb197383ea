import { judgeRequest } from '../../src/request';
import { parseVersionId } from '../../src/version-ids';
import { type Effect, faulty, holding, onNth, promotes, putsIntent, putsValue, verb } from '../support/gates';
import { judged } from '../support/judged';
import { AUTH, at, diesBefore, FINICITY, grants, HOUR, OUTBOUND, SAME, waitingAt } from '../support/lab-steps';
import { personAt } from '../support/person';
import { recover } from '../support/recovery';
import type { Lab } from '../support/rotation-lab';
import { VENDORS } from '../support/situations';

// The rules of the model (test/model) that are about workers, one by one: each test goes the shortest way to what is lost
// without its rule. Those in which a person has a hand: rules-of-hands.test.ts. `tries` (the partner secret's own rotation)
// comes with what it is about.

test('once: two workers that saw the same labels issue once', async () => {
  const lab = await at(AUTH, 'due');
  const b = await waitingAt(lab, putsIntent);
  await diesBefore(lab, putsValue);
  expect(await b.goOn()).toMatchObject({ outcome: 'waits', reason: 'owner-may-act' });
  expect(grants(lab)).toEqual(['grant-1', 'grant-2']);
  await judged(lab, 'once');
});

test('nonce: a worker that is to put the intent of another does not take it for its own', async () => {
  const lab = await at(AUTH, 'due');
  const b = await waitingAt(lab, putsIntent);
  await diesBefore(lab, promotes);
  await b.goOn();
  expect(grants(lab)).toEqual(['grant-1', 'grant-2']);
  await judged(lab, 'nonce');
  expect(lab.grantOn('AWSCURRENT')).toBe('grant-2');
});

test('head: attempts follow the tombstone before them, though AWSCURRENT stays the same', async () => {
  const lab = await at(OUTBOUND, 'due');
  const a = await waitingAt(lab, verb('issue'));
  lab.world.clock.advance(HOUR);
  await lab.rotate(); // gives it up and lists it
  lab.world.clock.advance(HOUR);
  const b = await waitingAt(lab, promotes);
  const late = a.goOn(); // kills what b has staged
  const c = await waitingAt(lab, verb('verify'));
  await b.goOn();
  await Promise.all([late, c.goOn()]);
  await judged(lab, 'head');
});

describe('tomb: a worker that was given up cannot come back', () => {
  test('its grant is revoked where earlier ones certainly live on', async () => {
    const lab = await at(FINICITY, 'due');
    const a = await waitingAt(lab, verb('issue'));
    lab.world.clock.advance(HOUR);
    await recover(lab);
    expect(await a.goOn()).toMatchObject({ outcome: 'failed', reason: 'given-up-by-another-worker' });
    expect(grants(lab)).toEqual(['grant-1', 'grant-2']);
    expect(lab.tags().suspects).toEqual([]);
    await judged(lab, 'tomb');
  });

  test('else it is listed with its id, so that a person can revoke it', async () => {
    const lab = await at(AUTH, 'due');
    const a = await waitingAt(lab, verb('issue'));
    lab.world.clock.advance(HOUR);
    await recover(lab);
    await a.goOn();
    const tags = lab.world.aws.DescribeSecret({ SecretId: lab.credential.secretName }).Tags ?? [];
    expect(tags.find(({ Key }) => Key?.startsWith('rotation:suspected-orphan:'))?.Value).toBe('never grant grant-3');
    await judged(lab, 'tomb');
  });
});

test('base: what was issued for one version is never promoted over another', async () => {
  const lab = await at(AUTH, 'due');
  const a = await waitingAt(lab, putsIntent);
  const hers = personAt(lab).putsValue();
  await a.goOn();
  await judged(lab, 'base');
  expect(lab.holder('AWSCURRENT')).toBe(hers);
  expect(grants(lab)).toEqual(['grant-2']); // hers; 3 was superseded, 1 was past its grace
});

test('confirm: a promotion without an answer is read from the labels', async () => {
  const lab = await at(AUTH, 'due');
  const gate = faulty(onNth(1, 'lost-after', promotes));
  lab.due();
  expect(await lab.rotate({}, gate)).toMatchObject({ outcome: 'promoted', version: lab.holder('AWSCURRENT') });
  expect(grants(lab)).toEqual(['grant-1', 'grant-2']);
  await judged(lab, 'confirm');
});

const never = (effect: Effect) => (putsValue(effect) ? ('refused' as const) : undefined);

describe('held: a value that cannot be stored', () => {
  test('is not revoked where the vendor may have answered with the grant of AWSCURRENT', async () => {
    const lab = await at(SAME, 'due');
    lab.due();
    expect(await lab.rotate({}, faulty(never))).toMatchObject({ outcome: 'failed', reason: 'value-not-stored' });
    expect(grants(lab)).toEqual(['grant-1']);
    await judged(lab, 'held');
  });

  test('is revoked where earlier grants certainly live on', async () => {
    const lab = await at(FINICITY, 'due');
    lab.due();
    await lab.rotate({}, faulty(never));
    expect(grants(lab)).toEqual(['grant-1']);
    await judged(lab, 'held');
  });
});

test('ambig: nothing is revoked once a put of the value was left without an answer', async () => {
  const lab = await at(FINICITY, 'due');
  const later: (() => unknown)[] = [];
  const first = onNth(1, 'late', putsValue);
  const gate = faulty((effect) => first(effect) ?? never(effect), later);
  lab.due();
  await lab.rotate({}, gate);
  expect(grants(lab)).toEqual(['grant-1', 'grant-2']);
  for (const put of later) put();
  await judged(lab, 'ambig');
  expect(lab.grantOn('AWSCURRENT')).toBe('grant-2');
});

test('list: every attempt with an unknown outcome has a tag of its own', async () => {
  const lab = await at(AUTH, 'due');
  for (let n = 0; n < 3; n += 1) {
    lab.due();
    await lab.rotate({}, faulty(onNth(1, 'lost-after', verb('issue'))));
    lab.world.clock.advance(HOUR);
  }
  expect(lab.tags().suspects).toHaveLength(3);
  await judged(lab, 'list');
});

test('list: it is written before the next intent, also when whoever gave up dies before', async () => {
  const lab = await at(AUTH, 'on demand');
  lab.due();
  const lost = faulty(onNth(1, 'lost-after', verb('issue')));
  const tagged = holding(({ name }) => name === 'TagResource');
  await Promise.race([
    lab.rotate({ wish: 'normal' }, (effect, perform) => lost(effect, () => tagged.gate(effect, perform))),
    tagged.held,
  ]);
  await judged(lab, 'list'); // the wish is lost, the credential is young: a sweep reads why the attempt was given up
  expect(lab.tags().suspects).toHaveLength(1);
});

test('recheck: while a call may still take effect, AWSCURRENT is tried and healed', async () => {
  const lab = await at(OUTBOUND, 'due');
  const later: (() => unknown)[] = [];
  lab.due();
  await lab.rotate({}, faulty(onNth(1, 'late', verb('issue')), later));
  await recover(lab);
  for (const issue of later) issue();
  expect(lab.vendor.live.has(lab.grantOn('AWSCURRENT') ?? '')).toBe(false);
  await recover(lab);
  expect(lab.vendor.live.has(lab.grantOn('AWSCURRENT') ?? '')).toBe(true);
  expect(lab.alarms).toContain('current-refused');
  await judged(lab, 'recheck');
});

describe.each(VENDORS)('a new secret: %s', (_name, given) => {
  test('bootGuard: jobs name none also while the intent is AWSCURRENT, and promote from it', async () => {
    const lab = await at(given, 'a new secret');
    await diesBefore(lab, promotes);
    const first = lab.holder('AWSCURRENT') ?? '';
    expect(parseVersionId(first).is).toBe('intent');
    await judged(lab, 'bootGuard');
    expect(lab.grantOn('AWSCURRENT')).toBe('grant-1');
    expect(lab.holder('AWSPREVIOUS')).toBe(first);
  });

  test('bootIntent: an intent that is AWSCURRENT and AWSPENDING at once is unresolved', async () => {
    const lab = await at(given, 'a new secret');
    await diesBefore(lab, putsValue);
    await judged(lab, 'bootIntent');
    expect(lab.alarms).toContain('suspected-orphan');
  });

  test('bootIntent: also when a person takes AWSPENDING from it', async () => {
    const lab = await at(given, 'a new secret');
    await diesBefore(lab, putsValue);
    personAt(lab).takesAway('AWSPENDING');
    await judged(lab, 'bootIntent');
    expect(lab.alarms).toContain('suspected-orphan');
  });
});

test.each([
  ['an intent', putsValue],
  ['a staged value', promotes],
])('calm: revocation leaves a credential alone while %s is unfinished', async (_what, applies) => {
  const lab = await at(AUTH, 'due, AWSPREVIOUS past its grace');
  await diesBefore(lab, applies);
  personAt(lab).removesTags('rotation:revoked');
  const before = grants(lab);
  expect(await lab.settle({ graceEnded: true })).toMatchObject({ outcome: 'waits' });
  expect(grants(lab)).toEqual(before);
  await judged(lab, 'calm');
});

async function compromised(lab: Lab): Promise<void> {
  const pin = async () => undefined;
  lab.due();
  await judgeRequest({ ...lab.context(), pin }, lab.credential, { action: 'rotate', urgency: 'compromised' });
}

test('wish: compromised survives the loss of Redis', async () => {
  const lab = await at(AUTH, 'on demand');
  await compromised(lab); // and the job is lost
  await recover(lab);
  expect(grants(lab)).toEqual(['grant-2']);
  await judged(lab, 'wish');
});

test('urgent: a compromised version does not wait for the grace of the one before', async () => {
  const lab = await at(AUTH, 'compromised within the grace of the one before');
  expect(grants(lab)).toEqual(['grant-1', 'grant-2']);
  await recover(lab);
  expect(grants(lab)).toEqual(['grant-3']);
  await judged(lab, 'urgent');
});

test('forward: a rollback is a new version with the old content; no sweep undoes it, and nothing revokes its grant', async () => {
  const lab = await at(AUTH, 'due, AWSPREVIOUS past its grace');
  const [bad, good] = [lab.holder('AWSCURRENT'), lab.holder('AWSPREVIOUS')];
  expect(await lab.rollback()).toMatchObject({ outcome: 'promoted' });
  const copy = lab.holder('AWSCURRENT');
  expect([bad, good]).not.toContain(copy);
  expect(lab.holder('AWSPREVIOUS')).toBe(bad);
  await judged(lab, 'forward');
  expect(lab.holder('AWSCURRENT')).toBe(copy);
  expect(grants(lab)).toEqual(['grant-1']);
});
