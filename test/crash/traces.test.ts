import { type Actor, actor } from '../support/actors';
import { type Effect, type Gate, promotes, putsIntent, putsTombstone, putsValue, verb } from '../support/gates';
import { judged } from '../support/judged';
import { AUTH, at, FINICITY, grants, HOUR, MINUTE, OUTBOUND, SAME } from '../support/lab-steps';
import { AT_ONCE, partnerLab } from '../support/partner-situations';
import { personAt } from '../support/person';
import { count } from '../support/proof';
import type { Lab } from '../support/rotation-lab';
import { ROLLBACKS, started } from '../support/situations';

// The rules of the algorithm, each along the shortest way to what is lost without it: `node test/model/check.mjs trace RULE`
// prints the way, here the real code goes it. Times that the model leaves out are those for which an owner may act. What was
// taken out of the code for each, and how it was noticed: docs/2026-11-21-the-rules-of-the-model.md. More of each rule:
// rules.test.ts, rules-of-hands.test.ts, partner-secret-tries.test.ts.

const actors: Actor<unknown>[] = [];
beforeEach(() => {
  actors.length = 0;
});

function led<T>(job: (gate: Gate) => Promise<T>, later: (() => unknown)[] = []): Actor<T> {
  const one = actor(job, later);
  actors.push(one);
  return one;
}

/** A worker takes a job that replaces what is current now. */
function worker(lab: Lab, later: (() => unknown)[] = [], wish: 'none' | 'normal' = 'none') {
  const version = lab.due();
  return led((gate) => lab.rotate({ version, wish }, gate), later);
}

const describes = ({ name }: Effect): boolean => name === 'DescribeSecret';
const tags = ({ name }: Effect): boolean => name === 'TagResource';
const issues = verb('issue');
const revokes = verb('revoke');

/** Everything stops; sweeps run to the end. All went the way of the trace. */
async function everythingStops(lab: Lab): Promise<void> {
  await judged(lab, 'the trace');
  expect(actors.filter((one) => one.astray())).toEqual([]);
  count('interleavings');
}

/** Its first read of the labels. */
async function looked(...actors: Actor<unknown>[]): Promise<void> {
  for (const one of actors) await one.through(describes);
}

/** The put of its value is refused until it gives that up; if it revokes then, it has come so far. */
async function neverStored(one: Actor<unknown>): Promise<void> {
  await one.upTo(putsValue);
  for (let effect = await one.next(); effect !== undefined && !revokes(effect); effect = await one.next()) {
    await one.step(putsValue(effect) ? 'refused' : undefined);
  }
}

test('the trace of once: two that saw the same labels issue once', async () => {
  const lab = await at(AUTH, 'due');
  const [a, b] = [worker(lab), worker(lab)];
  await looked(a, b);
  await a.through(issues);
  await b.through(putsIntent);
  await everythingStops(lab);
});

test('the trace of nonce: what a worker puts is its own', async () => {
  const lab = await at(AUTH, 'due');
  const [a, b] = [worker(lab), worker(lab)];
  await looked(a, b);
  await a.through(issues);
  await a.through(putsValue);
  await b.end();
  await everythingStops(lab);
  expect(lab.alarms).toEqual([]);
});

test('the trace of head: an attempt follows the tombstone before it', async () => {
  const lab = await at(OUTBOUND, 'due');
  const a = worker(lab);
  await a.through(putsIntent);
  lab.world.clock.advance(HOUR);
  const b = worker(lab);
  await b.through(putsTombstone);
  await b.through(tags);
  await b.through(verb('verify'));
  lab.world.clock.advance(HOUR);
  await b.end(); // rests after an attempt that failed
  const again = worker(lab);
  await again.through(issues);
  await again.through(putsValue);
  await again.through(verb('verify'));
  await a.through(issues); // kills what was staged; then a dies
  const c = worker(lab);
  await c.through(describes);
  await again.through(promotes);
  await c.through(verb('verify'));
  await c.through(putsTombstone);
  await everythingStops(lab);
});

test('the trace of tomb: whoever was given up cannot come back', async () => {
  const lab = await at(AUTH, 'due');
  const a = worker(lab);
  await a.through(putsIntent);
  await a.through(issues);
  lab.world.clock.advance(HOUR);
  const b = worker(lab);
  await b.through(tags);
  lab.world.clock.advance(HOUR); // it rests
  const c = worker(lab);
  await c.through(putsIntent);
  await a.through(putsValue);
  await c.through(issues);
  await everythingStops(lab);
  expect(lab.tags().suspects).toHaveLength(2); // a's, and c's, which died
});

test.each([
  ['before the intent', putsIntent],
  ['before the value is put', putsValue],
])('the trace of base: a person puts a version %s', async (_when, before) => {
  const lab = await at(AUTH, 'due');
  const a = worker(lab);
  await looked(a);
  await a.upTo(before);
  const hers = personAt(lab).putsValue();
  await a.through(putsValue);
  await everythingStops(lab);
  expect(lab.holder('AWSCURRENT')).toBe(hers);
});

test('the trace of confirm: a promotion without an answer', async () => {
  const lab = await at(AUTH, 'due');
  const a = worker(lab);
  await a.through(promotes, 'lost-after');
  const outcome = await a.end();
  await everythingStops(lab);
  expect(outcome).toMatchObject({ outcome: 'promoted' });
});

test('the trace of held: a value that is never stored, and may be that of AWSCURRENT', async () => {
  const lab = await at(SAME, 'due');
  const a = worker(lab);
  await neverStored(a);
  await a.end();
  await everythingStops(lab);
  expect(grants(lab)).toEqual(['grant-1']);
});

test('the trace of ambig: a put is still on its way when staging is given up', async () => {
  const lab = await at(FINICITY, 'due');
  const later: (() => unknown)[] = [];
  const a = worker(lab, later);
  await a.through(putsValue, 'late');
  await neverStored(a);
  for (const put of later) put();
  await a.end();
  await everythingStops(lab);
  expect(lab.grantOn('AWSCURRENT')).toBe('grant-2');
});

test('the trace of list: each attempt with an unknown outcome has a tag of its own, before the next intent', async () => {
  const lab = await at(AUTH, 'due');
  const a = worker(lab);
  await a.through(issues, 'lost-after');
  await a.through(putsTombstone);
  const b = worker(lab);
  await b.through(tags);
  await a.end();
  lab.world.clock.advance(HOUR); // it rests
  const c = worker(lab);
  await c.through(putsIntent);
  await everythingStops(lab);
  expect(lab.tags().suspects).toHaveLength(2);
});

test('the trace of recheck: a call that was given up takes effect, and kills what came after it', async () => {
  const lab = await at(OUTBOUND, 'on demand');
  const a = worker(lab, [], 'normal');
  await a.through(putsIntent);
  lab.world.clock.advance(HOUR);
  await worker(lab, [], 'normal').end(); // gives it up, and lists it
  lab.world.clock.advance(HOUR);
  const b = worker(lab, [], 'normal');
  await b.through(issues);
  await a.through(issues);
  await b.through(putsValue);
  await everythingStops(lab);
  expect(lab.alarms).toContain('current-refused');
});

test('the trace of bootGuard: nobody is at work on a new secret but sweeps', async () => {
  const lab = await at(AUTH, 'a new secret');
  await everythingStops(lab);
  expect(lab.grantOn('AWSCURRENT')).toBe('grant-1');
});

test('the trace of bootIntent: the first intent of a new secret is AWSCURRENT', async () => {
  const lab = await at(AUTH, 'a new secret');
  const a = worker(lab);
  await a.through(putsIntent);
  await a.through(issues);
  await everythingStops(lab);
  expect(lab.tags().suspects).toHaveLength(1);
});

test('the trace of undone: AWSCURRENT was moved back by hand', async () => {
  const lab = await at(AUTH, 'on demand');
  const old = lab.due();
  await worker(lab, [], 'normal').end();
  personAt(lab).moves('AWSCURRENT', old);
  await everythingStops(lab);
  expect(lab.holder('AWSCURRENT')).toBe(old);
});

const rolledBack = async (): Promise<Lab> => {
  const start = ROLLBACKS['when its grace is over'];
  if (start === undefined) throw new Error('no such start');
  return started(AUTH, start);
};

test.each([
  ['sweeps', async () => undefined],
  [
    'a revocation is under way, and ends first',
    async (lab: Lab, o: Actor<unknown>) => {
      const a = led((gate) => lab.settle({}, gate));
      await a.upTo(revokes);
      await looked(o);
      await a.end();
    },
  ],
  [
    'a revocation is under way, and ends while the copy waits',
    async (lab: Lab, o: Actor<unknown>) => {
      const a = led((gate) => lab.settle({}, gate));
      await a.upTo(revokes);
      await o.upTo(putsValue);
      await a.end();
    },
  ],
])('the trace of forward: a rollback, and %s', async (_what, meanwhile) => {
  const lab = await rolledBack();
  const o = led((gate) => lab.rollback(gate));
  await meanwhile(lab, o);
  await o.end();
  await everythingStops(lab);
  expect(lab.grantOn('AWSCURRENT')).toBe('grant-1');
});

test('the trace of calm: a sweep that revokes, while a rollback has begun', async () => {
  const lab = await rolledBack();
  const o = led((gate) => lab.rollback(gate));
  await o.upTo(putsValue);
  const s = led((gate) => lab.settle({}, gate));
  await looked(s);
  await o.through(putsValue);
  await s.end();
  await o.end();
  await everythingStops(lab);
  expect(lab.grantOn('AWSCURRENT')).toBe('grant-1');
});

test('the trace of wish: the message was accepted, and its job is lost with Redis', async () => {
  const lab = await at(AUTH, 'on demand');
  lab.due();
  await lab.request({ action: 'rotate', urgency: 'compromised' });
  lab.compromised.add('grant-1'); // whatever was written down
  await everythingStops(lab);
});

test('the trace of urgent: compromised, within the grace of the version before', async () => {
  const lab = await at(AUTH, 'compromised within the grace of the one before');
  await everythingStops(lab);
  expect(grants(lab)).toEqual(['grant-3']);
});

test.each([
  ['before the issue call', async () => undefined],
  ['and it is issued', (a: Actor<unknown>) => a.through(issues)],
])('the trace of refound: a person takes AWSPENDING from an intent %s', async (_when, then) => {
  const lab = await at(AUTH, 'due');
  const a = worker(lab);
  await a.through(putsIntent);
  personAt(lab).takesAway('AWSPENDING');
  await then(a);
  await everythingStops(lab);
  expect(lab.tags().suspects).toHaveLength(1);
});

test('the trace of foreign: a person puts a version of their own, and a grant drops out of the labels', async () => {
  const lab = await at(AUTH, 'compromised within the grace of the one before');
  personAt(lab).removesTags(`rotation:compromised:${lab.holder('AWSCURRENT')}`);
  personAt(lab).putsValue();
  await everythingStops(lab);
  expect(grants(lab)).toEqual(['grant-3']);
});

test('the trace of tries: three workers, and two changes that never reached the vendor', async () => {
  const lab = await partnerLab(AT_ONCE, 'due');
  const change = verb('change');
  let lost = 0;
  const goesOn = async (one: Actor<unknown>): Promise<void> => {
    for (let effect = await one.next(); effect !== undefined; effect = await one.next()) {
      const isLost = change(effect) && lost < 2;
      if (isLost) lost += 1;
      await one.step(isLost ? 'lost-before' : undefined);
    }
  };
  const a = worker(lab);
  await a.through(change, 'lost-before');
  lost += 1;
  await a.through(verb('login'));
  lab.world.clock.advance(10 * MINUTE);
  const [b, c] = [worker(lab), worker(lab)];
  await looked(b, c);
  for (const one of [b, c, a]) await goesOn(one);
  expect(lab.vendor.partner.refused.logins).toBeLessThanOrEqual(2);
  await everythingStops(lab);
});
