import fc from 'fast-check';
import {
  LockHeldError,
  ProviderAuthError,
  ProviderThrottledError,
  ProviderUnavailableError,
} from '../../../src/errors';
import { startSandbox } from '../../sandbox/start';
import {
  type AccessKeyBench,
  type AccessKeyBenchOptions,
  accessKeyBench,
  inDays,
  makeBenchDeps,
  PROVEN_VERSION,
  replicaOf,
  TIMEOUT_MS,
  TOO_SLOW_MS,
} from '../../support/providers/bench';
import type { FaultPart } from '../../support/providers/fault-part';
import { heldByAnother } from '../../support/providers/login-ledger';
import { expectNoSecrets, failureOf } from '../../support/providers/no-secrets';
import { sandboxed } from '../../support/providers/sandboxed';

const LOGIN = 'finicity.authenticate';
const WRONG = 'wrong-SYNTH-partner-secret';
const MINUTE_MS = 60_000;

const here = sandboxed<AccessKeyBench>();

function bench(options?: AccessKeyBenchOptions): AccessKeyBench {
  return here.opened(accessKeyBench(here.sandbox, options));
}
function replica(original: AccessKeyBench): AccessKeyBench {
  return here.opened(replicaOf(original));
}

/** Whatever needs a token: nothing is issued. */
async function logIn(b: AccessKeyBench): Promise<'in'> {
  const prepared = await b.provider.prepare(b.credential, inDays(30));
  await prepared.release();
  return 'in';
}

const logins = () => here.sandbox.control.counters().calls[LOGIN];
const strikes = () => here.sandbox.control.partners().reduce((sum, partner) => sum + partner.strikes, 0);
const befalls = (fault: FaultPart, count = 1) => here.sandbox.control.addFaults({ ...fault, route: LOGIN, count });

/** Answers that do not say whether the login failed. */
const LOST: readonly (readonly [string, FaultPart])[] = [
  ['a reset', { kind: 'reset' }],
  ['a reset after the login', { kind: 'reset', effect: 'done' }],
  ['no answer in time', { kind: 'delay', ms: TOO_SLOW_MS }],
  ['a 500', { kind: 'error-500' }],
  ['a 500 with bad credentials', { kind: 'answer', status: 500, body: '{"code":"24302"}' }],
  ['a truncated answer', { kind: 'truncated-body' }],
  ['malformed JSON', { kind: 'malformed-json' }],
  ['an HTML page with 200', { kind: 'html-200' }],
  ['a 202', { kind: 'accepted-202' }],
  ['a redirect', { kind: 'redirect', location: 'http://127.0.0.1:9/' }],
  ['a 200 without a token', { kind: 'rewrite', remove: ['token'] }],
  ['a 200 with an empty token', { kind: 'rewrite', set: { token: '' } }],
];

/** Answers to a login that are a refusal, or may be the lock. */
const REFUSED: readonly (readonly [number, string])[] = [
  [401, '{"code":"10001"}'],
  [401, '{"code":10021}'],
  [401, '{"code":"24302"}'],
  [401, '{"code":"10026"}'],
  [401, '{"code":"99999","message":"SYNTH never seen"}'],
  [401, 'Invalid (Finicity-App-Key)'],
  [401, ''],
  [403, 'Forbidden'],
  [403, '{"code":"10021"}'],
  [400, '{"code":"10005"}'],
  [404, '{"Errors":{"Error":[{"ReasonCode":"12401"}]}}'],
  [404, '{"code":12401}'],
  [423, 'Locked'],
];

describe('with the proven version', () => {
  it('is marked before, and the mark is removed after', async () => {
    const b = bench();
    b.deps.ledger.before('closeLogin', () => expect(logins()).toBe(1));
    b.deps.ledger.before('openLogin', () => expect(logins()).toBe(0));
    expect(await logIn(b)).toBe('in');
    expect(b.deps.ledger.written).toEqual(['open', `close ${PROVEN_VERSION}`]);
  });

  it.each(REFUSED)('[26] [27] [33] %i %s blocks at once, and nobody logs in again', async (status, body) => {
    const b = bench();
    befalls({ kind: 'answer', status, body });
    const error = await failureOf(logIn(b));
    expect(error).toBeInstanceOf(ProviderAuthError);
    expectNoSecrets(error, ['SYNTH', ...b.secrets]);
    expect(b.deps.ledger.written).toEqual(['open', 'block']);
    expect(b.deps.alarms).toMatchObject([{ name: 'login-refused' }]);
    expectNoSecrets([b.deps.alarms, b.deps.ledger.tags], ['SYNTH', ...b.secrets]);
    for (const other of [b, replica(b)]) expect(await failureOf(logIn(other))).toBeInstanceOf(ProviderAuthError);
    expect(logins()).toBe(1);
    expect(b.deps.alarms).toHaveLength(1);
  });

  it.each(['401-10001', '401-10021', '403', '500'] as const)(
    '[27] stops however a locked account answers: %s',
    async (lockedAnswer) => {
      here.sandbox.control.setSwitches({ finicity: { lockedAnswer, strikesToLock: 1 } });
      const b = bench({ partnerSecret: WRONG });
      await failureOf(logIn(b));
      delete b.deps.ledger.tags.blocked; // a person, too early
      delete b.deps.ledger.tags.loginOpen;
      await failureOf(logIn(b));
      b.deps.clock.advance(5 * MINUTE_MS);
      expect(await failureOf(logIn(replica(b)))).toBeInstanceOf(ProviderAuthError);
      expect(logins()).toBe(2);
    },
  );

  it('[33] a 403 is said to be the place or the lock, not the secret', async () => {
    const b = bench();
    here.sandbox.control.setSwitches({ finicity: { geography: 'refused' } });
    expect((await failureOf(logIn(b))).message).toMatch(/403.*outside its regions.*Or the account is locked/);
    expect(strikes()).toBe(0);
  });

  it.each(LOST)(
    '[26] %s leaves the mark, which first holds others back and then counts as refused',
    async (_name, fault) => {
      const b = bench();
      befalls(fault);
      const error = await failureOf(logIn(b));
      expect(error).toBeInstanceOf(ProviderUnavailableError);
      expectNoSecrets(error, ['SYNTH', ...b.secrets]);
      expect(b.deps.ledger.written).toEqual(['open']);
      expect(await failureOf(logIn(replica(b)))).toBeInstanceOf(LockHeldError);
      b.deps.clock.advance(TIMEOUT_MS + 31_000);
      expect(await failureOf(logIn(replica(b)))).toBeInstanceOf(ProviderAuthError);
      expect(b.deps.ledger.tags.blocked).toMatch(/never ended/);
      expect(logins()).toBe(1);
    },
  );

  it('a throttled login was not tried: the mark goes, and it is made again later', async () => {
    const b = bench();
    befalls({ kind: 'throttled-429', retryAfter: '9' });
    const error = await failureOf(logIn(b));
    expect(error).toBeInstanceOf(ProviderThrottledError);
    expect(error).toMatchObject({ retryAfterMs: 9_000 });
    expect(b.deps.ledger.tags.loginOpen).toBeUndefined();
    expect(await logIn(b)).toBe('in');
  });

  it('a vendor that cannot be reached was not asked: the mark goes', async () => {
    const other = await startSandbox();
    const b = accessKeyBench(other);
    await other.stop();
    expect(await failureOf(logIn(b))).toBeInstanceOf(ProviderUnavailableError);
    expect(b.deps.ledger.written).toEqual(['open', `close ${PROVEN_VERSION}`]);
    b.close();
  });

  it('nobody logs in where the mark cannot be written', async () => {
    const b = bench();
    b.deps.ledger.fail('openLogin');
    expect((await failureOf(logIn(b))).message).toBe('the store is gone');
    expect(logins()).toBe(0);
    expect(await logIn(b)).toBe('in');
  });

  it('a mark whose writing had no answer is removed: nobody logged in', async () => {
    const b = bench();
    b.deps.ledger.fail('openLogin', 1, true);
    expect((await failureOf(logIn(b))).message).toBe('the answer of the store was lost');
    expect([logins(), b.deps.ledger.tags.loginOpen]).toEqual([0, undefined]);
  });

  it('nobody logs in where the mark took so long that others may think it old', async () => {
    const b = bench();
    b.deps.ledger.before('openLogin', () => b.deps.clock.advance(11_000));
    expect(await failureOf(logIn(b))).toBeInstanceOf(ProviderUnavailableError);
    expect([logins(), b.deps.ledger.tags.loginOpen]).toEqual([0, undefined]);
  });

  it('a refusal is written down before the lock is given up, though the store fails for a while', async () => {
    const b = bench({ partnerSecret: WRONG });
    b.deps.ledger.fail('block', 3);
    const failures = await Promise.all([failureOf(logIn(b)), failureOf(logIn(replica(b)))]);
    for (const error of failures) expect(error).toBeInstanceOf(ProviderAuthError);
    expect([logins(), strikes()]).toEqual([1, 1]);
  });

  it('a refusal that could not be written down holds in this process, and by its mark in the others', async () => {
    const b = bench({ partnerSecret: WRONG });
    b.deps.ledger.fail('block', 5);
    await failureOf(logIn(b));
    expect(b.deps.ledger.tags.blocked).toBeUndefined();
    expect(await failureOf(logIn(replica(b)))).toBeInstanceOf(LockHeldError);
    expect(await failureOf(logIn(b))).toBeInstanceOf(ProviderAuthError);
    expect(b.deps.ledger.tags.blocked).toBeDefined(); // written as soon as it can be
    expect([logins(), strikes()]).toEqual([1, 1]);
  });

  it('logs in again when a person has cleared the block', async () => {
    const b = bench();
    befalls({ kind: 'answer', status: 401, body: '' });
    await failureOf(logIn(b));
    delete b.deps.ledger.tags.blocked;
    delete b.deps.ledger.tags.loginOpen;
    expect(await logIn(b)).toBe('in');
  });

  it('a mark that cannot be removed does not cost the token, and is removed before the next login', async () => {
    const b = bench();
    b.deps.ledger.fail('closeLogin', 5);
    expect(await logIn(b)).toBe('in');
    expect(b.deps.ledger.tags.loginOpen).toBeDefined();
    b.deps.clock.advance(91 * MINUTE_MS);
    expect(await logIn(b)).toBe('in');
    expect([logins(), b.deps.ledger.tags.loginOpen]).toEqual([2, undefined]);
  });

  it('does nothing where another holds the lock', async () => {
    const b = bench({ deps: { ...makeBenchDeps(), exclusive: heldByAnother } });
    expect(await failureOf(logIn(b))).toBeInstanceOf(LockHeldError);
    expect([logins(), b.deps.ledger.written]).toEqual([0, []]);
  });

  it.each(['{}', '', 'not JSON', '{"partnerSecret":7}', '{"partnerSecret":""}'])(
    'does not log in with what is no secret: %s',
    async (value) => {
      const b = bench();
      b.deps.ledger.put(PROVEN_VERSION, value);
      const error = await failureOf(logIn(b));
      expect(error).toBeInstanceOf(ProviderAuthError);
      expect(error.message).toContain('finicity/partner');
      expect([logins(), b.deps.ledger.written]).toEqual([0, []]);
    },
  );

  it('two replicas of a process log in one after the other, each for itself', async () => {
    const b = bench();
    await Promise.all([logIn(b), logIn(replica(b)), logIn(b)]);
    const once = ['open', `close ${PROVEN_VERSION}`];
    expect([logins(), b.deps.ledger.written]).toEqual([2, [...once, ...once]]);
  });
});

describe('with a version that has not logged in yet', () => {
  it('takes a try before, and is proven by success', async () => {
    const b = bench({ proven: false });
    b.deps.ledger.before('takeTry', () => expect(logins()).toBe(0));
    expect(await logIn(b)).toBe('in');
    expect(b.deps.ledger.written).toEqual([`try 1 of ${PROVEN_VERSION}`, `close ${PROVEN_VERSION}`]);
    b.deps.clock.advance(91 * MINUTE_MS);
    await logIn(b);
    expect(b.deps.ledger.written.slice(2)).toEqual(['open', `close ${PROVEN_VERSION}`]);
  });

  it('is tried also where an older version is proven: that one is not the current secret', async () => {
    const b = bench();
    b.deps.ledger.tags.proven = 'version-0';
    expect(await logIn(b)).toBe('in');
    expect(b.deps.ledger.tags.proven).toBe(PROVEN_VERSION);
    expect(b.deps.ledger.written[0]).toBe(`try 1 of ${PROVEN_VERSION}`);
  });

  it.each(REFUSED)('[26] [27] [33] %i %s blocks at once: one try, no second', async (status, body) => {
    const b = bench({ proven: false });
    befalls({ kind: 'answer', status, body });
    expect(await failureOf(logIn(b))).toBeInstanceOf(ProviderAuthError);
    expect(b.deps.ledger.written).toEqual([`try 1 of ${PROVEN_VERSION}`, 'block']);
    expect(await failureOf(logIn(replica(b)))).toBeInstanceOf(ProviderAuthError);
    expect(logins()).toBe(1);
  });

  it.each(LOST)('[26] %s leaves one more try', async (_name, fault) => {
    const b = bench({ proven: false });
    befalls(fault);
    expect(await failureOf(logIn(b))).toBeInstanceOf(ProviderUnavailableError);
    expect(await logIn(replica(b))).toBe('in');
    expect(b.deps.ledger.written.slice(0, 2)).toEqual([`try 1 of ${PROVEN_VERSION}`, `try 2 of ${PROVEN_VERSION}`]);
  });

  it.each(LOST)('[26] %s twice: blocked, and no third login', async (_name, fault) => {
    const b = bench({ proven: false });
    befalls(fault, 2);
    expect(await failureOf(logIn(b))).toBeInstanceOf(ProviderUnavailableError);
    expect(await failureOf(logIn(b))).toBeInstanceOf(ProviderAuthError);
    expect(b.deps.ledger.tags.blocked).toBeDefined();
    expect(await failureOf(logIn(replica(b)))).toBeInstanceOf(ProviderAuthError);
    expect(logins()).toBe(2);
  });

  it('tries that others have spent are not taken again', async () => {
    const b = bench({ proven: false });
    for (const n of [1, 2]) await b.deps.ledger.takeTry('', PROVEN_VERSION, n);
    expect(await failureOf(logIn(b))).toBeInstanceOf(ProviderAuthError);
    expect(logins()).toBe(0);
    expect(b.deps.ledger.tags.blocked).toBeDefined();
  });

  it('a throttled try is used again by the same process', async () => {
    const b = bench({ proven: false });
    befalls({ kind: 'throttled-429' }, 3);
    for (const _ of [1, 2, 3]) expect(await failureOf(logIn(b))).toBeInstanceOf(ProviderThrottledError);
    expect(await logIn(b)).toBe('in');
    expect(b.deps.ledger.written).toEqual([`try 1 of ${PROVEN_VERSION}`, `close ${PROVEN_VERSION}`]);
  });

  it('nobody logs in where the try cannot be taken', async () => {
    const b = bench({ proven: false });
    b.deps.ledger.fail('takeTry', 1, true);
    expect((await failureOf(logIn(b))).message).toBe('the answer of the store was lost');
    expect(logins()).toBe(0);
    expect(await logIn(b)).toBe('in'); // by the second one: who took the first is not known
  });

  it('a new version has tries of its own', async () => {
    const b = bench({ proven: false });
    befalls({ kind: 'reset' }, 1);
    await failureOf(logIn(b));
    b.deps.ledger.put('version-2', JSON.stringify({ partnerSecret: b.secrets[1] }));
    expect(await logIn(b)).toBe('in');
    expect(b.deps.ledger.written[1]).toBe('try 1 of version-2');
  });
});

it('[26] a wrong secret never makes more than two refused logins, whatever fails around it', async () => {
  const verbs = fc.constantFrom(
    'observe' as const,
    'takeTry' as const,
    'openLogin' as const,
    'closeLogin' as const,
    'block' as const,
  );
  const step = fc.oneof(
    fc.record({ does: fc.constant('log in' as const), who: fc.nat(2) }),
    fc.record({ does: fc.constant('restart' as const), who: fc.nat(2) }),
    fc.record({ does: fc.constant('wait' as const), ms: fc.integer({ min: 1_000, max: 100 * MINUTE_MS }) }),
    fc.record({
      does: fc.constant('store fails' as const),
      verb: verbs,
      times: fc.integer({ min: 1, max: 6 }),
      after: fc.boolean(),
    }),
    fc.record({
      does: fc.constant('vendor fails' as const),
      how: fc.constantFrom<FaultPart>(
        { kind: 'reset', effect: 'done' },
        { kind: 'reset' },
        { kind: 'error-500', effect: 'done' },
        { kind: 'truncated-body' },
        { kind: 'throttled-429' },
        { kind: 'html-200', effect: 'done' },
      ),
    }),
  );
  await fc.assert(
    fc.asyncProperty(fc.boolean(), fc.array(step, { minLength: 3, maxLength: 25 }), async (proven, steps) => {
      here.sandbox.control.reset();
      const first = accessKeyBench(here.sandbox, { proven, partnerSecret: WRONG });
      const processes = [first, replicaOf(first), replicaOf(first)];
      for (const act of steps) {
        if (act.does === 'log in') await failureOf(logIn(processes[act.who] ?? first));
        if (act.does === 'restart') processes[act.who] = replicaOf(first);
        if (act.does === 'wait') first.deps.clock.advance(act.ms);
        if (act.does === 'store fails') first.deps.ledger.fail(act.verb, act.times, act.after);
        if (act.does === 'vendor fails') befalls(act.how);
      }
      expect(strikes()).toBeLessThanOrEqual(2);
    }),
    { numRuns: 150 },
  );
});

describe('the probe of a paused account', () => {
  const probed = (b: AccessKeyBench) => b.provider.probe?.(b.credential) ?? Promise.reject(new Error('no probe'));

  it('logs in by the same rules, and not at all where there is a token', async () => {
    const b = bench();
    await probed(b);
    await probed(b);
    expect(logins()).toBe(1);
  });

  it('does not log in where the secret was refused', async () => {
    const b = bench({ partnerSecret: WRONG });
    expect(await failureOf(probed(b))).toBeInstanceOf(ProviderAuthError);
    const spent = logins();
    expect(await failureOf(probed(b))).toBeInstanceOf(ProviderAuthError);
    expect(logins()).toBe(spent);
  });
});
