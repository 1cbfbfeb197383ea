import { SecretStoreError } from '../../src/errors';
import { promote, verifyAndPromote } from '../../src/promotion';
import { rotate } from '../../src/rotation';
import { AwsError } from '../sandbox/secrets-manager/errors';
import { type Effect, faulty, type Gate, onNth, promotes, putsIntent, verb } from '../support/gates';
import { judged } from '../support/judged';
import { AUTH, at, diesBefore, FINICITY, MINUTE, OUTBOUND, waitingAt } from '../support/lab-steps';
import { parsedValue } from '../support/observations';
import { personAt } from '../support/person';
import type { Lab } from '../support/rotation-lab';

// AWSCURRENT moves only from the base, and the labels say whether it has: what came of a move, answer by answer.

const rotating = (lab: Lab, gate: Gate) => rotate(lab.context(gate), { version: lab.due(), wish: 'none' });

/** AWS says that the label is elsewhere, as it does to a compare-and-swap that comes too late. */
const refusing = (applies: (effect: Effect) => boolean, times = Number.POSITIVE_INFINITY): Gate => {
  let met = 0;
  return async (effect, perform) => {
    if (!applies(effect)) return perform();
    met += 1;
    if (met > times) return perform();
    throw new AwsError('InvalidParameterException', 'the label is not on that version');
  };
};

test('a move that is refused is tried three times while AWSCURRENT is on the base, then left to a later job', async () => {
  const lab = await at(AUTH, 'due');
  let moves = 0;
  const refuses = refusing(promotes);
  const outcome = await rotating(lab, (effect, perform) => {
    if (promotes(effect)) moves += 1;
    return refuses(effect, perform);
  });
  expect(outcome).toEqual({
    outcome: 'waits',
    reason: 'promotion-refused',
    retryAt: lab.world.clock.now() + MINUTE,
  });
  expect(moves).toBe(3);
  await judged(lab, 'left');
  expect(lab.grantOn('AWSCURRENT')).toBe('grant-2');
});

test('between two tries there is a pause, and the second may succeed', async () => {
  const lab = await at(AUTH, 'due');
  const from = lab.world.clock.now();
  expect(await rotating(lab, refusing(promotes, 1))).toMatchObject({ outcome: 'promoted', reason: 'unverified' });
  expect(lab.world.clock.now() - from).toBeGreaterThanOrEqual(500);
  expect(lab.world.clock.now() - from).toBeLessThan(1_000);
});

test('one that another worker made meanwhile is said to be theirs', async () => {
  const lab = await at(AUTH, 'due');
  const a = await waitingAt(lab, promotes);
  expect(await lab.rotate()).toMatchObject({ outcome: 'promoted', reason: 'unverified' });
  const version = lab.holder('AWSCURRENT');
  expect(await a.goOn()).toEqual({ outcome: 'promoted', version, reason: 'by-another-worker' });
  await judged(lab, 'twice');
});

test.each(['lost-after', 'lost-before'] as const)('one without an answer may be our own: %s', async (fault) => {
  const lab = await at(AUTH, 'due');
  const outcome = await rotating(lab, faulty(onNth(1, fault, promotes)));
  expect(outcome).toEqual({ outcome: 'promoted', version: lab.holder('AWSCURRENT'), reason: 'unverified' });
});

test('a missing permission is no answer to wait for', async () => {
  const lab = await at(AUTH, 'due');
  let moves = 0;
  const forbidden = faulty((effect) => (promotes(effect) ? 'refused' : undefined));
  const job = rotating(lab, (effect, perform) => {
    if (promotes(effect)) moves += 1;
    return forbidden(effect, perform);
  });
  await expect(job).rejects.toThrow(SecretStoreError);
  expect(moves).toBe(1);
});

test('a bug of ours is not taken for an answer of AWS', async () => {
  const lab = await at(AUTH, 'due');
  const broken: Gate = async (effect, perform) => {
    if (promotes(effect)) throw new TypeError('undefined is not a function');
    return perform();
  };
  const { store, ...context } = lab.context();
  const breaking = {
    ...context,
    store: {
      ...store,
      promote: () =>
        broken({ at: 'store', name: 'UpdateSecretVersionStage', input: { VersionStage: 'AWSCURRENT' } }, () => true),
    },
  };
  await expect(rotate(breaking, { version: lab.due(), wish: 'none' })).rejects.toThrow(TypeError);
});

test('where a person has made another version current it is not tried again', async () => {
  const lab = await at(AUTH, 'due');
  const a = await waitingAt(lab, promotes);
  const staged = parsedValue(lab.holder('AWSPENDING') ?? '');
  const base = lab.holder('AWSCURRENT') ?? '';
  const hers = personAt(lab).putsValue();
  lab.world.calls.length = 0;
  await promote(lab.context(), staged, base, 'unverified');
  expect(lab.world.calls).toEqual(['UpdateSecretVersionStage', 'DescribeSecret']);
  await a.goOn();
  expect(lab.holder('AWSCURRENT')).toBe(hers);
  await judged(lab, 'hers');
});

test('nothing is promoted whose id is not of our making', async () => {
  const lab = await at(AUTH, 'due');
  const base = lab.holder('AWSCURRENT') ?? '';
  const hers = personAt(lab).putsValue();
  const staged = { id: hers, base, call: 'issue', held: {}, counts: { failures: 0, undone: 0 } } as const;
  lab.world.calls.length = 0;
  await expect(verifyAndPromote(lab.context(), staged)).rejects.toMatchObject({
    code: 'invariant',
    fields: { version: hers },
  });
  expect(lab.world.calls).toEqual([]);
});

test('grace counts from the id, unless the promotion came more than a minute later: then from a tag before it', async () => {
  for (const late of [false, true]) {
    const lab = await at(AUTH, 'due');
    const a = await waitingAt(lab, promotes);
    lab.world.calls.length = 0;
    const staged = parsedValue(lab.holder('AWSPENDING') ?? '');
    lab.world.clock.advance(staged.issuedAt + MINUTE - lab.world.clock.now() + (late ? 1 : 0));
    const now = lab.world.clock.now();
    await promote(lab.context(), staged, lab.holder('AWSCURRENT') ?? '', 'unverified');
    expect(lab.world.calls).toEqual([...(late ? ['TagResource'] : []), 'UpdateSecretVersionStage']);
    expect(lab.tags().promoted).toEqual(late ? { version: staged.id, at: now } : undefined);
    await a.goOn();
  }
});

test('what the vendor was sent is written down when the version that holds it is current, and not before', async () => {
  const lab = await at({ ...FINICITY, policy: { renewal: 'extend' } }, 'due');
  personAt(lab).tags('rotation:credential', `${lab.tags().credential?.id} ${lab.tags().credential?.subject} other-0`);
  await rotating(lab, refusing(promotes));
  expect(lab.tags().credential?.parameters).toBe('other-0');
  lab.world.clock.advance(2 * MINUTE);
  await rotating(lab, async (_effect, perform) => perform());
  expect(lab.tags().credential?.parameters).not.toBe('other-0');
});

describe('the intent', () => {
  test.each(['lost-after', 'lost-before', 'not-done'] as const)(
    'is put again where there was no answer: %s',
    async (fault) => {
      const lab = await at(AUTH, 'due');
      const from = lab.world.clock.now();
      let puts = 0;
      const once = faulty(onNth(1, fault, putsIntent));
      const outcome = await rotating(lab, (effect, perform) => {
        if (putsIntent(effect)) puts += 1;
        return once(effect, perform);
      });
      expect(outcome).toMatchObject({ outcome: 'promoted' });
      expect(puts).toBe(2);
      expect(lab.world.clock.now() - from).toBeGreaterThanOrEqual(500);
    },
  );

  test.each([
    [5_000, 'promoted', 2],
    [5_001, 'waits', 1],
  ])('is issued on until it is five seconds old: put within %i ms', async (ms, outcome, grants) => {
    const lab = await at(AUTH, 'due');
    const takes: Gate = async (effect, perform) => {
      const from = lab.world.clock.now();
      const answer = await perform();
      if (putsIntent(effect)) lab.world.clock.advance(from + ms - lab.world.clock.now());
      return answer;
    };
    expect(await rotating(lab, takes)).toMatchObject({ outcome });
    expect(lab.vendor.live.size).toBe(grants);
  });

  test('is not put again when it would be too old to issue on', async () => {
    const lab = await at(AUTH, 'due');
    const from = lab.world.clock.now();
    let puts = 0;
    const never = faulty((effect) => (putsIntent(effect) ? 'lost-before' : undefined));
    const job = rotating(lab, (effect, perform) => {
      if (putsIntent(effect)) puts += 1;
      return never(effect, perform);
    });
    await expect(job).rejects.toThrow(SecretStoreError);
    expect(puts).toBe(11);
    expect(lab.world.clock.now() - from).toBeLessThan(5_100);
    expect(lab.vendor.live.size).toBe(1);
  });

  test('is not put again where AWS refuses it', async () => {
    const lab = await at(AUTH, 'due');
    let puts = 0;
    const forbidden = faulty((effect) => (putsIntent(effect) ? 'refused' : undefined));
    const job = rotating(lab, (effect, perform) => {
      if (putsIntent(effect)) puts += 1;
      return forbidden(effect, perform);
    });
    await expect(job).rejects.toThrow(SecretStoreError);
    expect(puts).toBe(1);
    expect(lab.vendor.live.size).toBe(1);
  });
});

describe('verified', () => {
  /** The vendor accepts the new value from its n-th look on. */
  const slow = (n: number): Gate => {
    let looks = 0;
    return async (effect, perform) => {
      if (!verb('verify')(effect)) return perform();
      looks += 1;
      return looks < n ? ('refused' as never) : perform();
    };
  };

  test('a value may take a while to work: six looks, the pauses between them grow', async () => {
    const lab = await at(OUTBOUND, 'due');
    const from = lab.world.clock.now();
    expect(await rotating(lab, slow(6))).toMatchObject({ outcome: 'promoted', reason: 'verified' });
    expect(Math.round((lab.world.clock.now() - from) / 1_000)).toBe(16);
  });

  test('one that never does is given up, and the credential rests', async () => {
    const lab = await at(OUTBOUND, 'due');
    expect(await rotating(lab, slow(99))).toMatchObject({ outcome: 'waits', reason: 'backing-off' });
    expect(lab.tags().suspects).toHaveLength(1);
  });

  test('a failure to look is not a refusal', async () => {
    const lab = await at(OUTBOUND, 'due');
    await expect(rotating(lab, faulty(onNth(1, 'not-done', verb('verify'))))).rejects.toThrow('connection refused');
    expect(lab.holder('ROTATION_GIVEN_UP')).toBeUndefined();
    await judged(lab, 'verified later');
  });
});

test('a staged value that dies with its worker is finished by whoever finds it, as what it was', async () => {
  const lab = await at({ ...FINICITY, policy: { renewal: 'extend' } }, 'due');
  await diesBefore(lab, promotes);
  expect(await rotating(lab, async (_effect, perform) => perform())).toMatchObject({
    outcome: 'promoted',
    reason: 'unverified',
  });
  await judged(lab, 'found');
});
