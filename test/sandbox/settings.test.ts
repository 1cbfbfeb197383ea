import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../support/temporary-folder';
import { readSettings } from './settings';
import { startSandbox } from './start';

function seedFile(text: string): string {
  const file = join(temporaryFolder(), 'seed.yaml');
  writeFileSync(file, text);
  return file;
}

test('without variables the ports are free ones, and nothing is there', async () => {
  const { ports, seed } = readSettings({});
  const sandbox = await startSandbox({ ports });
  seed(sandbox);
  expect([sandbox.control.recipients(), sandbox.secretsManager.store.secrets()]).toEqual([[], []]);
  await sandbox.stop();
});

test('ports go to the servers in their order', () => {
  expect(readSettings({ SANDBOX_PORTS: '4101 4102 4103 4104 4105' }).ports).toEqual({
    secretsManager: 4101,
    flinksOutbound: 4102,
    flinksDataSharing: 4103,
    finicity: 4104,
    inspection: 4105,
  });
});

test.each(['4101', '4101,4102,4103,4104,4105', 'a b c d e'])('ports that are %j are refused', (SANDBOX_PORTS) => {
  expect(() => readSettings({ SANDBOX_PORTS })).toThrow('five numbers with a space between');
});

test('a seed puts objects at the vendors and values into Secrets Manager', async () => {
  const file = seedFile(`
vendors:
  flinksOutbound: { partners: [{ clientId: dc-own }], recipients: [{ clientId: dc-app }] }
secrets:
  own/sharing: { apiSecret: synthetic }
`);
  const sandbox = await startSandbox();
  readSettings({ SANDBOX_SEED: file }).seed(sandbox);
  expect(sandbox.control.recipients()).toMatchObject([{ clientId: 'dc-app' }]);
  const { SecretString } = sandbox.secretsManager.store.GetSecretValue({ SecretId: 'own/sharing' });
  expect(SecretString).toBe('{"apiSecret":"synthetic"}');
  await sandbox.stop();
});

test('a seed with a field that nobody knows is refused', () => {
  expect(() => readSettings({ SANDBOX_SEED: seedFile('vendor: {}') })).toThrow('vendor');
});
