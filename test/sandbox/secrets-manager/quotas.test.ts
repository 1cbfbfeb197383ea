import { DescribeSecretCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { AWS_QUOTAS, makeQuotas } from './quotas';
import { startSecretsManager } from './server';

/** How many of so many calls at once are admitted. */
const admitted = (quotas: ReturnType<typeof makeQuotas>, operations: readonly string[]) =>
  operations.filter((operation) => quotas.admit(operation)).length;

test('puts, updates and label moves share 50 calls a second', () => {
  const quotas = makeQuotas(AWS_QUOTAS, () => 0);
  const mixed = Array.from({ length: 30 }, () => ['PutSecretValue', 'UpdateSecret', 'UpdateSecretVersionStage']).flat();
  expect(admitted(quotas, mixed)).toBe(50);
});

test('lists, and tags with untags, have pools of their own; reads have none', () => {
  const quotas = makeQuotas(AWS_QUOTAS, () => 0);
  expect(admitted(quotas, Array(200).fill('ListSecrets'))).toBe(100);
  expect(admitted(quotas, [...Array(40).fill('TagResource'), ...Array(40).fill('UntagResource')])).toBe(50);
  expect(admitted(quotas, Array(1000).fill('DescribeSecret'))).toBe(1000);
});

test('a bucket fills at its rate, and holds one second’s worth', () => {
  let ms = 0;
  const quotas = makeQuotas(AWS_QUOTAS, () => ms);
  const puts = Array(100).fill('PutSecretValue');
  expect(admitted(quotas, puts)).toBe(50);
  ms += 100;
  expect(admitted(quotas, puts)).toBe(5);
  ms += 60_000;
  expect(admitted(quotas, puts)).toBe(50);
});

test('over the wire: ThrottlingException 400 "Rate exceeded", without effect, until quotas are switched off', async () => {
  const server = await startSecretsManager({ quotas: { writes: 1 } });
  const client = new SecretsManagerClient({
    region: 'us-east-1',
    endpoint: server.url,
    credentials: { accessKeyId: 'x', secretAccessKey: 'y' },
    maxAttempts: 1,
  });
  server.store.CreateSecret({ Name: 'one', ClientRequestToken: 'the-first-token-of-the-secret-one' });
  const put = () => client.send(new PutSecretValueCommand({ SecretId: 'one', SecretString: 'v' }));
  await put();
  const error = await put().catch((reason) => reason);
  expect([error.name, error.message, error.$metadata.httpStatusCode]).toEqual([
    'ThrottlingException',
    'Rate exceeded',
    400,
  ]);
  await client.send(new DescribeSecretCommand({ SecretId: 'one' }));
  expect(server.store.secrets()[0]?.versions.size).toBe(1);
  expect(server.calls.all.map(({ outcome }) => outcome)).toEqual(['ok', 'ThrottlingException', 'ok']);

  server.setOptions({ quotas: false });
  await put();
  client.destroy();
  await server.close();
});
