import {
  missingField,
  successForAnother,
  successWithoutSecret,
  successWithUnusableSecret,
  wrongCasing,
} from '../faults';
import { finicityBench } from '../support/finicity';
import { dataSharingBench } from '../support/flinks-data-sharing';
import { outboundBench } from '../support/flinks-outbound';
import { sandboxForSuite } from '../support/suite';
import { checkAnswer } from '../vendor-facts/check-answer';
import { accessKeyAnswer } from '../vendor-facts/finicity-receipts';
import { recased } from './rewrite';

const sandbox = sandboxForSuite();

async function regenerated() {
  const outbound = outboundBench(sandbox());
  return outbound.regenerate(await outbound.adminToken());
}

test.each(['', null, 7, false] as const)('a success may have the unusable secret %p', async (secret) => {
  sandbox().control.addFaults(successWithUnusableSecret('flinks-outbound.regenerate', secret));
  const reply = await regenerated();
  expect([reply.status, reply.json]).toMatchObject([200, { client_secret: secret }]);
});

test('a success may lack its secret', async () => {
  sandbox().control.addFaults(successWithoutSecret('flinks-outbound.regenerate'));
  expect((await regenerated()).json).toEqual({ client_id: expect.any(String) });
});

test('a success may be about another client', async () => {
  sandbox().control.addFaults(successForAnother('flinks-outbound.regenerate', 'dc-another'));
  expect((await regenerated()).json).toEqual({ client_id: 'dc-another', client_secret: expect.any(String) });
});

test('a success may lack any field', async () => {
  sandbox().control.addFaults(missingField('flinks-data-sharing.generate', 'PermissionId'));
  const reply = await dataSharingBench(sandbox()).generate();
  expect(checkAnswer('flinks-data-sharing.generate', reply)).toHaveLength(1);
});

test('a success may have the wrong casing', async () => {
  sandbox().control.addFaults(wrongCasing('flinks-data-sharing.generate', 'camel'));
  expect((await dataSharingBench(sandbox()).generate()).json).toHaveProperty('authSecret');
});

test('an access key may come without its receipt', async () => {
  sandbox().control.addFaults(successWithoutSecret('finicity.access-key.generate'));
  const finicity = finicityBench(sandbox());
  const reply = await finicity.generate(await finicity.appToken());
  expect(reply.status).toBe(200);
  expect(accessKeyAnswer.safeParse(reply.json).success).toBe(false);
});

test.each([
  ['client_secret', 'clientSecret', 'ClientSecret'],
  ['permission_id', 'permissionId', 'PermissionId'],
  ['message', 'message', 'Message'],
])('%s, %s and %s turn into one another', (snake, camel, pascal) => {
  for (const name of [snake, camel, pascal]) {
    expect([recased(name, 'snake'), recased(name, 'camel'), recased(name, 'pascal')]).toEqual([snake, camel, pascal]);
  }
});
