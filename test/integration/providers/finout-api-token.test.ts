import {
  InvariantError,
  NotPermittedError,
  ProviderProtocolError,
  ProviderRejectedError,
  ProviderThrottledError,
  ProviderUnavailableError,
  StoredValueError,
} from '../../../src/errors';
import { grantFields, toStored } from '../../../src/stored-value';
import type { ShownToken } from '../../sandbox/finout/state';
import { TOO_SLOW_MS, type TokenBench, tokenBench } from '../../support/providers/bench';
import type { ErrorClass, FaultPart } from '../../support/providers/fault-part';
import { expectNoSecrets, failureOf } from '../../support/providers/no-secrets';
import { sandboxed } from '../../support/providers/sandboxed';

// The provider of Finout tokens, against the stand-in at the wire. [n] is the line of providers.md, 5.

const suite = sandboxed<TokenBench>();
const control = () => suite.sandbox.control;
const bench = (): TokenBench => suite.opened(tokenBench(suite.sandbox));
const made = (form: object = {}): ShownToken => control().adminPortal.generate({ name: 'Synthetic token', ...form });

const held = ({ credential }: TokenBench, { clientId, secretKey }: Omit<ShownToken, 'expiresAt'>) =>
  grantFields(credential, toStored(credential, { clientId, secretKey }));
const verify = (b: TokenBench, token: Omit<ShownToken, 'expiresAt'>) => b.provider.verify(b.credential, held(b, token));

afterEach(() => {
  // whatever was asked and answered
  expect(control().counters().calls['finout.endpoints']).toBe(0);
});

test('a pair that was just made works; the request carries it and nothing else', async () => {
  const b = bench();
  expect(await verify(b, made())).toBe('works');
  expect(control().requests()).toMatchObject([{ operation: 'finout.view', method: 'GET', path: '/v1/view' }]);
  expect(control().deviations()).toEqual([]);
});

test('[39] expired, deleted, wrong and mixed up are one answer: not usable', async () => {
  const b = bench();
  const [expired, deleted, one, other] = [made({ expiresInMs: 1_000 }), made(), made(), made()];
  control().adminPortal.delete(deleted.clientId);
  control().advanceClock(2_000);
  const pairs = [
    expired,
    deleted,
    { ...one, secretKey: 'wrong' },
    { ...one, clientId: other.clientId },
    { ...one, clientId: 'unknown' },
  ];
  for (const pair of pairs) expect(await verify(b, pair)).toBe('refused');
});

test('several tokens live side by side', async () => {
  const b = bench();
  for (const token of [made(), made(), made()]) expect(await verify(b, token)).toBe('works');
});

test.each([
  ['a line end in the secret key', { secretKey: 'fo-secret-SYNTH\nmore' }],
  ['a blank in the client id', { clientId: 'fo client-SYNTH' }],
  ['a letter that no header carries', { secretKey: 'fo-secret-SYNTHé' }],
])('what cannot be sent is not usable, and is not sent: %s', async (_, part) => {
  expect(await verify(bench(), { ...made(), ...part })).toBe('refused');
  expect(control().requests()).toEqual([]);
});

test('[40] 403 is neither yes nor no: valid but not permitted', async () => {
  const b = bench();
  const token = made({ permitted: false });
  const error = await failureOf(verify(b, token));
  expect(error).toBeInstanceOf(NotPermittedError);
  expect(error).toMatchObject({ code: 'valid-but-not-permitted', retryable: false, fields: { status: 403 } });
  expect(error.message).toContain('valid but not permitted');
  control().adminPortal.permit(token.clientId);
  expect(await verify(b, token)).toBe('works');
});

const PAGE = '<!doctype html><title>Log in</title>';
const OTHER_ANSWERS: readonly (readonly [string, FaultPart, ErrorClass])[] = [
  ['an HTML page with 200', { kind: 'html-200' }, ProviderProtocolError],
  [
    'JSON that says that it is HTML',
    { kind: 'answer', status: 200, contentType: 'text/html', body: '{"data":[]}' },
    ProviderProtocolError,
  ],
  [
    'HTML that says that it is JSON',
    { kind: 'answer', status: 200, contentType: 'application/json', body: PAGE },
    ProviderProtocolError,
  ],
  ['no content type', { kind: 'answer', status: 200, contentType: '', body: '{"data":[]}' }, ProviderProtocolError],
  ['malformed JSON', { kind: 'malformed-json' }, ProviderProtocolError],
  ['no list', { kind: 'rewrite', remove: ['data'] }, ProviderProtocolError],
  ['something else as the list', { kind: 'rewrite', set: { data: 'views' } }, ProviderProtocolError],
  ['a bare list', { kind: 'answer', status: 200, body: '[]' }, ProviderProtocolError],
  ['a 201', { kind: 'answer', status: 201, body: '{"data":[]}' }, ProviderProtocolError],
  ['a 204', { kind: 'answer', status: 204 }, ProviderProtocolError],
  ['a 202', { kind: 'accepted-202' }, ProviderUnavailableError],
  ['a redirect', { kind: 'redirect', location: 'http://127.0.0.1:9/login' }, ProviderUnavailableError],
  ['a 404', { kind: 'answer', status: 404, body: '{}' }, ProviderRejectedError],
  ['a 422', { kind: 'answer', status: 422, body: '{}' }, ProviderRejectedError],
  ['a 429', { kind: 'throttled-429', retryAfter: '7' }, ProviderThrottledError],
  ['a 500', { kind: 'error-500' }, ProviderUnavailableError],
  ['a 504', { kind: 'answer', status: 504, body: '' }, ProviderUnavailableError],
  ['a reset', { kind: 'reset' }, ProviderUnavailableError],
  ['half an answer', { kind: 'truncated-body' }, ProviderUnavailableError],
  ['an answer that takes too long', { kind: 'delay', ms: TOO_SLOW_MS, hold: 'answer' }, ProviderUnavailableError],
];

test.each(OTHER_ANSWERS)('%s says nothing about the pair', async (_, fault, expected) => {
  const b = bench();
  const token = made();
  control().addFaults({ ...fault, route: 'finout.view' });
  const error = await failureOf(verify(b, token));
  expect(error).toBeInstanceOf(expected);
  expect(error).not.toBeInstanceOf(NotPermittedError);
  expect(control().counters().calls['finout.view']).toBe(1); // no redirect followed, nothing repeated
  expectNoSecrets(error, [token.clientId, token.secretKey, 'SYNTH', 'Log in']);
});

test.each([
  ['a login page in front of everything', { loginPage: true }, ProviderProtocolError],
  ['Finout down', { down: true }, ProviderUnavailableError],
  ['an ended token that is answered with 403', { endedStatus: 403 }, NotPermittedError],
] as const)('switched: %s', async (_, finout, expected) => {
  const b = bench();
  const token = made({ expiresInMs: 1_000 });
  control().setSwitches({ finout });
  control().advanceClock(2_000);
  expect(await failureOf(verify(b, token))).toBeInstanceOf(expected);
});

test('[42] a token begins to work late, and ends late after it was deleted', async () => {
  const b = bench();
  control().setSwitches({ finout: { newTokenWorksAfterMs: 5_000, deletedTokenLivesMs: 5_000 } });
  const token = made();
  expect(await verify(b, token)).toBe('refused');
  control().advanceClock(5_000);
  expect(await verify(b, token)).toBe('works');
  control().adminPortal.delete(token.clientId);
  expect(await verify(b, token)).toBe('works');
  control().advanceClock(5_000);
  expect(await verify(b, token)).toBe('refused');
});

test('[2] no error holds anything of the pair, nor of an answer', async () => {
  const b = bench();
  const token = made({ permitted: false });
  expectNoSecrets(await failureOf(verify(b, token)), [token.clientId, token.secretKey, 'SYNTH', 'f1f1f1f1']);
});

test('a value that lacks half of the pair cannot be tried', async () => {
  const b = bench();
  for (const value of [{ clientId: 'a' }, { secretKey: 'b' }, {}]) {
    const fields = grantFields(b.credential, toStored(b.credential, value));
    expect(await failureOf(b.provider.verify(b.credential, fields))).toBeInstanceOf(StoredValueError);
  }
});

test('a pair is found again under the names that an entry gives it', async () => {
  const b = bench();
  const value = { fields: { id: 'clientId', key: 'secretKey' }, constants: {} };
  const credential = { ...b.credential, value };
  const { clientId, secretKey } = made();
  const stored = toStored(credential, { clientId, secretKey });
  expect(JSON.parse(stored.reveal())).toEqual({ id: clientId, key: secretKey });
  expect(await b.provider.verify(credential, grantFields(credential, stored))).toBe('works');
});

test('it has no verb that makes or ends a token', async () => {
  const { provider, credential } = bench();
  const context = { current: undefined, repeated: false };
  expect(provider.traits).toMatchObject({ issuedBy: 'person', verifiable: true, revocable: false, keepsOthers: true });
  expect(await failureOf(provider.prepare(credential, undefined))).toBeInstanceOf(InvariantError);
  expect(await failureOf(provider.revoke(credential, { grant: 'any' }, context))).toBeInstanceOf(InvariantError);
  expect(await provider.reinstate(credential, 'any')).toBe(false);
  expect(control().requests()).toEqual([]);
});
