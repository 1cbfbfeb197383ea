import { judgeRequest } from '../../src/request';
import { rotate } from '../../src/rotation';
import { parseVersionId } from '../../src/version-ids';
import {
  crashAt,
  type Effect,
  faulty,
  holding,
  onNth,
  promotes,
  putsIntent,
  putsTombstone,
  putsValue,
  verb,
} from '../support/gates';
import { judged } from '../support/judged';
import { personAt } from '../support/person';
import { recover } from '../support/recovery';
import type { Lab } from '../support/rotation-lab';
import { STARTS, started, VENDORS, type VendorCase } from '../support/situations';

// The rules of the model (shared/model), one by one: each test goes the shortest way to what is lost without its rule.
// `forward` (rollback) and `tries` (the partner secret's own rotation) come with what they are about.

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const vendor = (name: string): VendorCase => {
  const found = VENDORS.find(([known]) => known === name);
  if (found === undefined) throw new Error(`no vendor ${name}`);
  return found[1];
};
const OUTBOUND = vendor('Flinks Outbound');
const FINICITY = vendor('Finicity');
const AUTH = vendor('AuthSecrets, both live');
const SAME = vendor('AuthSecrets, the same again');

const at = (given: VendorCase, start: string): Promise<Lab> => {
  const from = STARTS[start];
  if (from === undefined) throw new Error(`no start ${start}`);
  return started(given, from);
};

/** A worker that dies as it comes to the first effect of this kind. */
async function diesBefore(lab: Lab, applies: (effect: Effect) => boolean): Promise<void> {
  const { gate, held } = holding(applies);
  const version = lab.due();
  await Promise.race([held, lab.rotate({ version }, gate)]);
}

/** A worker that waits as it comes to the first effect of this kind. */
async function waitingAt(lab: Lab, applies: (effect: Effect) => boolean) {
  const { gate, held, release } = holding(applies);
  const version = lab.due();
  const ended = lab.rotate({ version }, gate);
  await Promise.race([held, ended]);
  return {
    goOn() {
      release();
      return ended;
    },
  };
}

const grants = ({ vendor: { live } }: Lab): string[] => [...live.keys()];

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
  const { clock, store } = lab.context();
  const pin = async () => undefined;
  lab.due();
  await judgeRequest({ clock, store, pin }, lab.credential, { action: 'rotate', urgency: 'compromised' });
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
  await diesBefore(lab, putsTombstone);
  const { gate } = crashAt(99, 'before');
  await lab.rotate({}, gate);
  personAt(lab).takesAway('AWSPENDING');
  await judged(lab, 'tombstone');
});
