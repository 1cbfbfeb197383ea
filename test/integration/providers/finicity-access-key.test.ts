import {
  GrantEndedError,
  InvariantError,
  OutcomeUnknownError,
  ProviderAuthError,
  ProviderProtocolError,
  ProviderRejectedError,
  ProviderThrottledError,
  ProviderUnavailableError,
} from '../../../src/errors';
import { toStored } from '../../../src/stored-value';
import type { FaultInput } from '../../sandbox/faults';
import {
  type AccessKeyBench,
  type AccessKeyBenchOptions,
  accessKeyBench,
  inDays,
  issued,
  makeBenchDeps,
  noHaste,
  replicaOf,
  TOO_SLOW_MS,
} from '../../support/providers/bench';
import type { ErrorClass, FaultPart } from '../../support/providers/fault-part';
import { expectNoSecrets, failureOf } from '../../support/providers/no-secrets';
import { sandboxed } from '../../support/providers/sandboxed';

const LOGIN = 'finicity.authenticate';
const GENERATE = 'finicity.access-key.generate';
const REVOKE = 'finicity.access-key.revoke';
const KIND = 'finicity-access-key';
const MINUTE_MS = 60_000;

const here = sandboxed<AccessKeyBench>();
afterEach(() => {
  expect(here.sandbox.control.partners().filter(({ strikes }) => strikes > 0)).toEqual([]);
});

function bench(options?: AccessKeyBenchOptions): AccessKeyBench {
  return here.opened(accessKeyBench(here.sandbox, options));
}

const calls = () => {
  const { calls: all } = here.sandbox.control.counters();
  return { login: all[LOGIN], generate: all[GENERATE], revoke: all[REVOKE] };
};
const prepared = (b: AccessKeyBench) => b.provider.prepare(b.credential, inDays(30));
const issue = async (b: AccessKeyBench) => (await prepared(b)).issue(noHaste);
const receiptId = (answer: Readonly<Record<string, unknown>>): string => {
  const { receipt } = answer;
  const id = typeof receipt === 'object' && receipt !== null && 'receiptId' in receipt ? receipt.receiptId : undefined;
  if (typeof id !== 'string') throw new Error('no receipt id');
  return id;
};
const revoke = (b: AccessKeyBench, grant: string) =>
  b.provider.revoke(b.credential, { grant }, { current: undefined, repeated: false });

describe('partner token', () => {
  it('is shared by all jobs of the process, and concurrent requests are joined', async () => {
    const b = bench();
    await Promise.all([issue(b), issue(b), issue(b)]);
    expect(calls()).toEqual({ login: 1, generate: 3, revoke: 0 });
  });

  it('is renewed at 90 minutes of its two hours', async () => {
    const b = bench();
    await issue(b);
    b.deps.clock.advance(89 * MINUTE_MS);
    await issue(b);
    expect(calls().login).toBe(1);
    b.deps.clock.advance(2 * MINUTE_MS);
    await issue(b);
    expect(calls().login).toBe(2);
  });

  const wordings = [{ errorCodeAs: 'string' }, { errorCodeAs: 'number' }, { plainTextUnauthorized: 'always' }] as const;
  it.each(wordings)(
    '[12] [32] expired between intent and call, said as %p: sent once more with a new one',
    async (wording) => {
      here.sandbox.control.setSwitches({ finicity: wording });
      const b = bench();
      const call = await prepared(b);
      here.sandbox.control.advanceClock(121 * MINUTE_MS);
      expect(here.sandbox.control.storedValueWorks(KIND, await call.issue(noHaste))).toBe(true);
      expect(calls()).toEqual({ login: 2, generate: 2, revoke: 0 });
    },
  );

  it.each(wordings)(
    '[31] [32] ended by another login of the same partner, said as %p: sent once more',
    async (wording) => {
      here.sandbox.control.setSwitches({ finicity: { ...wording, severalTokens: false } });
      const one = bench();
      const other = replicaOf(one);
      here.opened(other);
      await issue(one);
      await issue(other);
      expect(here.sandbox.control.storedValueWorks(KIND, await issue(one))).toBe(true);
      expect(calls()).toEqual({ login: 3, generate: 4, revoke: 0 });
    },
  );

  it('a token just made that is refused too: nothing was done, and there is no third call', async () => {
    const b = bench();
    const call = await prepared(b);
    here.sandbox.control.addFaults({ kind: 'answer', route: GENERATE, status: 401, body: '{"code":10022}', count: 2 });
    expect(await failureOf(call.issue(noHaste))).toBeInstanceOf(ProviderAuthError);
    expect(calls()).toEqual({ login: 2, generate: 2, revoke: 0 });
  });

  it('nothing was done where somebody else logs in just now', async () => {
    const b = bench();
    const call = await prepared(b);
    here.sandbox.control.advanceClock(121 * MINUTE_MS);
    b.deps.ledger.tags.loginOpen = b.deps.clock.now();
    expect(await failureOf(call.issue(noHaste))).toBeInstanceOf(ProviderUnavailableError);
    expect(calls()).toEqual({ login: 1, generate: 1, revoke: 0 });
  });

  it('is not sent once more when the issue window is over', async () => {
    const b = bench();
    const call = await prepared(b);
    here.sandbox.control.advanceClock(121 * MINUTE_MS);
    b.deps.ledger.before('openLogin', () => b.deps.clock.advance(6_000));
    expect(await failureOf(call.issue(b.deps.clock.monotonic() + 5_000))).toBeInstanceOf(ProviderUnavailableError);
    expect(calls()).toEqual({ login: 2, generate: 1, revoke: 0 });
  });
});

describe('generate', () => {
  it('[36] asks for an end time, from now on, and none other', async () => {
    const b = bench();
    const answer = await b.provider.prepare(b.credential, inDays(7)).then((call) => call.issue(noHaste));
    const [grant] = here.sandbox.control.grants({ kind: KIND, grantId: receiptId(answer) });
    expect(grant).toMatchObject({ endsAt: new Date(inDays(7)).toISOString(), works: true });
    expect(b.provider.traits.suspectUntil(0, inDays(7))).toBe(inDays(7));
    expect(await failureOf(b.provider.prepare(b.credential, undefined))).toBeInstanceOf(InvariantError);
  });

  it.each(['int', 'string'] as const)(
    '[34] keeps the receipt verbatim, receiptVersion as %s and unknown fields too',
    async (receiptVersionAs) => {
      here.sandbox.control.setSwitches({ finicity: { receiptVersionAs, unknownReceiptFields: true } });
      const b = bench();
      const extra = { 'data.0.receipt.zeta': { list: [1, 'two', null] }, 'data.0.alpha': 1.5 };
      here.sandbox.control.addFaults({ kind: 'rewrite', route: GENERATE, set: extra });
      const answer = await issued(b);
      const stored: unknown = JSON.parse(toStored(b.credential, answer).reveal());
      expect(stored).toMatchObject({
        receipt: { receiptVersion: receiptVersionAs === 'int' ? 1 : '1', zeta: { list: [1, 'two', null] } },
        alpha: 1.5,
      });
      expect(stored).toEqual(answer);
      expect(here.sandbox.control.storedValueWorks(KIND, stored)).toBe(true);
    },
  );

  it('[38] takes the pseudo ids of the answer as they are', async () => {
    const b = bench();
    const answer = await issued(b);
    expect(JSON.stringify(answer)).not.toContain(b.credential.customerId);
  });

  it('[34] leaves every receipt alone when it makes another', async () => {
    const b = bench();
    const ids = [receiptId(await issued(b)), receiptId(await issued(b))];
    const alive = here.sandbox.control.grants({ kind: KIND, alive: true }).map(({ grantId }) => grantId);
    expect(alive.sort()).toEqual(ids.sort());
    expect(b.provider.traits.keepsOthers).toBe(true);
  });

  const unusable: readonly (readonly [string, FaultInput])[] = [
    ['no data', { kind: 'rewrite', route: GENERATE, remove: ['data'] }],
    ['an empty list', { kind: 'rewrite', route: GENERATE, set: { data: [] } }],
    ['an object in place of the list', { kind: 'rewrite', route: GENERATE, set: { data: {} } }],
    ['no receipt', { kind: 'rewrite', route: GENERATE, remove: ['data.0.receipt'] }],
    ['no receipt id', { kind: 'rewrite', route: GENERATE, remove: ['data.0.receipt.receiptId'] }],
    ['a blank receipt id', { kind: 'rewrite', route: GENERATE, set: { 'data.0.receipt.receiptId': ' ' } }],
    ['a number for a receipt id', { kind: 'rewrite', route: GENERATE, set: { 'data.0.receipt.receiptId': 7 } }],
    ['two receipts', { kind: 'rewrite', route: GENERATE, set: { 'data.1': { receipt: { receiptId: 'cr_other' } } } }],
  ];
  it.each(unusable)('[3] [36] a success with %s is an unknown outcome', async (_name, fault) => {
    const b = bench();
    here.sandbox.control.addFaults(fault);
    const error = await failureOf(issue(b));
    expect(error).toBeInstanceOf(ProviderProtocolError);
    expectNoSecrets(error, ['SYNTH', ...b.secrets]);
  });

  const refusals: readonly (readonly [number, string, ErrorClass])[] = [
    [400, '{"code":"10005","message":"Missing parameter (SYNTH)"}', ProviderRejectedError],
    [400, '{"code":10010}', ProviderRejectedError],
    [400, 'SYNTH', ProviderRejectedError],
    [404, '{"code":14001}', ProviderRejectedError],
    [404, '{"Errors":{"Error":[{"ReasonCode":"14001"}]}}', ProviderRejectedError],
    [404, '{"Errors":{"Error":"odd"}}', ProviderRejectedError],
    [401, '{"code":10021}', ProviderAuthError],
    [401, '{"code":"24302","message":"Bad credentials"}', ProviderAuthError],
    [401, '{"code":"10024","message":"Missing parameter (Finicity-App-Token)"}', ProviderAuthError],
    [401, '', ProviderAuthError],
    [403, 'Forbidden', ProviderRejectedError],
    [500, '{"code":"24302"}', OutcomeUnknownError],
  ];
  it.each(refusals)('[26] [32] reads %i %s, and sends nothing again', async (status, body, expected) => {
    const b = bench();
    here.sandbox.control.addFaults({ kind: 'answer', route: GENERATE, status, body });
    const error = await failureOf(issue(b));
    expect(error).toBeInstanceOf(expected);
    expect(calls()).toEqual({ login: 1, generate: 1, revoke: 0 });
    expectNoSecrets(error, ['SYNTH', ...b.secrets]);
  });

  it('[33] a 403 speaks of the place where the worker runs, and is no failed login', async () => {
    const b = bench();
    const call = await prepared(b);
    here.sandbox.control.setSwitches({ finicity: { geography: 'refused' } });
    expect((await failureOf(call.issue(noHaste))).message).toMatch(/outside its regions/);
    expect(calls()).toEqual({ login: 1, generate: 1, revoke: 0 });
    expect(b.deps.ledger.tags.blocked).toBeUndefined();
  });

  const wordings = [
    { plainTextUnauthorized: 'documented' },
    { plainTextUnauthorized: 'never', errorCodeAs: 'number' },
  ] as const;
  it.each(wordings)('[32] a refused App-Key, said as %p, is read anew once', async (wording) => {
    here.sandbox.control.setSwitches({ finicity: wording });
    const deps = makeBenchDeps();
    const b = bench({ deps, changes: { appKey: { secret: 'own', key: 'appKey' } } });
    deps.stored.set('own', JSON.stringify({ appKey: deps.env.APP_KEY }));
    await issue(b);
    deps.stored.set('own', JSON.stringify({ appKey: 'outdated-SYNTH' }));
    deps.clock.advance(6 * MINUTE_MS); // the cached one is forgotten
    here.sandbox.control.advanceClock(6 * MINUTE_MS);
    const call = await prepared(b);
    const failure = await failureOf(call.issue(noHaste));
    expect(failure).toBeInstanceOf(ProviderAuthError);
    expect(calls()).toEqual({ login: 1, generate: 2, revoke: 0 });
    deps.stored.set('own', JSON.stringify({ appKey: deps.env.APP_KEY }));
    expect(here.sandbox.control.storedValueWorks(KIND, await issue(b))).toBe(true);
    expect(calls()).toEqual({ login: 1, generate: 4, revoke: 0 });
  });
});

describe('renew', () => {
  const RENEW = 'finicity.access-key.update';
  const renewal = (b: AccessKeyBench, grant: string, until = inDays(60)) => {
    if (b.provider.prepareRenewal === undefined) throw new Error('the provider has no such verb');
    return b.provider.prepareRenewal(b.credential, grant, until);
  };
  const renew = async (b: AccessKeyBench, grant: string, until?: number) =>
    (await renewal(b, grant, until)).issue(noHaste);
  const renewals = () => here.sandbox.control.counters();

  it('prolongs the receipt under its id, and gives the next revision verbatim', async () => {
    const b = bench();
    const id = receiptId(await issued(b));
    const answer = await renew(b, id);
    expect(receiptId(answer)).toBe(id);
    expect(answer).toMatchObject({ receipt: { receiptVersion: 2 } });
    expect(here.sandbox.control.storedValueWorks(KIND, answer)).toBe(true);
    const [grant, ...others] = here.sandbox.control.grants({ kind: KIND });
    expect([grant?.endsAt, others]).toEqual([new Date(inDays(60)).toISOString(), []]);
    expect(here.sandbox.control.deviations()).toEqual([]);
  });

  it('gathers what it needs without changing anything, and gives its place back', async () => {
    const b = bench();
    const id = receiptId(await issued(b));
    const call = await renewal(b, id);
    expect([renewals().calls[RENEW], b.deps.limits.held()]).toEqual([0, 1]);
    await call.release();
    expect(b.deps.limits.held()).toBe(0);
    expect(await failureOf(call.issue(b.deps.clock.monotonic() - 1))).toBeInstanceOf(ProviderUnavailableError);
    expect(renewals().calls[RENEW]).toBe(0);
  });

  it('sends the products as the entry has them now', async () => {
    const b = bench();
    const id = receiptId(await issued(b));
    const products = [{ product: 'another', accountId: '5011000001' }];
    const call = await b.provider.prepareRenewal?.({ ...b.credential, products }, id, inDays(60));
    expect(await call?.issue(noHaste)).toMatchObject({ receipt: { products: [{ product: 'another' }] } });
  });

  it('[35] takes another receipt id as it is; the one before lives on', async () => {
    here.sandbox.control.setSwitches({ finicity: { updateKeepsReceiptId: false } });
    const b = bench();
    const id = receiptId(await issued(b));
    const other = receiptId(await renew(b, id));
    expect(other).not.toBe(id);
    const alive = here.sandbox.control.grants({ kind: KIND, alive: true }).map(({ grantId }) => grantId);
    expect(alive.sort()).toEqual([id, other].sort());
  });

  it("a receipt that has ended, in the vendor's own words, is said to have ended", async () => {
    const b = bench();
    const id = receiptId(await issued(b));
    await revoke(b, id);
    const error = await failureOf(renew(b, id));
    expect(error).toBeInstanceOf(GrantEndedError);
    expectNoSecrets(error, ['SYNTH', id, ...b.secrets]);
  });

  it("a proxy's 404 says nothing: the outcome is unknown", async () => {
    here.sandbox.control.setSwitches({ finicity: { updateOfGone: '404-html' } });
    expect(await failureOf(renew(bench(), 'cr_gone'))).toBeInstanceOf(OutcomeUnknownError);
  });

  it.each([
    [{ kind: 'answer', status: 500, body: '' }, OutcomeUnknownError, 0],
    [{ kind: 'delay', ms: TOO_SLOW_MS, hold: 'answer' }, OutcomeUnknownError, 1],
    [{ kind: 'malformed-json' }, OutcomeUnknownError, 1],
    [{ kind: 'rewrite', remove: ['data.0.receipt.receiptId'] }, ProviderProtocolError, 1],
    [{ kind: 'answer', status: 404, body: '{"code":12401}' }, ProviderRejectedError, 0],
    [{ kind: 'answer', status: 400, body: '{"code":"10010"}' }, ProviderRejectedError, 0],
    [{ kind: 'answer', status: 401, body: '{"code":10021}' }, ProviderAuthError, 0],
    [{ kind: 'throttled-429' }, ProviderThrottledError, 0],
  ] as const satisfies readonly (readonly [FaultPart, ErrorClass, number])[])(
    '[1] [32] %j, and it is sent once',
    async (fault, expected, acted) => {
      const b = bench();
      const id = receiptId(await issued(b));
      here.sandbox.control.addFaults({ ...fault, route: RENEW } as FaultInput);
      const error = await failureOf(renew(b, id));
      expect(error).toBeInstanceOf(expected);
      expect([renewals().calls[RENEW], renewals().effects[RENEW]]).toEqual([1, acted]);
      expectNoSecrets(error, ['SYNTH', id, ...b.secrets]);
    },
  );

  it('[12] an expired token: sent once more with a new one', async () => {
    const b = bench();
    const id = receiptId(await issued(b));
    const call = await renewal(b, id);
    here.sandbox.control.advanceClock(121 * MINUTE_MS);
    expect(receiptId(await call.issue(noHaste))).toBe(id);
    expect(renewals().effects[RENEW]).toBe(1);
  });
});

describe('revoke', () => {
  it.each([
    ['404-json', 'revoked'],
    ['204', 'revoked'],
  ] as const)('[37] what is gone is revoked: %s', async (deleteOfGone, outcome) => {
    here.sandbox.control.setSwitches({ finicity: { deleteOfGone } });
    const b = bench();
    const id = receiptId(await issued(b));
    await revoke(b, id);
    expect(await revoke(b, id)).toEqual({ outcome });
    here.sandbox.control.advanceClock(31 * 24 * 60 * MINUTE_MS);
  });

  it.each([
    '{"code":14001,"message":"Resource not found."}',
    '{"code":"14001"}',
    '{"Errors":{"Error":[{"ReasonCode":"14001","Description":"gone"}]}}',
  ])("[32] [37] a 404 in the vendor's own words is success: %s", async (body) => {
    const b = bench();
    here.sandbox.control.addFaults({ kind: 'answer', route: REVOKE, status: 404, body });
    expect(await revoke(b, 'cr_gone')).toEqual({ outcome: 'revoked' });
  });

  it.each(['<html>404</html>', '', '{}', '{"message":"no such route"}', '{"code":"not-a-number"}'])(
    '[37] any other 404 is a proxy, and the outcome unknown: %s',
    async (body) => {
      const b = bench();
      here.sandbox.control.addFaults({ kind: 'answer', route: REVOKE, status: 404, body });
      expect(await failureOf(revoke(b, 'cr_gone'))).toBeInstanceOf(OutcomeUnknownError);
    },
  );

  it.each([
    [404, '{"code":12401,"message":"partner not found"}'],
    [400, '{"code":"14020"}'],
    [403, 'Forbidden'],
    [409, '{}'],
  ])('[37] %i %s was not done: for a person', async (status, body) => {
    const b = bench();
    here.sandbox.control.addFaults({ kind: 'answer', route: REVOKE, status, body });
    expect(await revoke(b, 'cr_gone')).toMatchObject({
      outcome: 'not-revoked',
      reason: expect.stringContaining(String(status)),
    });
  });

  it.each([200, 201])('[37] a %i with JSON is not the documented 204', async (status) => {
    const b = bench();
    here.sandbox.control.addFaults({ kind: 'answer', route: REVOKE, status, body: '{}' });
    expect(await failureOf(revoke(b, 'cr_gone'))).toBeInstanceOf(OutcomeUnknownError);
  });

  it('[37] never deletes the receipt of AWSCURRENT', async () => {
    const b = bench();
    const grant = receiptId(await issued(b));
    const context = { current: { grant }, repeated: false };
    expect(await failureOf(b.provider.revoke(b.credential, { grant }, context))).toBeInstanceOf(InvariantError);
    expect(calls().revoke).toBe(0);
  });

  it('[37] percent-encodes the receipt id as one path segment', async () => {
    const b = bench();
    await revoke(b, 'cr_a/../../x?y');
    expect(here.sandbox.control.requests().at(-1)?.path).toBe(
      '/aggregation/v1/partners/accessKey/cr_a%2F..%2F..%2Fx%3Fy',
    );
  });

  it('[12] an expired token: sent once more with a new one', async () => {
    const b = bench();
    const id = receiptId(await issued(b));
    here.sandbox.control.advanceClock(121 * MINUTE_MS);
    expect(await revoke(b, id)).toEqual({ outcome: 'revoked' });
    expect(calls()).toEqual({ login: 2, generate: 1, revoke: 2 });
  });

  it('cannot be undone', async () => {
    const b = bench();
    expect(await b.provider.reinstate(b.credential, 'cr_gone')).toBe(false);
  });
});
