import {
  InvariantError,
  OutcomeUnknownError,
  ProviderAuthError,
  ProviderProtocolError,
  ProviderRejectedError,
  ProviderThrottledError,
  ProviderUnavailableError,
  StoredValueError,
} from '../../../src/errors';
import { Sensitive } from '../../../src/sensitive';
import { successForAnother, successWithoutSecret, successWithUnusableSecret } from '../../sandbox/faults';
import { startSandbox } from '../../sandbox/start';
import {
  inDays,
  issued,
  makeBenchDeps,
  noHaste,
  type OutboundBench,
  outboundBench,
} from '../../support/providers/bench';
import type { ErrorClass, FaultPart } from '../../support/providers/fault-part';
import { expectNoSecrets, failureOf } from '../../support/providers/no-secrets';
import { sandboxed } from '../../support/providers/sandboxed';

const REGENERATE = 'flinks-outbound.regenerate';
const TOKEN = 'flinks-outbound.token';
const GET = 'flinks-outbound.recipients.get';

const here = sandboxed<OutboundBench>();

function bench(...changes: Parameters<typeof outboundBench> extends [unknown, ...infer Rest] ? Rest : never) {
  return here.opened(outboundBench(here.sandbox, ...changes));
}

const calls = () => {
  const { calls: all } = here.sandbox.control.counters();
  return { token: all[TOKEN], get: all[GET], regenerate: all[REGENERATE] };
};
const effects = () => here.sandbox.control.counters().effects[REGENERATE];
const prepared = (b: OutboundBench) => b.provider.prepare(b.credential, undefined);
const secretOf = (answer: Readonly<Record<string, unknown>>) => new Sensitive(String(answer.client_secret));

describe('token', () => {
  it.each(['body', 'basic'] as const)('[7] sends the client in one place, by the setting: %s', async (place) => {
    here.sandbox.control.setSwitches({ flinksOutbound: { credentials: place } });
    const b = bench({ clientAuthentication: place });
    expect(await b.provider.verify(b.credential, { secret: secretOf(await issued(b)) })).toBe('works');
  });

  it.each([
    ['body', 'basic'],
    ['basic', 'body'],
  ] as const)('[7] does not try %s after %s was refused', async (_other, place) => {
    here.sandbox.control.setSwitches({ flinksOutbound: { credentials: place } });
    const b = bench({ clientAuthentication: place === 'body' ? 'basic' : 'body' });
    const error = await failureOf(prepared(b));
    expect(error).toBeInstanceOf(ProviderAuthError);
    expect(error.message).toContain('clientAuthentication');
    expect(calls()).toEqual({ token: 1, get: 0, regenerate: 0 });
    expectNoSecrets(error, b.secrets);
  });

  it('[7] asks at the token URL of the account, wherever the recipients are', async () => {
    const elsewhere = await startSandbox();
    const tokenUrl = `${elsewhere.urls.flinksOutbound}/api/v1/token`;
    const b = bench({ tokenUrl });
    expect(await failureOf(prepared(b))).toBeInstanceOf(ProviderAuthError); // unknown there
    expect(elsewhere.control.counters().calls[TOKEN]).toBe(1);
    expect(calls().token).toBe(0);
    await elsewhere.stop();
  });

  it('is shared until shortly before its end, and concurrent requests are joined', async () => {
    const b = bench();
    const several = await Promise.all([prepared(b), prepared(b), prepared(b)]);
    await Promise.all(several.map((call) => call.release()));
    expect(calls().token).toBe(1);
    b.deps.clock.advance((299 - 31) * 1000);
    await (await prepared(b)).release();
    expect(calls().token).toBe(1);
    b.deps.clock.advance(2_000);
    await (await prepared(b)).release();
    expect(calls().token).toBe(2);
  });

  it.each([[null], ['299'], [-1], [0], [9_999_999]])('is used once where expires_in is %p', async (expiresIn) => {
    here.sandbox.control.addFaults({ kind: 'rewrite', route: TOKEN, set: { expires_in: expiresIn }, count: 2 });
    const b = bench();
    expect(await issued(b)).toHaveProperty('client_secret');
    expect(calls()).toEqual({ token: 2, get: 1, regenerate: 1 });
  });

  it('works where tokens are good for one use only', async () => {
    here.sandbox.control.setSwitches({ flinksOutbound: { singleUseTokens: true } });
    const b = bench();
    for (const _ of [1, 2]) expect(here.sandbox.control.storedValueWorks(b.provider.kind, await issued(b))).toBe(true);
    expect(effects()).toBe(2);
  });

  it('is not asked for again by all who waited for one that was refused', async () => {
    const b = bench({}, { ...makeBenchDeps(), env: { OUTBOUND_SECRET: 'wrong-SYNTH-secret' } });
    const failures = await Promise.all([1, 2, 3].map(() => failureOf(prepared(b))));
    for (const error of failures) expect(error).toBeInstanceOf(ProviderAuthError);
    expect(calls().token).toBe(1);
  });

  it('reads its own secret anew when the vendor refuses it, and asks once more', async () => {
    const deps = makeBenchDeps();
    const b = bench({ clientSecret: { secret: 'own', key: 'client_secret' } }, deps);
    const versions = ['outdated-SYNTH', deps.env.OUTBOUND_SECRET];
    deps.onRead = () => deps.stored.set('own', JSON.stringify({ client_secret: versions.shift() }));
    await (await prepared(b)).release();
    expect([deps.reads, calls()]).toEqual([['own', 'own'], { token: 2, get: 1, regenerate: 0 }]);
    b.deps.clock.advance(280_000);
    await (await prepared(b)).release();
    expect([deps.reads.length, calls().token]).toEqual([2, 3]); // cached for five minutes
  });

  it('does not ask again with the same secret', async () => {
    const b = bench({ clientSecret: { secret: 'own', key: 'client_secret' } });
    b.deps.stored.set('own', JSON.stringify({ client_secret: 'wrong-SYNTH-secret' }));
    const error = await failureOf(prepared(b));
    expect(error).toBeInstanceOf(ProviderAuthError);
    expect([b.deps.reads.length, calls().token]).toEqual([2, 1]);
    expectNoSecrets(error, ['wrong-SYNTH-secret']);
  });

  it.each([
    ['invalid_scope', 400, ProviderAuthError],
    ['unauthorized_client', 400, ProviderAuthError],
    ['server_error', 400, ProviderUnavailableError],
    ['temporarily_unavailable', 503, ProviderUnavailableError],
    ['invalid_client', 401, ProviderAuthError],
  ] as const)('reads the word %s before the status', async (word, status, expected) => {
    const body = JSON.stringify({ error: word, error_description: 'SYNTH description' });
    here.sandbox.control.addFaults({ kind: 'answer', route: TOKEN, status, body });
    const error = await failureOf(prepared(bench()));
    expect(error).toBeInstanceOf(expected);
    expectNoSecrets(error, ['SYNTH']);
  });

  const lost: readonly (readonly [string, FaultPart])[] = [
    ['an HTML page with 200', { kind: 'html-200' }],
    ['a redirect', { kind: 'redirect', location: 'http://127.0.0.1:9/' }],
    ['a reset', { kind: 'reset' }],
    ['a 500', { kind: 'error-500' }],
    ['an answer without a token', { kind: 'rewrite', remove: ['access_token'] }],
  ];
  it.each(lost)('is unavailable, and nothing has begun: %s', async (_name, fault) => {
    here.sandbox.control.addFaults({ ...fault, route: TOKEN });
    expect(await failureOf(prepared(bench()))).toBeInstanceOf(ProviderUnavailableError);
    expect(calls().regenerate).toBe(0);
  });
});

describe('pre-flight', () => {
  it.each([400, 404] as const)('stops before the intent where the recipient is unknown (%i)', async (status) => {
    here.sandbox.control.setSwitches({ flinksOutbound: { unknownRecipientStatus: status } });
    const b = bench();
    const stranger = { ...b.credential, clientId: 'dc-unknown' };
    expect(await failureOf(b.provider.prepare(stranger, undefined))).toBeInstanceOf(ProviderRejectedError);
    expect(calls().regenerate).toBe(0);
  });

  it('stops where the vendor answers about another recipient', async () => {
    here.sandbox.control.addFaults({ kind: 'rewrite', route: GET, set: { client_id: 'dc-another' } });
    expect(await failureOf(prepared(bench()))).toBeInstanceOf(ProviderRejectedError);
  });

  it('[15] refuses the client_id of the account itself, whatever its case, without a call', async () => {
    const b = bench();
    const own = { ...b.credential, clientId: ` ${b.account.clientId.toUpperCase()}` };
    expect(await failureOf(b.provider.prepare(own, undefined))).toBeInstanceOf(ProviderRejectedError);
    expect(calls()).toEqual({ token: 0, get: 0, regenerate: 0 });
  });

  it('percent-encodes a client_id as one path segment', async () => {
    const b = bench();
    const odd = { ...b.credential, clientId: 'dc/../dc?x=1#y z' };
    expect(await failureOf(b.provider.prepare(odd, undefined))).toBeInstanceOf(ProviderRejectedError);
    expect(here.sandbox.control.requests().at(-1)?.path).toBe('/api/v1/recipients/dc%2F..%2Fdc%3Fx%3D1%23y%20z');
  });
});

describe('regenerate', () => {
  it.each([400, 401] as const)('[12] a bad token may be %i: sent once more with a new one', async (status) => {
    here.sandbox.control.setSwitches({ flinksOutbound: { badTokenStatus: status } });
    const b = bench();
    const call = await prepared(b);
    here.sandbox.control.advanceClock(300_000); // the token ends between intent and call
    expect(here.sandbox.control.storedValueWorks(b.provider.kind, await call.issue(noHaste))).toBe(true);
    expect([calls(), effects()]).toEqual([{ token: 2, get: 1, regenerate: 2 }, 1]);
  });

  it.each([400, 401] as const)(
    '[12] a token just made that is refused too (%i): nothing was done, and no third call',
    async (status) => {
      const b = bench();
      const call = await prepared(b);
      const body = '{"message":"Invalid Bearer Token"}';
      here.sandbox.control.addFaults({ kind: 'answer', route: REGENERATE, status, body, count: 2 });
      expect(await failureOf(call.issue(noHaste))).toBeInstanceOf(ProviderAuthError);
      expect(calls()).toEqual({ token: 2, get: 1, regenerate: 2 });
    },
  );

  it('[12] is not sent once more when the issue window is over', async () => {
    const b = bench();
    const call = await prepared(b);
    here.sandbox.control.advanceClock(300_000);
    here.sandbox.control.addFaults({ kind: 'delay', route: TOKEN, ms: 200 });
    const error = await failureOf(call.issue(b.deps.clock.monotonic() + 150));
    expect(error).toBeInstanceOf(ProviderUnavailableError);
    expect([calls().regenerate, effects()]).toEqual([1, 0]);
  });

  it.each([
    ['no token can be had', { kind: 'error-500', route: TOKEN }],
    ['the token request is lost', { kind: 'reset', route: TOKEN }],
  ] as const)('[12] nothing was done where %s for the second call', async (_name, fault) => {
    const b = bench();
    const call = await prepared(b);
    here.sandbox.control.advanceClock(300_000);
    here.sandbox.control.addFaults(fault);
    expect(await failureOf(call.issue(noHaste))).toBeInstanceOf(ProviderUnavailableError);
    expect(effects()).toBe(0);
  });

  it('[1] [12] the second call is as final as the first: its lost answer is an unknown outcome', async () => {
    const b = bench();
    const call = await prepared(b);
    here.sandbox.control.advanceClock(300_000);
    here.sandbox.control.addFaults({ kind: 'reset', route: REGENERATE, skip: 1, effect: 'done' });
    expect(await failureOf(call.issue(noHaste))).toBeInstanceOf(OutcomeUnknownError);
    expect([calls().regenerate, effects()]).toEqual([2, 1]);
  });

  it.each([403, 404, 409, 422])('[13] an undocumented %i stops, and is not sent again', async (status) => {
    const b = bench();
    const call = await prepared(b);
    here.sandbox.control.addFaults({ kind: 'answer', route: REGENERATE, status, body: '{"message":"SYNTH"}' });
    const error = await failureOf(call.issue(noHaste));
    expect(error).toBeInstanceOf(ProviderRejectedError);
    expect(calls().regenerate).toBe(1);
    expectNoSecrets(error, ['SYNTH']);
  });

  it.each([
    [422, 1207],
    [400, '1207'],
  ])('[5] [13] FDX code 1207 is throttling, under %i too', async (status, code) => {
    const b = bench();
    const call = await prepared(b);
    here.sandbox.control.addFaults({ kind: 'answer', route: REGENERATE, status, body: JSON.stringify({ code }) });
    expect(await failureOf(call.issue(noHaste))).toBeInstanceOf(ProviderThrottledError);
  });

  it.each([
    ['without a secret', successWithoutSecret(REGENERATE)],
    ['with an empty secret', successWithUnusableSecret(REGENERATE, '')],
    ['with a blank secret', { kind: 'rewrite', route: REGENERATE, set: { client_secret: ' ' } } as const],
    ['with null for a secret', successWithUnusableSecret(REGENERATE, null)],
    ['with a number for a secret', successWithUnusableSecret(REGENERATE, 7)],
    ['for another client_id', successForAnother(REGENERATE, 'dc-another')],
    ['in another casing', { kind: 'rewrite', route: REGENERATE, casing: 'camel' } as const],
  ])('[3] a success %s is an unknown outcome', async (_name, fault) => {
    const b = bench();
    const call = await prepared(b);
    here.sandbox.control.addFaults(fault);
    const error = await failureOf(call.issue(noHaste));
    expect(error).toBeInstanceOf(ProviderProtocolError);
    expect(effects()).toBe(1);
    expectNoSecrets(error, [...b.secrets, ...here.sandbox.control.grants().map(({ secret }) => secret)]);
  });

  it('[3] keeps unknown fields of the answer', async () => {
    const b = bench();
    here.sandbox.control.addFaults({ kind: 'rewrite', route: REGENERATE, set: { issued_by: { node: 3 } } });
    expect(await issued(b)).toMatchObject({ client_id: b.credential.clientId, issued_by: { node: 3 } });
  });
});

describe('verify', () => {
  it('[9] [10] tells a working secret from a dead one, with a request of its own each time', async () => {
    const b = bench();
    const [first, second] = [await issued(b), await issued(b)];
    const before = calls().token;
    expect(await b.provider.verify(b.credential, { secret: secretOf(second) })).toBe('works');
    expect(await b.provider.verify(b.credential, { secret: secretOf(first) })).toBe('refused');
    expect(await b.provider.verify(b.credential, { secret: secretOf(second) })).toBe('works');
    await issued(b);
    expect(await b.provider.verify(b.credential, { secret: secretOf(second) })).toBe('refused');
    expect(calls().token - before).toBe(4);
  });

  it.each([400, 401] as const)('[9] [12] invalid_client may be %i', async (status) => {
    here.sandbox.control.setSwitches({ flinksOutbound: { invalidClientStatus: status } });
    const b = bench();
    expect(await b.provider.verify(b.credential, { secret: new Sensitive('wrong') })).toBe('refused');
  });

  it('[8] [14] the old secret may go on working, and then is said to', async () => {
    here.sandbox.control.setSwitches({ flinksOutbound: { oldSecretLivesMs: null, tokensSurviveRegeneration: false } });
    const b = bench();
    const first = await issued(b);
    await issued(b);
    expect(await b.provider.verify(b.credential, { secret: secretOf(first) })).toBe('works');
  });

  it('[11] is one try: a new secret that does not work yet is refused now, and works later', async () => {
    here.sandbox.control.setSwitches({ flinksOutbound: { newSecretWorksAfterMs: 5_000 } });
    const b = bench();
    const secret = secretOf(await issued(b));
    expect(await b.provider.verify(b.credential, { secret })).toBe('refused');
    here.sandbox.control.advanceClock(5_000);
    expect(await b.provider.verify(b.credential, { secret })).toBe('works');
  });

  const unclear: readonly (readonly [string, FaultPart, ErrorClass])[] = [
    ['a 500', { kind: 'error-500' }, ProviderUnavailableError],
    ['a 429', { kind: 'throttled-429' }, ProviderThrottledError],
    ['an HTML page with 200', { kind: 'html-200' }, ProviderUnavailableError],
    ['JSON without a token', { kind: 'answer', status: 200, body: '{}' }, ProviderUnavailableError],
    ['a reset', { kind: 'reset' }, ProviderUnavailableError],
    ['a 400 without a word', { kind: 'answer', status: 400, body: '{}' }, ProviderRejectedError],
    ['a bare 401', { kind: 'answer', status: 401, body: '' }, ProviderRejectedError],
    [
      'unauthorized_client',
      { kind: 'answer', status: 400, body: '{"error":"unauthorized_client"}' },
      ProviderRejectedError,
    ],
    ['access_denied', { kind: 'answer', status: 400, body: '{"error":"access_denied"}' }, ProviderRejectedError],
    ['invalid_scope', { kind: 'answer', status: 400, body: '{"error":"invalid_scope"}' }, ProviderRejectedError],
  ];
  it.each(unclear)('[9] says neither on %s', async (_name, fault, expected) => {
    const b = bench();
    const secret = secretOf(await issued(b));
    here.sandbox.control.addFaults({ ...fault, route: TOKEN });
    const error = await failureOf(b.provider.verify(b.credential, { secret }));
    expect(error).toBeInstanceOf(expected);
    expectNoSecrets(error, b.secrets);
  });

  it('cannot verify a value without a secret', async () => {
    const b = bench();
    expect(await failureOf(b.provider.verify(b.credential, {}))).toBeInstanceOf(StoredValueError);
  });
});

it('[14] [16] promises no revocation: there is nothing to revoke or to delete', async () => {
  const b = bench();
  const context = { current: undefined, repeated: false };
  expect(await failureOf(b.provider.revoke(b.credential, { grant: 'any' }, context))).toBeInstanceOf(InvariantError);
  expect(await b.provider.reinstate(b.credential, 'any')).toBe(false);
});

it('an attempt with an unknown outcome is suspected for a day', () => {
  const issuedAt = inDays(0);
  expect(bench().provider.traits.suspectUntil(issuedAt, undefined)).toBe(issuedAt + 86_400_000);
});

describe('the probe', () => {
  const probed = (b: OutboundBench) => b.provider.probe?.(b.credential) ?? Promise.reject(new Error('no probe'));

  it('is a token request and a read with the partner’s own credential, and changes nothing', async () => {
    const b = bench();
    await probed(b);
    expect(calls()).toEqual({ token: 1, get: 1, regenerate: 0 });
  });

  it('says that the own credential is refused, or that the vendor fails', async () => {
    const b = bench();
    b.deps.env.OUTBOUND_SECRET = 'wrong';
    expect(await failureOf(probed(b))).toBeInstanceOf(ProviderAuthError);
    const other = bench();
    here.sandbox.control.addFaults({ kind: 'error-500', route: GET });
    expect(await failureOf(probed(other))).toBeInstanceOf(ProviderUnavailableError);
  });
});
