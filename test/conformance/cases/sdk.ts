import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
  SecretsManagerServiceException,
} from '@aws-sdk/client-secrets-manager';
import { check, inform } from '../case';
import { ok, same } from '../expect';
import { refusal, THROTTLED, withStub } from '../stub';
import { unique } from '../subject';

const get = (client: SecretsManagerClient) => client.send(new GetSecretValueCommand({ SecretId: 's' }));
const put = (client: SecretsManagerClient) =>
  client.send(new PutSecretValueCommand({ SecretId: 's', SecretString: 'v' }));

async function errorOf(call: Promise<unknown>): Promise<Error> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  ok(error instanceof Error, 'the call succeeded');
  return error;
}

const twiceThrottled = (n: number) => (n < 3 ? THROTTLED : { status: 200, body: { Name: 's' } });

/** How the SDK itself behaves, against a stub in this process: the endpoint under test has no part in it. */
export const sdk = [
  check(
    'sdk.throttling-shape',
    'sdk',
    'ThrottlingException: name, HTTP 400, fault client, not a modelled class',
    async () => {
      const error = await withStub(
        () => THROTTLED,
        (client) => errorOf(get(client)),
        { maxAttempts: 1 },
      );
      ok(error instanceof SecretsManagerServiceException, `a ${error.constructor.name}`);
      const { httpStatusCode, attempts } = error.$metadata;
      same([error.name, error.message], ['ThrottlingException', 'Rate exceeded'], 'name and message');
      same([httpStatusCode, error.$fault, attempts], [400, 'client', 1], 'status, fault and attempts');
      same(error.constructor.name, 'SecretsManagerServiceException', 'class');
    },
  ),
  check(
    'sdk.throttling-retried',
    'sdk',
    'ThrottlingException is retried: 2 throttles then success needs 3 attempts (the default)',
    () =>
      withStub(twiceThrottled, async (client, seen) => {
        const { $metadata } = await get(client);
        same([seen.length, $metadata.attempts], [3, 3], 'attempts');
        const gaps = seen.slice(1).map(({ at }, i) => at - (seen[i]?.at ?? at));
        return `gaps ${gaps.join(', ')} ms`;
      }),
  ),
  check(
    'sdk.limit-exceeded-retried',
    'sdk',
    'LimitExceededException (version or label quota, not transient) is classed as throttling and retried by the SDK too',
    () =>
      withStub(
        () => refusal('LimitExceededException'),
        async (client, seen) => {
          same([(await errorOf(put(client))).name, seen.length], ['LimitExceededException', 3], 'name and attempts');
        },
      ),
  ),
  check(
    'sdk.token-stable-over-retries',
    'sdk',
    'the ClientRequestToken the SDK makes up is the same on its own retries',
    () =>
      withStub(twiceThrottled, async (client, seen) => {
        await put(client);
        const tokens: unknown[] = seen.map(({ body }) => JSON.parse(body).ClientRequestToken);
        same([tokens.length, unique(tokens).length, String(tokens[0]).length], [3, 1, 36], 'tokens');
      }),
  ),
  inform('sdk.html-500', 'how the SDK takes a 500 with an HTML body (what moto answers when it crashes)', () =>
    withStub(
      () => ({ status: 500, body: '<!doctype html><h1>Internal Server Error</h1>' }),
      async (client, seen) => `${(await errorOf(get(client))).name}, ${seen.length} attempts`,
    ),
  ),
  inform('sdk.connection-reset', 'how often the SDK tries when the server resets the connection', () =>
    withStub(
      () => 'reset',
      async (client, seen) => `${(await errorOf(put(client))).name}, ${seen.length} attempts`,
    ),
  ),
  check('sdk.not-found-not-retried', 'sdk', 'ResourceNotFoundException is not retried', () =>
    withStub(
      () => refusal('ResourceNotFoundException'),
      async (client, seen) => {
        await errorOf(get(client));
        same(seen.length, 1, 'attempts');
      },
    ),
  ),
];
