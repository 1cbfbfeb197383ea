import { inspect } from 'node:util';
import { SecretStoreError } from '../../src/errors';
import { call, callOutcome, EVERY, retrying } from '../../src/secrets-manager/calls';
import { virtualClock } from '../support/virtual-clock';

// Errors in the shapes that the SDK throws them in; those that a stand-in can cause are in integration/secret-store.test.ts.

const failing = (error: object) =>
  call('PutSecretValue', 'rotation/x', () => Promise.reject(error)).then(
    () => 'no error',
    (thrown: unknown) => thrown,
  );

/** What AWS has no model for comes from the SDK as the client's fault, whatever its status. */
const unmodelled = (name: string, httpStatusCode: number, message = 'hunter2') =>
  Object.assign(new Error(message), { name, $fault: 'client', $metadata: { httpStatusCode } });
const system = (code: string) => Object.assign(new Error('hunter2'), { code });

test.each([
  ['a connection that was refused', system('ECONNREFUSED'), 'unavailable', true],
  ['a host that is unknown', system('ENOTFOUND'), 'unavailable', true],
  ['a connection that was reset', system('ECONNRESET'), 'unavailable', false],
  ['no answer in time', Object.assign(new Error('x'), { name: 'TimeoutError' }), 'unavailable', false],
  ['a body that is not JSON', new SyntaxError('Unexpected token h in hunter2'), 'unavailable', false],
  ['a 503 of a gateway', unmodelled('UnknownError', 503), 'unavailable', false],
  ['a 500 that calls itself throttling', unmodelled('ThrottlingException', 500), 'unavailable', false],
  ['throttling', unmodelled('ThrottlingException', 400), 'throttled', true],
  ['the quota of versions', unmodelled('LimitExceededException', 400), 'limit-exceeded', true],
  ['an expired token', unmodelled('ExpiredTokenException', 400), 'access-denied', true],
  ['a refused signature', unmodelled('InvalidSignatureException', 400), 'access-denied', true],
  ['no credentials', Object.assign(new Error('x'), { name: 'CredentialsProviderError' }), 'access-denied', true],
  ['a key that cannot be used', unmodelled('EncryptionFailure', 400), 'encryption', true],
  ['what we sent wrongly', unmodelled('ValidationException', 400), 'invalid', true],
  ['another managing service', unmodelled('InvalidRequestException', 400), 'invalid', true],
  ['no error at all', {}, 'unavailable', false],
])('%s', async (_what, error, failure, answered) => {
  const thrown = await failing(error);
  expect(thrown).toBeInstanceOf(SecretStoreError);
  expect(thrown).toMatchObject({ failure, answered });
  expect(inspect(thrown, { showHidden: true, depth: 9 })).not.toContain('hunter2');
});

test.each([
  ['ThrottlingException', 'throttled'],
  ['TooManyRequestsException', 'throttled'],
  ['LimitExceededException', 'limit-exceeded'],
  ['ResourceNotFoundException', 'not-found'],
  ['ResourceExistsException', 'exists'],
  ['AccessDeniedException', 'access-denied'],
  ['UnrecognizedClientException', 'access-denied'],
  ['ExpiredTokenException', 'access-denied'],
  ['InvalidSignatureException', 'access-denied'],
  ['EncryptionFailure', 'encryption'],
  ['DecryptionFailure', 'encryption'],
  ['ValidationException', 'invalid'],
  ['InternalServiceError', 'unavailable'],
])('%s counts as %s', (name, outcome) => {
  expect(callOutcome(unmodelled(name, 400))).toBe(outcome);
});

test('a call that is answered as wanted counts as ok, one that throws nonsense as unavailable', () => {
  expect(callOutcome()).toBe('ok');
  for (const nonsense of [null, 'hunter2', 7, { name: 7 }]) expect(callOutcome(nonsense)).toBe('unavailable');
});

test.each([
  [
    'a secret that is being deleted',
    'You can not perform this operation on a secret marked for Deletion',
    'marked-for-deletion',
  ],
  ['the same in other words', 'the secret was deleted', 'marked-for-deletion'],
  ['anything else that cannot be asked now', 'the secret is managed by another service', 'invalid'],
])('%s', (_what, message, outcome) => {
  expect(callOutcome(unmodelled('InvalidRequestException', 400, message))).toBe(outcome);
});

test('a fault of the server is one, whatever its name and status', () => {
  for (const name of ['ValidationException', 'ThrottlingException'])
    expect(callOutcome(Object.assign(new Error('x'), { name, $fault: 'server' }))).toBe('unavailable');
  expect(callOutcome(unmodelled('ValidationException', 499))).toBe('invalid');
  expect(callOutcome(unmodelled('ValidationException', 500))).toBe('unavailable');
});

test('an error says which call, on which secret, and what AWS or the system called it', async () => {
  const shown = (thrown: unknown) => {
    const { message, fields } = thrown as SecretStoreError;
    return { message, fields };
  };
  const where = { operation: 'PutSecretValue', secret: 'rotation/x' };
  expect(shown(await failing(unmodelled('ThrottlingException', 400)))).toMatchObject({
    message: 'PutSecretValue on secret rotation/x: ThrottlingException',
    fields: { ...where, error: 'ThrottlingException' },
  });
  for (const name of ['Error', 'AggregateError']) {
    const reset = Object.assign(new Error('hunter2'), { name, code: 'ECONNRESET' });
    expect(shown(await failing(reset))).toMatchObject({
      message: 'PutSecretValue on secret rotation/x: ECONNRESET',
      fields: { ...where, error: 'ECONNRESET' },
    });
  }
  expect(shown(await failing(new Error('hunter2'))).message).toBe('PutSecretValue on secret rotation/x: Error');
  const named = Object.assign(new Error('hunter2'), { name: 'TimeoutError', code: 'ECONNABORTED' });
  expect(shown(await failing(named)).message).toBe('PutSecretValue on secret rotation/x: TimeoutError');
  const listing = call('ListSecrets', EVERY, () => Promise.reject(unmodelled('ThrottlingException', 400)));
  expect(shown(await listing.catch((error: unknown) => error))).toMatchObject({
    message: 'ListSecrets: ThrottlingException',
    fields: { operation: 'ListSecrets', secret: '*' },
  });
});

test.each(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH'])(
  'what never reached AWS did nothing there: %s',
  async (code) => {
    expect(await failing(system(code))).toMatchObject({ failure: 'unavailable', answered: true });
  },
);

test("a missing permission is told in AWS's own words", async () => {
  const error = unmodelled('AccessDeniedException', 400, 'User: worker is not authorized to perform: PutSecretValue');
  expect(String(await failing(error))).toContain('not authorized to perform: PutSecretValue');
});

test('an error that the caller expects comes back by its name', async () => {
  const error = unmodelled('ResourceExistsException', 400);
  expect(await call('PutSecretValue', 'x', () => Promise.reject(error), 'ResourceExistsException')).toBe(
    'ResourceExistsException',
  );
});

test('only what may pass is repeated, and each pause may be longer', async () => {
  const clock = virtualClock();
  let tries = 0;
  const work = (failure: 'throttled' | 'access-denied') => () => {
    tries += 1;
    return Promise.reject(new SecretStoreError('x', failure, true));
  };
  await expect(retrying(clock, work('access-denied'))).rejects.toThrow(SecretStoreError);
  expect(tries).toBe(1);
  await expect(retrying(clock, work('throttled'))).rejects.toThrow(SecretStoreError);
  expect(tries).toBe(5);
  expect(clock.monotonic()).toBeLessThan(3_500);
});

test.each([
  ['throttled', [500, 1_000, 2_000]],
  ['unavailable', [100, 200, 400]],
] as const)('%s: the longest pauses are %j', async (failure, pauses) => {
  const { random } = Math;
  const slept: number[] = [];
  const clock = { ...virtualClock(), sleep: async (ms: number) => void slept.push(ms) };
  Math.random = () => 1;
  try {
    await expect(retrying(clock, () => Promise.reject(new SecretStoreError('x', failure, true)))).rejects.toThrow(
      SecretStoreError,
    );
  } finally {
    Math.random = random;
  }
  expect(slept).toEqual(pauses);
});

test('what is no error of the store is not repeated', async () => {
  let tries = 0;
  const work = () => {
    tries += 1;
    return Promise.reject(Object.assign(new Error('a bug'), { retryable: true }));
  };
  await expect(retrying(virtualClock(), work)).rejects.toThrow('a bug');
  expect(tries).toBe(1);
});

test('long words of AWS are cut', async () => {
  const error = unmodelled('AccessDeniedException', 400, 'x'.repeat(1_000));
  expect(String(await failing(error))).toMatch(/AccessDeniedException: x{300}$/);
});
