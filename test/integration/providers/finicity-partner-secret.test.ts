import {
  InvariantError,
  LockHeldError,
  OutcomeUnknownError,
  ProviderAuthError,
  ProviderThrottledError,
  ProviderUnavailableError,
} from '../../../src/errors';
import type { ChosenVerbs, LoginAnswer } from '../../../src/provider';
import { Sensitive } from '../../../src/sensitive';
import { startSandbox } from '../../sandbox/start';
import {
  type AccessKeyBenchOptions,
  type PartnerSecretBench,
  partnerSecretBench,
  replicaOf,
  TOO_SLOW_MS,
} from '../../support/providers/bench';
import type { FaultPart } from '../../support/providers/fault-part';
import { expectNoSecrets, failureOf } from '../../support/providers/no-secrets';
import { sandboxed } from '../../support/providers/sandboxed';

const CHANGE = 'finicity.modify-partner-secret';
const LOGIN = 'finicity.authenticate';
const NEXT = 'next-SYNTH-partner-secret-2';

const here = sandboxed<PartnerSecretBench>();
const bench = (options?: AccessKeyBenchOptions): PartnerSecretBench =>
  here.opened(partnerSecretBench(here.sandbox, options));

function verbsOf({ provider }: PartnerSecretBench): ChosenVerbs {
  if (provider.chosen === undefined) throw new Error('no verbs');
  return provider.chosen;
}

const right = (b: PartnerSecretBench): string => b.secrets[1] ?? '';

async function change(b: PartnerSecretBench, { from = right(b), to = NEXT, immediate = false } = {}) {
  const prepared = await verbsOf(b).prepareChange(b.credential);
  return prepared.send({ from: new Sensitive(from), to: new Sensitive(to), immediate });
}

const yes = async (): Promise<boolean> => true;
const login = (b: PartnerSecretBench, secret: string, begins = yes): Promise<LoginAnswer> =>
  verbsOf(b).login(b.credential, new Sensitive(secret), begins);

const befalls = (route: typeof CHANGE | typeof LOGIN, fault: FaultPart) =>
  here.sandbox.control.addFaults({ ...fault, route });
const strikes = () => here.sandbox.control.partners().reduce((sum, partner) => sum + partner.strikes, 0);
const calls = (route: typeof CHANGE | typeof LOGIN) => here.sandbox.control.counters().calls[route];

it('says what the algorithm turns on, and has no verb that issues, verifies or revokes', async () => {
  const b = bench();
  expect(b.provider).toMatchObject({
    kind: 'finicity-partner-secret',
    traits: { issuedBy: 'us', verifiable: false, revocable: false, replacesInPlace: false },
  });
  for (const verb of [
    b.provider.prepare(b.credential, undefined),
    b.provider.verify(b.credential, {}),
    b.provider.revoke(b.credential, { grant: 'x' }, { current: undefined, repeated: false }),
  ])
    await expect(verb).rejects.toBeInstanceOf(InvariantError);
  expect(await b.provider.reinstate(b.credential, 'x')).toBe(false);
});

it('chooses a value of the length that the entry asks for', () => {
  const b = bench();
  const { partnerSecret } = verbsOf(b).choose({ ...b.credential, length: 99 });
  expect(partnerSecret).toHaveLength(99);
});

describe('a change', () => {
  it.each([
    [false, [true, true]],
    [true, [false, true]],
  ])('with immediate %p says what the old one does', async (immediate, works) => {
    const b = bench();
    expect(await change(b, { immediate })).toEqual({ is: 'changed' });
    const answers = [await login(b, right(b)), await login(b, NEXT)];
    expect(answers.map(({ is }) => is === 'works')).toEqual(works);
  });

  it('[29] of an older server that ignores the flag is told like any other', async () => {
    here.sandbox.control.setSwitches({ finicity: { graceMs: 0 } });
    const b = bench();
    expect(await change(b)).toEqual({ is: 'changed' });
    expect((await login(b, right(b))).is).toBe('refused');
    expect((await login(b, NEXT)).is).toBe('works');
  });

  it('that the policy does not allow was not made: 24437', async () => {
    here.sandbox.control.setSwitches({ finicity: { changeToSame: 'refused' } });
    const b = bench();
    const answer = await change(b, { to: right(b) });
    expect(answer).toEqual({ is: 'not-taken', why: 'finicity change of the partner secret: status 400, 24437' });
    expect([(await login(b, right(b))).is, strikes()]).toEqual(['works', 0]);
  });

  it('[28] that is refused within the grace of the one before was not made', async () => {
    here.sandbox.control.setSwitches({ finicity: { changeDuringGrace: 'refused' } });
    const b = bench();
    await change(b);
    expect(await change(b, { from: NEXT, to: 'another-SYNTH-secret-3' })).toMatchObject({ is: 'not-taken' });
  });

  it.each([
    [401, '{"code":"10001"}', /partnerId or partner secret is wrong/],
    [401, '{"code":10021}', /not authorized/],
    [401, 'Invalid (Finicity-App-Key)', /ask the vendor whether the account is locked/],
    [403, 'Forbidden', /outside its regions.*Or the account is locked/],
    [404, '{"code":12401}', /does not know partnerId/],
    [423, 'Locked', /locked/],
  ])('[26] [27] [33] %i %s is taken for a refused login', async (status, body, why) => {
    const b = bench();
    befalls(CHANGE, { kind: 'answer', status, body });
    expect(await change(b)).toMatchObject({ is: 'refused', why: expect.stringMatching(why) });
  });

  it('[26] with a wrong secret counts, and is said to be refused', async () => {
    const b = bench();
    expect(await change(b, { from: 'wrong-SYNTH-secret-1' })).toMatchObject({ is: 'refused' });
    expect(strikes()).toBe(1);
  });

  const LOST: readonly (readonly [string, FaultPart])[] = [
    ['a reset', { kind: 'reset' }],
    ['a reset after it', { kind: 'reset', effect: 'done' }],
    ['no answer in time', { kind: 'delay', ms: TOO_SLOW_MS }],
    ['a 500', { kind: 'error-500' }],
    ['a 503 after it', { kind: 'answer', status: 503, body: '', effect: 'done' }],
    ['a 200 in place of the 204', { kind: 'answer', status: 200, body: '{}', effect: 'done' }],
    ['an HTML page', { kind: 'html-200' }],
    ['a redirect', { kind: 'redirect', location: 'http://127.0.0.1:9/' }],
  ];
  it.each(LOST)('[30] %s: nobody knows whether it was made, and it is not repeated', async (_what, fault) => {
    const b = bench();
    befalls(CHANGE, fault);
    const error = await failureOf(change(b));
    expect(error).toBeInstanceOf(OutcomeUnknownError);
    expectNoSecrets(error, ['SYNTH', ...b.secrets, NEXT]);
    expect(calls(CHANGE)).toBeLessThanOrEqual(1);
  });

  it('that was throttled was not made', async () => {
    const b = bench();
    befalls(CHANGE, { kind: 'throttled-429', retryAfter: '7' });
    expect(await failureOf(change(b))).toMatchObject({ retryAfterMs: 7_000 });
    expect(await change(b)).toEqual({ is: 'changed' });
  });

  it('at a vendor that cannot be reached was not made', async () => {
    const other = await startSandbox();
    const b = partnerSecretBench(other);
    await other.stop();
    expect(await failureOf(change(b))).toBeInstanceOf(ProviderUnavailableError);
    b.close();
  });

  it('has its place in the rate before, and gives it back where it is not made', async () => {
    const b = bench();
    const prepared = await verbsOf(b).prepareChange(b.credential);
    expect(b.deps.limits.held()).toBe(1);
    await prepared.release();
    expect(b.deps.limits.held()).toBe(0);
  });
});

describe('a login that says what is in force', () => {
  it('is made only where its try is its own', async () => {
    const b = bench();
    expect(await login(b, right(b), async () => false)).toEqual({ is: 'not-begun' });
    expect(calls(LOGIN)).toBe(0);
  });

  it('asks for its try when it waits for nothing any more', async () => {
    const b = bench();
    const begins = async (): Promise<boolean> => {
      expect([b.deps.limits.held(), calls(LOGIN)]).toEqual([1, 0]);
      return true;
    };
    expect(await login(b, right(b), begins)).toEqual({ is: 'works' });
  });

  it('[26] counts where it is refused', async () => {
    const answer = await login(bench(), 'wrong-SYNTH-secret-1');
    expect(answer).toMatchObject({ is: 'refused', why: expect.stringContaining('10001') });
    expect(strikes()).toBe(1);
  });

  it.each(['reset', 'error-500', 'html-200', 'malformed-json'] as const)('[26] is unknown after %s', async (kind) => {
    const b = bench();
    befalls(LOGIN, { kind });
    const answer = await login(b, right(b));
    expect(answer.is).toBe('unknown');
    expectNoSecrets(answer, ['SYNTH', ...b.secrets]);
  });

  it('throws where nothing was asked', async () => {
    const b = bench();
    befalls(LOGIN, { kind: 'throttled-429' });
    expect(await failureOf(login(b, right(b)))).toBeInstanceOf(ProviderThrottledError);
  });
});

describe('before a change', () => {
  it('a current secret that has not logged in does so, within its tries', async () => {
    const b = bench({ proven: false });
    await verbsOf(b).alone(verbsOf(b).prove);
    expect(b.deps.ledger.written).toEqual(['try 1 of version-1', 'close version-1']);
    await verbsOf(b).alone(verbsOf(b).prove);
    expect(calls(LOGIN)).toBe(1);
  });

  it('a wrong one blocks, and nothing is changed', async () => {
    const b = bench({ proven: false, partnerSecret: 'wrong-SYNTH-secret-1' });
    expect(await failureOf(verbsOf(b).prove())).toBeInstanceOf(ProviderAuthError);
    expect(b.deps.ledger.tags.blocked).toBeDefined();
    expect(calls(CHANGE)).toBe(0);
  });

  it.each([
    ['another login is under way', { loginOpen: Date.now() }, LockHeldError],
    ['another value is staged', { changing: true }, ProviderUnavailableError],
  ])('it waits while %s', async (_what, tags, expected) => {
    const b = bench();
    b.deps.clock.advance(Date.now() - b.deps.clock.now());
    Object.assign(b.deps.ledger.tags, tags);
    expect(await failureOf(verbsOf(b).prove())).toBeInstanceOf(expected);
    expect(calls(LOGIN)).toBe(0);
  });

  it('logins and changes are made one at a time, over all replicas', async () => {
    const b = bench();
    const other = here.opened(replicaOf(b));
    const order: string[] = [];
    const work = (name: string) => async () => {
      order.push(`${name} begins`);
      await new Promise((resolve) => setImmediate(resolve));
      order.push(`${name} ends`);
    };
    await Promise.all([verbsOf(b).alone(work('one')), verbsOf(other).alone(work('two'))]);
    expect(order).toEqual(['one begins', 'one ends', 'two begins', 'two ends']);
  });
});
