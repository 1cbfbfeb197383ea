import { parametersOf } from '../../src/parameters';
import { rotate } from '../../src/rotation';
import type { Context } from '../../src/rotation-context';
import type { AccessKey } from '../../src/types';
import { parseVersionId } from '../../src/version-ids';
import {
  type Effect,
  faulty,
  type Gate,
  holding,
  onNth,
  promotes,
  putsIntent,
  putsValue,
  verb,
} from '../support/gates';
import { judged } from '../support/judged';
import { at as atStart, DAY, diesBefore, FINICITY, grants, HOUR, waitingAt } from '../support/lab-steps';
import { personAt } from '../support/person';
import { recover } from '../support/recovery';
import type { Lab } from '../support/rotation-lab';
import type { VendorCase } from '../support/situations';

// `renewal: extend`: the receipt is prolonged under its id. What holds for every kind (crashes, faults, workers that race) is
// shown with the others; here is what only an extension meets.

const EXTENDED: VendorCase = { ...FINICITY, policy: { renewal: 'extend' } };
const OTHER_ID: VendorCase = { ...EXTENDED, behaviour: 'other-id' };

const at = (start: string, vendor: VendorCase = EXTENDED): Promise<Lab> => atStart(vendor, start);

const prolonged = (lab: Lab, grant = 'grant-1'): number => lab.vendor.renewals.get(grant) ?? 0;
const suspects = (lab: Lab): number => lab.tags().suspects.length;

test('a receipt that is due is prolonged: a new version holds it, the old one is settled without a call', async () => {
  const lab = await at('due');
  const old = lab.due();
  const calls: string[] = [];
  const gate: Gate = async (effect, perform) => {
    calls.push(effect.name);
    return perform();
  };
  expect(await lab.rotate({}, gate)).toMatchObject({
    outcome: 'promoted',
    reason: 'unverified',
  });
  expect(calls.filter((name) => name === 'renew' || name === 'issue')).toEqual(['renew']);
  expect([lab.holder('AWSPREVIOUS'), lab.grantOn('AWSCURRENT'), prolonged(lab)]).toEqual([old, 'grant-1', 1]);
  lab.world.clock.advance(2 * DAY);
  expect(await lab.settle()).toMatchObject({ outcome: 'settled', reason: 'grant-is-held-by-current' });
  expect(grants(lab)).toEqual(['grant-1']);
  await judged(lab, 'prolonged');
});

test('its new end stands in the id of the new version, and it is prolonged again and again', async () => {
  const lab = await at('due');
  for (let n = 0; n < 4; n += 1) {
    lab.due();
    await lab.rotate();
    const version = parseVersionId(lab.holder('AWSCURRENT') ?? '');
    const end = version.is === 'value' ? (version.expiresAt ?? 0) : 0;
    expect(Math.round((end - lab.world.clock.now()) / DAY)).toBe(90);
    lab.world.clock.advance(31 * DAY);
  }
  expect(prolonged(lab)).toBe(4);
  expect(grants(lab)).toEqual(['grant-1']);
});

test('the intent says that it announces a renewal', async () => {
  const lab = await at('due');
  const calls: unknown[] = [];
  lab.world.onCall = (effect) => {
    if (putsIntent(effect)) calls.push(JSON.parse(String(Reflect.get(Object(effect.input), 'SecretString'))).call);
  };
  lab.due();
  await lab.rotate();
  expect(calls).toEqual(['renew']);
});

describe('what has ended is replaced', () => {
  test('by its own date: the vendor is not asked to prolong it', async () => {
    const lab = await at('due');
    lab.world.clock.advance(70 * DAY);
    lab.due();
    expect(await lab.rotate()).toMatchObject({ outcome: 'promoted' });
    expect([grants(lab), prolonged(lab)]).toEqual([['grant-1', 'grant-2'], 0]);
    await judged(lab, 'ended');
    expect(lab.grantOn('AWSCURRENT')).toBe('grant-2');
  });

  test("by the vendor's word, in one run: no failed attempt, no rest, an intent of its own", async () => {
    const lab = await at('due');
    lab.vendor.ends('grant-1');
    const intents: unknown[] = [];
    lab.world.onCall = (effect) => {
      if (putsIntent(effect)) intents.push(JSON.parse(String(Reflect.get(Object(effect.input), 'SecretString'))));
    };
    lab.due();
    expect(await lab.rotate()).toMatchObject({ outcome: 'promoted' });
    expect(intents).toMatchObject([
      { call: 'renew', failures: 0, undone: 0 },
      { call: 'issue', failures: 0, undone: 0 },
    ]);
    expect(lab.alarms).toEqual([]);
    await judged(lab, 'gone');
    expect(grants(lab)).toEqual(['grant-2']);
  });

  test('also when whoever heard so died: at once, though failures before it would have it rest', async () => {
    const lab = await at('due');
    const refuses = faulty((effect) => (verb('renew')(effect) ? 'refused' : undefined));
    lab.due();
    const { retryAt } = await lab.rotate({}, refuses);
    lab.world.clock.advance((retryAt ?? 0) - lab.world.clock.now());
    lab.vendor.ends('grant-1');
    const { gate, held } = holding(verb('issue'));
    expect(await Promise.race([held.then(() => 'issuing'), lab.rotate({}, gate)])).toBe('issuing');
    lab.world.clock.advance(HOUR);
    await judged(lab, 'died');
    expect(lab.grantOn('AWSCURRENT')).toBe('grant-2');
  });
});

describe('compromised', () => {
  test('it is replaced, not prolonged, and its receipt is revoked', async () => {
    const lab = await at('compromised');
    await recover(lab);
    expect([grants(lab), lab.grantOn('AWSCURRENT'), prolonged(lab)]).toEqual([['grant-2'], 'grant-2', 1]);
    await judged(lab, 'compromised');
  });

  test('where the revision before is the compromised one the receipt is the same: it is replaced as well', async () => {
    const lab = await at('due');
    const old = lab.due();
    await lab.rotate();
    personAt(lab).tags(`rotation:compromised:${old}`, 'by-hand');
    const current = lab.holder('AWSCURRENT') ?? '';
    expect(await lab.settle()).toMatchObject({ outcome: 'settled', reason: 'grant-is-held-by-current' });
    expect(lab.tags().compromised.has(current)).toBe(true);
    lab.mayBeReplaced.add(current);
    await recover(lab);
    expect(grants(lab)).toEqual(['grant-2']);
    await judged(lab, 'the revision before');
  });

  test('a vendor that issues the same receipt again is not asked for ever: that is said', async () => {
    const lab = await at('due', { ...EXTENDED, behaviour: 'same' });
    personAt(lab).tags(`rotation:compromised:${lab.due()}`, 'by-hand');
    await recover(lab);
    expect(lab.alarms).toContain('compromised-grant-answered-again');
    expect(grants(lab)).toEqual(['grant-1']);
  });
});

describe('a renewal without an answer', () => {
  const lost = () => faulty(onNth(1, 'lost-after', verb('renew')));

  test('is asked for again: a failed attempt, and nothing is suspected', async () => {
    const lab = await at('due');
    lab.due();
    expect(await lab.rotate({}, lost())).toMatchObject({ outcome: 'waits', reason: 'backing-off' });
    expect([suspects(lab), lab.alarms]).toEqual([0, ['attempt-failed']]);
    lab.world.clock.advance(HOUR);
    await recover(lab);
    expect([grants(lab), prolonged(lab), suspects(lab)]).toEqual([['grant-1'], 2, 0]);
    await judged(lab, 'asked again');
  });

  test('five of them block', async () => {
    const lab = await at('due');
    for (let n = 0; n < 5; n += 1) {
      lab.due();
      const { retryAt } = await lab.rotate({}, lost());
      lab.world.clock.advance((retryAt ?? 0) - lab.world.clock.now());
    }
    expect(lab.tags().blocked).toBe('5 attempts failed - the last one: renewal-unknown');
    expect(suspects(lab)).toBe(0);
  });

  test('whose worker was given up while it waited leaves nothing: the base holds the receipt', async () => {
    const lab = await at('due');
    const a = await waitingAt(lab, putsValue);
    lab.world.clock.advance(HOUR);
    await recover(lab);
    expect(await a.goOn()).toMatchObject({ outcome: 'failed', reason: 'given-up-by-another-worker' });
    expect([grants(lab), suspects(lab)]).toEqual([['grant-1'], 0]);
    await judged(lab, 'given up');
  });

  test('nor does one that cannot be stored: the receipt is never revoked from memory', async () => {
    const lab = await at('due');
    lab.due();
    const outcome = await lab.rotate(
      {},
      faulty((effect) => (putsValue(effect) ? 'refused' : undefined)),
    );
    expect(outcome).toMatchObject({ outcome: 'failed', reason: 'value-not-stored' });
    expect([grants(lab), suspects(lab)]).toEqual([['grant-1'], 0]);
    await judged(lab, 'not stored');
  });

  test('nor one whose answer the entry cannot store', async () => {
    const lab = await at('due');
    const value = { fields: { receipt: 'receipt' }, constants: { long: 'x'.repeat(70_000) } };
    const context = lab.context();
    await rotate({ ...context, credential: { ...context.credential, value } }, { version: lab.due(), wish: 'none' });
    expect(suspects(lab)).toBe(0);
    await judged(lab, 'too long');
  });
});

describe('a vendor that answers a renewal with another receipt', () => {
  test('both are kept: the old one is revoked after its grace', async () => {
    const lab = await at('due', OTHER_ID);
    lab.due();
    await lab.rotate();
    expect([grants(lab), lab.grantOn('AWSCURRENT')]).toEqual([['grant-1', 'grant-2'], 'grant-2']);
    await judged(lab, 'another');
    expect(grants(lab)).toEqual(['grant-2']);
  });

  test('those whose answers were lost before are listed as suspects, each for itself, before it is promoted', async () => {
    const lab = await at('due', OTHER_ID);
    for (let n = 0; n < 2; n += 1) {
      lab.due();
      const { retryAt } = await lab.rotate({}, faulty(onNth(1, 'lost-after', verb('renew'))));
      lab.world.clock.advance((retryAt ?? 0) - lab.world.clock.now());
    }
    expect(suspects(lab)).toBe(0); // not known yet
    await diesBefore(lab, promotes);
    expect(suspects(lab)).toBe(2);
    await judged(lab, 'lost before');
    expect(lab.grantOn('AWSCURRENT')).toBe('grant-4');
  });

  test('where the value can no longer be stored the other receipt is listed, with its id, and not revoked', async () => {
    const lab = await at('due', OTHER_ID);
    const a = await waitingAt(lab, putsValue);
    lab.world.clock.advance(HOUR);
    await recover(lab);
    await a.goOn();
    const tags = lab.world.aws.DescribeSecret({ SecretId: lab.credential.secretName }).Tags ?? [];
    const listed = tags.find(({ Key }) => Key?.startsWith('rotation:suspected-orphan:'))?.Value;
    expect(listed).toMatch(/ grant grant-2$/);
    expect(grants(lab)).toContain('grant-2');
    await judged(lab, 'listed');
  });
});

describe('people meanwhile', () => {
  const steps: [string, (effect: Effect) => boolean][] = [
    ['its call', verb('renew')],
    ['the put of its value', putsValue],
    ['its promotion', promotes],
  ];
  const hands: [string, (lab: Lab) => unknown][] = [
    ['put a value of their own', (lab) => personAt(lab).putsValue()],
    ['put two', (lab) => [personAt(lab).putsValue(), personAt(lab).putsValue()]],
    ['put the same receipt again', (lab) => personAt(lab).putsValue({ receipt: { receiptId: 'grant-1' } })],
    ['take AWSPENDING away', (lab) => personAt(lab).takesAway('AWSPENDING')],
  ];
  describe.each(hands)('%s', (_what, does) => {
    test.each(steps)('before %s, and it goes on', async (_step, applies) => {
      const lab = await at('due');
      const a = await waitingAt(lab, applies);
      does(lab);
      await a.goOn().catch(() => undefined);
      await judged(lab, 'by hand');
    });

    test.each(steps)('before %s, and it dies', async (_step, applies) => {
      const lab = await at('due');
      await diesBefore(lab, applies);
      does(lab);
      await judged(lab, 'by hand');
    });

    test('after several extensions', async () => {
      const lab = await at('due, AWSPREVIOUS past its grace');
      lab.due();
      await lab.rotate();
      does(lab);
      await judged(lab, 'by hand');
    });
  });

  test('an extension that a person undid stays undone, and the receipt is not revoked', async () => {
    const lab = await at('on demand');
    const old = lab.due();
    await lab.rotate({ wish: 'normal' });
    personAt(lab).moves('AWSCURRENT', old);
    await judged(lab, 'undone');
    expect([lab.holder('AWSCURRENT'), grants(lab)]).toEqual([old, ['grant-1']]);
  });
});

describe('products that were changed in the entry', () => {
  const changed = (lab: Lab, gate?: Parameters<Lab['context']>[0]): Context => {
    const context = lab.context(gate);
    const credential = context.credential as AccessKey; // the lab's credential is one
    const products = [...credential.products, { product: 'another', accountId: '5011000001' }];
    return { ...context, credential: { ...credential, products } };
  };
  const sent = (lab: Lab): string | undefined => lab.tags().credential?.parameters;

  /** One that has been extended, and is settled. */
  async function written(): Promise<Lab> {
    const lab = await at('due');
    lab.due();
    await lab.rotate();
    lab.world.clock.advance(2 * DAY);
    await recover(lab);
    return lab;
  }

  test('are sent at once, with the fingerprint of what was sent beside the id', async () => {
    const lab = await written();
    expect(sent(lab)).toBe(parametersOf(lab.credential));
    expect(await lab.rotate()).toMatchObject({ outcome: 'done', reason: 'young' });
    const context = changed(lab);
    expect(await rotate(context, { version: lab.due(), wish: 'none' })).toMatchObject({ outcome: 'promoted' });
    expect([sent(lab), prolonged(lab)]).toEqual([parametersOf(context.credential), 2]);
    expect(await rotate(context, { version: lab.due(), wish: 'none' })).toMatchObject({ outcome: 'done' });
    expect(lab.tags().credential?.subject).toMatch(/^[0-9a-f]{16}$/);
  });

  test('are sent again where the worker died before that was written down', async () => {
    const lab = await written();
    const { gate, held } = holding(({ name }) => name === 'TagResource');
    await Promise.race([held, rotate(changed(lab, gate), { version: lab.due(), wish: 'none' })]);
    expect(sent(lab)).toBe(parametersOf(lab.credential));
    lab.world.clock.advance(2 * DAY);
    await lab.settle();
    await rotate(changed(lab), { version: lab.due(), wish: 'none' });
    expect(sent(lab)).toBe(parametersOf(changed(lab).credential));
    expect(prolonged(lab)).toBe(3);
  });

  test('what a dead worker staged is written down as it was sent, whatever the entry says by then', async () => {
    const lab = await written();
    const { gate, held } = holding(promotes);
    await Promise.race([held, rotate(changed(lab, gate), { version: lab.due(), wish: 'none' })]);
    await recover(lab); // by a worker with the entry as it was before
    expect(sent(lab)).toBe(parametersOf(changed(lab).credential));
  });

  test.each([
    ['the grace of what it replaces', 'waits', 'previous-in-grace'],
    ['its minimum interval', 'waits', 'parameters-changed'],
  ])('wait for %s', async (what, outcome, reason) => {
    const lab = await at('due');
    lab.due();
    await lab.rotate();
    if (what !== 'its minimum interval') lab.world.clock.advance(2 * HOUR);
    expect(await rotate(changed(lab), { version: lab.due(), wish: 'none' })).toMatchObject({ outcome, reason });
    expect(prolonged(lab)).toBe(1);
  });

  test('an older secret without a fingerprint is not due; it is written at the next promotion', async () => {
    const lab = await written();
    const [id, subject] = lab.tags().credential === undefined ? [] : Object.values(lab.tags().credential ?? {});
    personAt(lab).tags('rotation:credential', `${id} ${subject}`);
    expect(await rotate(changed(lab), { version: lab.due(), wish: 'none' })).toMatchObject({ outcome: 'done' });
    lab.world.clock.advance(31 * DAY);
    await rotate(changed(lab), { version: lab.due(), wish: 'none' });
    expect(sent(lab)).toBe(parametersOf(changed(lab).credential));
  });

  test('do not make a key due that is not extended: the next rotation sends them', async () => {
    const lab = await at('due', FINICITY);
    lab.due();
    await lab.rotate();
    expect(sent(lab)).toBeUndefined();
    lab.world.clock.advance(2 * DAY);
    expect(await rotate(changed(lab), { version: lab.due(), wish: 'none' })).toMatchObject({ outcome: 'done' });
  });
});

test('a renewal whose bearer token was refused twice did nothing, and is not counted', async () => {
  const lab = await at('due');
  lab.due();
  await lab.rotate(
    {},
    faulty((effect) => (verb('renew')(effect) ? 'not-done' : undefined)),
  );
  expect(lab.alarms).toEqual([]);
  await judged(lab, 'not done');
});
