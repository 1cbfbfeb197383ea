import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  SecretsManagerServiceException,
} from '@aws-sdk/client-secrets-manager';
import { type Fault, makeFaults } from './faults';
import { type SecretsManagerServer, startSecretsManager } from './server';

const TOKEN = 'a-token-of-at-least-32-characters';

let server: SecretsManagerServer;
let client: SecretsManagerClient;

const makeClient = (maxAttempts: number) =>
  new SecretsManagerClient({
    region: 'us-east-1',
    endpoint: server.url,
    credentials: { accessKeyId: 'x', secretAccessKey: 'y' },
    maxAttempts,
    requestHandler: { requestTimeout: 200, throwOnRequestTimeout: true },
  });

beforeEach(async () => {
  server = await startSecretsManager();
  client = makeClient(1);
  server.store.CreateSecret({ Name: 'one', ClientRequestToken: 'the-first-token-of-the-secret-one' });
});

afterEach(async () => {
  client.destroy();
  await server.close();
});

const put = () =>
  client.send(new PutSecretValueCommand({ SecretId: 'one', SecretString: 'v', ClientRequestToken: TOKEN }));
const stored = () => server.store.secrets()[0]?.versions.has(TOKEN);

/**
 * AWS's error with its HTTP status, or that no answer came. Told by message as well: inside Jest the SDK does not know Node's own
 * errors for errors, and wraps them without name and code ("AWS SDK error wrapper for TimeoutError: read ECONNRESET").
 */
const failureOf = (call: Promise<unknown>) => call.then(() => 'none', failure);

function failure(error: Error): string {
  if (error instanceof SecretsManagerServiceException) return `${error.name} ${error.$metadata.httpStatusCode}`;
  if (error.message.includes('Deserialization error')) return 'unreadable';
  return /TimeoutError|ECONNRESET/.test(`${error.name}: ${error.message}`) ? 'no answer' : error.message;
}

const kinds: [Fault['kind'], string, boolean][] = [
  ['throttle', 'ThrottlingException 400', false],
  ['refuse', 'AccessDeniedException 400', false],
  ['error-before', 'InternalServiceError 500', false],
  ['error-after', 'InternalServiceError 500', true],
  ['reset-before', 'no answer', false],
  ['reset-after', 'no answer', true],
  ['hang', 'no answer', false],
  ['hang-after', 'no answer', true],
  ['truncated', 'unreadable', true],
  ['malformed', 'unreadable', true],
  ['html-before', 'unreadable', false],
  ['html-after', 'unreadable', true],
  ['redirect', 'Unknown 302', false],
];

for (const [kind, name, effect] of kinds)
  test(`${kind}: the client gets ${name}, the call ${effect ? 'took' : 'took no'} effect, and the next one passes`, async () => {
    server.faults.add({ kind, operation: 'PutSecretValue', count: 1 });
    expect(await failureOf(put())).toBe(name);
    expect(stored()).toBe(effect);
    expect((await put()).VersionId).toBe(TOKEN);
  });

test('delay: the answer comes late', async () => {
  server.faults.add({ kind: 'delay', delayMs: 80 });
  const begun = performance.now();
  await put();
  expect(performance.now() - begun).toBeGreaterThanOrEqual(79);
});

test('delay beyond the client’s time-out: the call takes effect after the client gave up', async () => {
  server.faults.add({ kind: 'delay', delayMs: 400, count: 1 });
  expect(await failureOf(put())).toBe('no answer');
  expect(stored()).toBe(false);
  await until(() => stored() === true);
});

test('a fault of one operation and one secret leaves the others alone', async () => {
  server.faults.add({ kind: 'refuse', operation: ['PutSecretValue', 'UpdateSecret'], secret: 'two' });
  await client.send(new CreateSecretCommand({ Name: 'two', SecretString: 'v' }));
  await put();
  const onTwo = client.send(new PutSecretValueCommand({ SecretId: 'two', SecretString: 'w' }));
  expect(await failureOf(onTwo)).toBe('AccessDeniedException 400');
  expect(await failureOf(client.send(new GetSecretValueCommand({ SecretId: 'two' })))).toBe('none');
});

test('the SDK’s own retry of a call that took effect finds it done, by its token', async () => {
  const retrying = makeClient(2);
  server.faults.add({ kind: 'reset-after', count: 1 });
  const answer = await retrying.send(new PutSecretValueCommand({ SecretId: 'one', SecretString: 'v' }));
  expect(server.store.secrets()[0]?.versions.size).toBe(1);
  expect(answer.$metadata.attempts).toBe(2);
  retrying.destroy();
});

describe('which calls a fault takes', () => {
  const call = { operation: 'PutSecretValue', secret: 'fleet/one' };

  test('skip lets calls pass, count ends it', () => {
    const faults = makeFaults();
    faults.add({ kind: 'throttle', skip: 1, count: 2 });
    expect([1, 2, 3, 4].map(() => faults.take(call).kind)).toEqual([undefined, 'throttle', 'throttle', undefined]);
    expect(faults.list()).toEqual([]);
  });

  test('a name may end with *', () => {
    const faults = makeFaults();
    faults.add({ kind: 'throttle', secret: 'fleet/*' });
    expect(faults.take(call).kind).toBe('throttle');
    expect(faults.take({ ...call, secret: 'other' }).kind).toBeUndefined();
    expect(faults.take({ operation: 'ListSecrets' }).kind).toBeUndefined();
  });

  test('a predicate in process decides by anything', () => {
    const faults = makeFaults();
    faults.add({ kind: 'hang', when: ({ operation }) => operation.startsWith('Put') });
    expect(faults.take(call).kind).toBe('hang');
    expect(faults.take({ operation: 'DescribeSecret' }).kind).toBeUndefined();
  });

  test('delays add up and go with one other fault; the second one is kept for the next call', () => {
    const faults = makeFaults();
    faults.add({ kind: 'delay', delayMs: 5 }, { kind: 'delay', delayMs: 7 });
    faults.add({ kind: 'error-after', count: 1 }, { kind: 'throttle', count: 1 });
    expect(faults.take(call)).toEqual({ delayMs: 12, kind: 'error-after' });
    expect(faults.take(call)).toEqual({ delayMs: 12, kind: 'throttle' });
    expect(faults.take(call)).toEqual({ delayMs: 12, kind: undefined });
  });
});

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 5000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('the condition did not come true within 5 s');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
