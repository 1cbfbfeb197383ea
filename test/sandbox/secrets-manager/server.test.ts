import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { z } from 'zod';
import { type SecretsManagerServer, startSecretsManager } from './server';

const TOKEN = 'the-first-token-of-the-secret-one';

let server: SecretsManagerServer;
let client: SecretsManagerClient;

beforeEach(async () => {
  server = await startSecretsManager();
  client = new SecretsManagerClient({
    region: 'us-east-1',
    endpoint: server.url,
    credentials: { accessKeyId: 'x', secretAccessKey: 'y' },
    maxAttempts: 1,
  });
  server.store.CreateSecret({ Name: 'one', SecretString: 'hush', ClientRequestToken: TOKEN });
});

afterEach(async () => {
  client.destroy();
  await server.close();
});

const get = (SecretId = 'one') => client.send(new GetSecretValueCommand({ SecretId }));

/** Calls the control door as another process would. */
async function control(method: string, path: string, body?: unknown) {
  const response = await fetch(`${server.url}/_sandbox/${path}`, {
    method,
    body: body === undefined ? null : JSON.stringify(body),
  });
  return { status: response.status, body: z.record(z.string(), z.unknown()).parse(await response.json()) };
}

test('the Date header of every answer follows the store’s clock', async () => {
  const offset = async () => Date.parse((await fetch(server.url)).headers.get('date') ?? '') - Date.now();
  expect(Math.abs(await offset())).toBeLessThan(2000);
  server.setOptions({ clockOffsetMs: 3600_000 });
  expect(Math.abs((await offset()) - 3600_000)).toBeLessThan(2000);
});

test('the SDK signs with the store’s time once an answer told it', async () => {
  server.setOptions({ clockOffsetMs: 3600_000 });
  await get();
  expect(Math.abs((client.config.systemClockOffset ?? 0) - 3600_000)).toBeLessThan(2000);
});

test('the log has operation, name, time and outcome of every call, and no value', async () => {
  await client.send(new PutSecretValueCommand({ SecretId: 'one', SecretString: 'hush2' }));
  await get();
  await get('none').catch(() => undefined);
  const { ARN = '' } = server.store.DescribeSecret({ SecretId: 'one' });
  await get(ARN);
  expect(server.calls.all.map(({ operation, secret, outcome }) => [operation, secret, outcome])).toEqual([
    ['PutSecretValue', 'one', 'ok'],
    ['GetSecretValue', 'one', 'ok'],
    ['GetSecretValue', 'none', 'ResourceNotFoundException'],
    ['GetSecretValue', 'one', 'ok'],
  ]);
  expect(server.calls.counts('one')).toEqual({ PutSecretValue: 1, GetSecretValue: 2 });
  const { body } = await control('GET', 'calls');
  expect(body.counts).toEqual({ PutSecretValue: 1, GetSecretValue: 3 });
  expect(JSON.stringify(body)).not.toContain('hush');
  await control('DELETE', 'calls');
  expect(server.calls.all).toEqual([]);
});

test('a call under way is in the log, without outcome', async () => {
  server.faults.add({ kind: 'delay', delayMs: 100 });
  const call = get();
  while (server.calls.all.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(server.calls.all[0]?.outcome).toBeUndefined();
  await call;
  expect(server.calls.all[0]?.outcome).toBe('ok');
});

test('another process sets faults, sees what is left of them, and clears them', async () => {
  await control('PUT', 'faults', [{ kind: 'refuse', operation: 'GetSecretValue', count: 2 }]);
  await expect(get()).rejects.toThrow(/not authorized/);
  expect((await control('GET', 'faults')).body.faults).toMatchObject([{ kind: 'refuse', count: 1 }]);
  await control('POST', 'faults', [{ kind: 'throttle', secret: 'two' }]);
  expect(server.faults.list().length).toBe(2);
  await control('DELETE', 'faults');
  expect((await get()).SecretString).toBe('hush');
});

test('another process sets options, one by one', async () => {
  await control('PUT', 'options', { clockOffsetMs: 5 });
  const { body } = await control('PUT', 'options', { quotas: true, listLagMs: 100 });
  const now = { quotas: true, clockOffsetMs: 5, listLagMs: 100, readLagMs: 0, shortPages: false, policy: null };
  expect(body).toEqual(now);
  expect((await control('GET', 'options')).body).toEqual(now);
});

test('another process sees the secrets with labels, dates, tags and values, and can clear them', async () => {
  server.store.TagResource({ SecretId: 'one', Tags: [{ Key: 'a', Value: 'b' }] });
  const version = { id: TOKEN, stages: ['AWSCURRENT'], SecretString: 'hush', createdAt: expect.any(Number) };
  const { body } = await control('GET', 'secrets');
  expect(body.secrets).toMatchObject([{ name: 'one', tags: { a: 'b' }, versions: [version] }]);
  await control('DELETE', 'secrets');
  expect(server.store.secrets()).toEqual([]);
});

test('another process sees when which label moved from where to where', async () => {
  const next = 'the-second-token-of-the-secret-one';
  server.store.PutSecretValue({ SecretId: 'one', SecretString: 'hush', ClientRequestToken: next });
  const move = (label: string, to: string, from?: string) => ({
    ...{ at: expect.any(Number), secret: 'one', label, to },
    ...(from === undefined ? {} : { from }),
  });
  expect((await control('GET', 'moves')).body).toEqual({
    moves: [move('AWSCURRENT', TOKEN), move('AWSCURRENT', next, TOKEN), move('AWSPREVIOUS', TOKEN)],
  });
});

test('the control door refuses what it does not know, and says so', async () => {
  expect((await control('GET', 'nothing')).status).toBe(404);
  expect((await control('PUT', 'faults', [{ kind: 'explode' }])).status).toBe(400);
  expect((await control('PUT', 'options', { clockOfset: 1 })).status).toBe(400);
});

test('an unsigned call, an unknown operation and a body that is no JSON are refused', async () => {
  const post = async (target: string, authorization: string, body: string) => {
    const headers = { 'x-amz-target': target, ...(authorization && { authorization }) };
    const response = await fetch(server.url, { method: 'POST', headers, body });
    return [response.status, z.object({ __type: z.string() }).parse(await response.json()).__type];
  };
  const signed = 'AWS4-HMAC-SHA256 Credential=x';
  expect(await post('secretsmanager.ListSecrets', '', '{}')).toEqual([400, 'MissingAuthenticationTokenException']);
  expect(await post('secretsmanager.Explode', signed, '{}')).toEqual([400, 'UnknownOperationException']);
  expect(await post('secretsmanager.ListSecrets', signed, '{')).toEqual([400, 'SerializationException']);
});

test('close ends hanging calls', async () => {
  server.faults.add({ kind: 'hang' });
  const call = get().catch((error) => error.message);
  while (server.calls.all.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await server.close();
  expect(await call).toMatch(/ECONNRESET|socket hang up/);
  server = await startSecretsManager();
});
