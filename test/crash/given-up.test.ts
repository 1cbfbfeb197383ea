import { InvariantError } from '../../src/errors';
import { countsAfter, foundIntent, giveUp, markGivenUp, seal, takeOver } from '../../src/giving-up';
import { rotate } from '../../src/rotation';
import { AGAIN, type Next } from '../../src/rotation-context';
import { type Settled, whenSettled } from '../../src/unfinished';
import { intentId, valueId } from '../../src/version-ids';
import { AwsError } from '../sandbox/secrets-manager/errors';
import { authSecret } from '../support/credentials';
import { failed } from '../support/decisions';
import {
  type Effect,
  faulty,
  type Gate,
  marksGivenUp,
  open,
  promotes,
  putsIntent,
  putsTombstone,
  verb,
} from '../support/gates';
import { judged } from '../support/judged';
import {
  AUTH,
  announced,
  at,
  DAY,
  diesBefore,
  FINICITY,
  HOUR,
  MINUTE,
  OUTBOUND,
  refusedTimes,
  waitingAt,
} from '../support/lab-steps';
import { observed, parsedValue, valueAged } from '../support/observations';
import { personAt } from '../support/person';
import type { Lab } from '../support/rotation-lab';
import { told } from '../support/told';

// How an attempt is given up, by its owner or by whoever finds it, and what is read first.

const rotating = (lab: Lab, gate: Gate = open) => rotate(lab.context(gate), { version: lab.due(), wish: 'none' });
const seenIn = async (lab: Lab) => {
  const seen = await lab.world.store().observe(lab.credential);
  if (seen === undefined) throw new Error('no secret');
  return seen;
};

/** AWS does not find the version yet, as may be right after a put. */
const notFoundYet =
  (applies: (effect: Effect) => boolean): Gate =>
  async (effect, perform) => {
    if (applies(effect)) throw new AwsError('ResourceNotFoundException', 'not there yet');
    return perform();
  };
const reads = ({ name }: Effect): boolean => name === 'GetSecretValue';
const changes = (lab: Lab): string[] => lab.world.calls.filter((name) => !/^(Describe|Get|List)/.test(name));

test('failures are counted while the same version is to be replaced, up to the fifth', () => {
  const current = valueAged(HOUR);
  const seen = observed(authSecret(), { current });
  expect(countsAfter(failed(2, 3, { base: current }), seen)).toEqual({ failures: 2, undone: 3 });
  for (const last of [undefined, failed(2, 3, { base: 'another' }), failed(5, 3, { base: current })]) {
    expect(countsAfter(last, seen)).toEqual({ failures: 0, undone: 0 });
  }
  expect(countsAfter(failed(2, 3), observed(authSecret()))).toEqual({ failures: 0, undone: 0 });
});

describe('an intent whose owner is gone', () => {
  async function left(): Promise<{ readonly lab: Lab; readonly id: string }> {
    const lab = await at(AUTH, 'due');
    await diesBefore(lab, verb('issue'));
    lab.world.clock.advance(HOUR);
    return { lab, id: lab.holder('AWSPENDING') ?? '' };
  }

  test('that cannot be read yet is left to the next look', async () => {
    const { lab } = await left();
    lab.world.calls.length = 0;
    await expect(rotating(lab, notFoundYet(reads))).rejects.toMatchObject({
      failure: 'unavailable',
      answered: true,
      retryable: true,
      fields: { version: expect.stringMatching(/^intent-/) },
    });
    expect(changes(lab)).toEqual([]);
    await judged(lab, 'read later');
  });

  test('that holds a value is nothing that we did', async () => {
    const { lab } = await left();
    const seen = await seenIn(lab);
    const current = lab.holder('AWSCURRENT') ?? '';
    await expect(takeOver(lab.context(), seen, current)).rejects.toThrow(InvariantError);
    await expect(takeOver(lab.context(), seen, current)).rejects.toMatchObject({ fields: { version: current } });
  });

  test('is given up with AWSPENDING moved from where it is to what stands there already', async () => {
    const { lab, id } = await left();
    const seen = await seenIn(lab);
    const a = takeOver(lab.context(), seen, id);
    expect(await a).toBe(AGAIN);
    const tombstone = lab.holder('AWSPENDING') ?? '';
    expect(tombstone).toBe(lab.holder('ROTATION_GIVEN_UP'));
    personAt(lab).moves('AWSPENDING', id);
    personAt(lab).takesAway('ROTATION_GIVEN_UP');
    expect(await takeOver(lab.context(), await seenIn(lab), id)).toBe(AGAIN);
    expect(lab.holder('AWSPENDING')).toBe(tombstone);
    expect(lab.holder('ROTATION_GIVEN_UP')).toBe(tombstone);
  });

  test('where its value stands already, AWSPENDING goes to the value, and nothing is called given up', async () => {
    const lab = await at(AUTH, 'due');
    const a = await waitingAt(lab, promotes);
    const value = lab.holder('AWSPENDING') ?? '';
    const intent = intentId(lab.holder('AWSCURRENT') ?? '');
    personAt(lab).moves('AWSPENDING', intent);
    lab.world.clock.advance(HOUR);
    lab.world.calls.length = 0;
    expect(await takeOver(lab.context(), await seenIn(lab), intent)).toBe(AGAIN);
    expect(lab.holder('AWSPENDING')).toBe(value);
    expect(lab.holder('ROTATION_GIVEN_UP')).toBeUndefined();
    expect(lab.world.calls).not.toContain('UntagResource');
    await a.goOn();
    await judged(lab, 'went on');
  });
});

describe('an intent that was to be put, and is there', () => {
  test('that another worker has just put waits for its owner, to the moment', async () => {
    const lab = await at(AUTH, 'due');
    const b = await waitingAt(lab, putsIntent);
    await diesBefore(lab, verb('issue'));
    const { issuedAt } = parsedValue((await announced(lab)).value);
    expect(await b.goOn()).toEqual({ outcome: 'waits', reason: 'owner-may-act', retryAt: issuedAt + 30_000 });
  });

  test.each([
    [-1, { outcome: 'waits', reason: 'owner-may-act' }],
    [0, AGAIN],
  ])('from which AWSPENDING was taken is given up when its owner can no longer act: %i ms', async (ms, expected) => {
    const lab = await at(AUTH, 'due');
    const before = await seenIn(lab);
    await diesBefore(lab, verb('issue'));
    const id = lab.holder('AWSPENDING') ?? '';
    const { issuedAt } = parsedValue((await announced(lab)).value);
    personAt(lab).moves('AWSPENDING', lab.holder('AWSCURRENT') ?? '');
    const context = lab.context();
    const clock = { ...context.clock, now: () => issuedAt + 30_000 + ms };
    const next = await foundIntent({ ...context, clock }, before, id);
    expect(next).toEqual(expected === AGAIN ? AGAIN : { ...Object(expected), retryAt: issuedAt + 30_000 });
    expect(lab.holder('ROTATION_GIVEN_UP') !== undefined).toBe(expected === AGAIN);
  });

  const wentOn = { outcome: 'done', reason: 'another-worker-went-on' };

  test('that cannot be read, or is no intent, is left to who put it', async () => {
    const lab = await at(AUTH, 'due');
    const before = await seenIn(lab);
    expect(await foundIntent(lab.context(), before, lab.holder('AWSCURRENT') ?? '')).toEqual(wentOn);
    expect(await foundIntent(lab.context(notFoundYet(reads)), before, intentId('x'))).toEqual(wentOn);
  });

  test('is left alone where another version is current by now, or AWSPENDING is beyond it', async () => {
    const lab = await at(AUTH, 'due');
    const before = await seenIn(lab);
    const id = intentId(lab.holder('AWSCURRENT') ?? '');
    await rotating(lab);
    lab.world.clock.advance(HOUR);
    lab.world.calls.length = 0;
    expect(await foundIntent(lab.context(), before, id)).toEqual(wentOn);
    personAt(lab).takesAway('AWSPENDING');
    expect(await foundIntent(lab.context(), before, id)).toEqual(wentOn);
    const beyond = await at(AUTH, 'due');
    const seen = await seenIn(beyond);
    const intent = intentId(beyond.holder('AWSCURRENT') ?? '');
    await diesBefore(beyond, promotes);
    beyond.world.clock.advance(HOUR);
    expect(await foundIntent(beyond.context(), seen, intent)).toEqual(wentOn);
    expect([...changes(lab), beyond.holder('ROTATION_GIVEN_UP')]).toEqual([undefined]);
  });

  test('whose value was stored, and lost AWSPENDING to a person, has it put back on the value', async () => {
    const lab = await at(AUTH, 'due');
    const intent = intentId(lab.holder('AWSCURRENT') ?? '');
    await diesBefore(lab, promotes);
    const staged = lab.holder('AWSPENDING');
    personAt(lab).takesAway('AWSPENDING');
    lab.world.clock.advance(HOUR);
    expect(await foundIntent(lab.context(), await seenIn(lab), intent)).toBe(AGAIN);
    expect([lab.holder('AWSPENDING'), lab.holder('ROTATION_GIVEN_UP')]).toEqual([staged, undefined]);
  });

  test.each(['on the value', 'nowhere'])(
    'seals a value that a person has made current: AWSPENDING, which is %s, goes to the seal',
    async (where) => {
      const lab = await at(AUTH, 'due');
      await diesBefore(lab, promotes);
      const staged = parsedValue(lab.holder('AWSPENDING') ?? '');
      const counts = { failures: 0, undone: 0 };
      await seal(lab.context(), staged, 'superseded', lab.holder('AWSCURRENT') ?? '', counts);
      const tombstone = lab.holder('AWSPENDING') ?? '';
      expect(tombstone).toBe(intentId(staged.id));
      personAt(lab).moves('AWSCURRENT', staged.id);
      if (where === 'nowhere') personAt(lab).takesAway('AWSPENDING');
      else personAt(lab).moves('AWSPENDING', staged.id);
      personAt(lab).takesAway('ROTATION_GIVEN_UP');
      expect(await foundIntent(lab.context(), await seenIn(lab), tombstone)).toBe(AGAIN);
      expect([lab.holder('AWSPENDING'), lab.holder('ROTATION_GIVEN_UP')]).toEqual([tombstone, tombstone]);
    },
  );
});

describe('a tombstone', () => {
  test('that is there already is not marked twice', async () => {
    const lab = await at(AUTH, 'due');
    await rotating(
      lab,
      faulty((effect) => (verb('issue')(effect) ? 'refused' : undefined)),
    );
    const tombstone = lab.holder('ROTATION_GIVEN_UP') ?? '';
    const seen = await seenIn(lab);
    lab.world.calls.length = 0;
    await markGivenUp(lab.context(), seen, tombstone);
    await markGivenUp(lab.context(), undefined, tombstone);
    expect(lab.world.calls).toEqual([]);
  });

  test('under which another worker has put its own takes AWSPENDING and the mark', async () => {
    const lab = await at(AUTH, 'due');
    await diesBefore(lab, verb('issue'));
    const dead = await announced(lab);
    await giveUp(lab.context(), dead, 'not-done');
    personAt(lab).takesAway('ROTATION_GIVEN_UP');
    personAt(lab).moves('AWSPENDING', dead.id);
    lab.world.clock.advance(MINUTE);
    await giveUp(lab.context(), dead, 'refused');
    expect(lab.holder('AWSPENDING')).toBe(dead.value);
    expect(lab.holder('ROTATION_GIVEN_UP')).toBe(dead.value);
    expect(await lab.world.store().read(lab.credential, dead.value)).toMatchObject({ because: 'not-done' });
  });

  test('is not marked where AWSPENDING could not be moved to it', async () => {
    const lab = await at(AUTH, 'due');
    await diesBefore(lab, verb('issue'));
    const dead = await announced(lab);
    await giveUp(lab.context(), dead, 'not-done');
    lab.world.clock.advance(MINUTE);
    let marks = 0;
    const counting: Gate = async (effect, perform) => {
      if (marksGivenUp(effect)) marks += 1;
      return perform();
    };
    await giveUp(lab.context(counting), dead, 'refused'); // AWSPENDING is no longer on the intent
    expect(marks).toBe(0);
  });
});

describe('what counts as a failure', () => {
  async function stagedValue() {
    const lab = await at(AUTH, 'due');
    await diesBefore(lab, promotes);
    return { lab, staged: parsedValue(lab.holder('AWSPENDING') ?? ''), base: lab.holder('AWSCURRENT') ?? '' };
  }

  const kept = async (lab: Lab) => {
    const content = await lab.world.store().read(lab.credential, lab.holder('AWSPENDING') ?? '');
    if (content?.is !== 'tombstone') throw new Error('no tombstone');
    const { at: _, ...rest } = content;
    return rest;
  };

  test('a superseded value is none, and is told as what it is', async () => {
    const { lab, staged, base } = await stagedValue();
    const counts = { failures: 1, undone: 2 };
    const lines = await told(lab.context(), (context) => seal(context, staged, 'superseded', base, counts));
    expect(lines).toEqual(['info step=give-up call=issue rotation=a-rotation reason=superseded failures=1']);
    expect(await kept(lab)).toEqual({ is: 'tombstone', because: 'superseded', base, ...counts });
    expect(lab.tags().blocked).toBeUndefined();
  });

  test('a refusal of an imported value is none, and delays nothing', async () => {
    const { lab, staged, base } = await stagedValue();
    for (const because of ['value-refused', 'not-done'] as const) {
      await seal(lab.context(), staged, because, base, { failures: 4, undone: 2 }, { call: 'import' });
    }
    expect(await kept(lab)).toEqual({ is: 'tombstone', because: 'value-refused', base, failures: 4, undone: 2 });
    expect(lab.tags().blocked).toBeUndefined();
  });

  test('what fails while its account is paused lengthens the pause only', async () => {
    const { lab, staged, base } = await stagedValue();
    const gate = { enter: async () => 'free' as const, pausedUntil: () => 1, leave: async () => undefined };
    const context = { ...lab.context(), gate };
    await seal(context, staged, 'value-refused', base, { failures: 4, undone: 2 }, { retryAt: 9 });
    expect(await kept(lab)).toEqual({
      is: 'tombstone',
      because: 'value-refused',
      base,
      failures: 4,
      undone: 3,
      retryAt: 9,
    });
    expect(lab.tags().blocked).toBeUndefined();
  });
});

test('a tombstone that another worker put in the same moment keeps the block that it led to', async () => {
  const lab = await at(AUTH, 'due');
  await refusedTimes(lab, 4);
  await diesBefore(lab, verb('issue'));
  lab.world.clock.advance(HOUR);
  const a = await waitingAt(lab, putsTombstone);
  lab.world.clock.advance(HOUR); // its tag was a change of the secret: the intent counts as young again
  expect(await lab.rotate()).toMatchObject({ outcome: 'blocked' });
  await a.goOn();
  expect(lab.tags().blocked).toBe('5 attempts failed - the last one: outcome-unknown');
});

test('a pass that never comes to an end is a bug, and says of what', async () => {
  const lab = await at(AUTH, 'due');
  let passes = 0;
  const begin = async (): Promise<Next> => {
    passes += 1;
    return AGAIN;
  };
  const running = whenSettled(lab.context(), { wish: 'none', creates: false, begin });
  await expect(running).rejects.toMatchObject({ code: 'invariant', fields: { credential: lab.credential.id } });
  expect(passes).toBe(40);
});

describe('a secret that is missing', () => {
  test('is not created for a job that names a version', async () => {
    const lab = await at(AUTH, 'a new secret');
    expect(await lab.rotate({ version: valueId('0'.repeat(32), undefined, 'x') })).toEqual({
      outcome: 'done',
      reason: 'secret-missing',
    });
    expect(lab.world.aws.secrets()).toEqual([]);
  });

  test('and was made a moment ago by another worker: it is waited for', async () => {
    const lab = await at(AUTH, 'a new secret');
    const from = lab.world.clock.now();
    let hidden = 2;
    const late: Gate = async (effect, perform) => {
      if (effect.name === 'DescribeSecret' && hidden > 0) {
        hidden -= 1;
        throw new AwsError('ResourceNotFoundException', 'not there yet');
      }
      return perform();
    };
    expect(await rotating(lab, late)).toMatchObject({ outcome: 'promoted' });
    expect(lab.world.calls.filter((name) => name === 'CreateSecret')).toHaveLength(2);
    expect(lab.world.clock.now() - from).toBeGreaterThanOrEqual(500);
    const usual = await at(AUTH, 'a new secret');
    const began = usual.world.clock.now();
    await rotating(usual);
    expect(usual.world.clock.now() - began).toBeLessThan(500);
  });
});

describe('the last attempt, which nobody has listed', () => {
  async function unlisted(vendor = AUTH): Promise<Lab> {
    const lab = await at(vendor, 'due');
    const lost = faulty((effect) => (verb('issue')(effect) ? 'lost-before' : undefined));
    await rotating(lab, lost);
    personAt(lab).removesTags(
      ...lab.tags().suspects.map(({ rotationId }) => `rotation:suspected-orphan:${rotationId}`),
    );
    return lab;
  }

  test('is listed before anything else is begun', async () => {
    const lab = await unlisted();
    expect(await told(lab.context(), (context) => rotate(context, { version: lab.due(), wish: 'none' }))).toEqual([
      'alarm suspected-orphan rotation=a-rotation grant=undefined until=never',
    ]);
    expect(lab.tags().suspects).toHaveLength(1);
    const other = await unlisted();
    const seen: number[] = [];
    const begin = async (input: Settled): Promise<Next> => {
      seen.push(input.seen.tags.suspects.length);
      return { outcome: 'done', reason: 'begun' };
    };
    await whenSettled(other.context(), { wish: 'none', creates: false, begin });
    expect(seen).toEqual([1]);
  });

  test('is not, when nothing that it left can live any more', async () => {
    const lab = await unlisted(OUTBOUND);
    const { issuedAt } = parsedValue(lab.holder('AWSPENDING') ?? '');
    for (const [ms, listed] of [
      [0, 0],
      [-1, 1],
    ] as const) {
      const now = issuedAt + DAY + ms;
      const context = lab.context();
      const begin = async () => ({ outcome: 'done', reason: 'asked' }) as const;
      const clock = { ...context.clock, now: () => now };
      await whenSettled({ ...context, clock }, { wish: 'none', creates: false, begin });
      expect(lab.tags().suspects).toHaveLength(listed);
    }
  });

  test('is not, where it is known to have done nothing', async () => {
    const lab = await at(FINICITY, 'due');
    await rotating(
      lab,
      faulty((effect) => (verb('issue')(effect) ? 'refused' : undefined)),
    );
    await lab.rotate();
    expect(lab.tags().suspects).toEqual([]);
  });
});
