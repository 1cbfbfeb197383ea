import { inspect } from 'node:util';
import { SecretStoreError } from '../../src/errors';
import { call, retrying } from '../../src/secrets-manager/calls';
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
