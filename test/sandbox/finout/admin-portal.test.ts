import { call, field } from '../support/call';
import { finoutBench } from '../support/finout';
import { sandboxForSuite } from '../support/suite';

const sandbox = sandboxForSuite();
const bench = () => finoutBench(sandbox());

const portal = () => `${sandbox().urls.inspection}/admin-portal/tokens`;
const generated = (body: object) => call(portal(), { method: 'POST', body });

test('a person generates tokens through the door beside the wire, and deletes one', async () => {
  const { ask } = bench();
  const shown = [await generated({ name: 'prod' }), await generated({ name: 'prod', expiresInMs: 1_000 })];
  const pairs = shown.map((reply) => ({ clientId: field(reply, 'clientId'), secretKey: field(reply, 'secretKey') }));
  const statuses = () => Promise.all(pairs.map(async (pair) => (await ask(pair)).status));

  expect(await statuses()).toEqual([200, 200]);
  sandbox().control.advanceClock(1_000);
  expect(await statuses()).toEqual([200, 401]);
  await call(`${portal()}?clientId=${pairs[0]?.clientId}`, { method: 'DELETE' });
  expect(await statuses()).toEqual([401, 401]);

  const alive = sandbox().control.grants({ kind: 'finout-api-token', subject: 'prod' });
  expect(alive.map(({ why }) => why)).toEqual(['deleted by a person', 'expired']);
});

test('a sixth request at a time of one token is refused, unless the switch says otherwise', async () => {
  const { token, ask } = bench();
  const { control } = sandbox();
  const six = async () => {
    control.addFaults({ kind: 'delay', route: 'finout.view', ms: 150, hold: 'request', count: 6 });
    const replies = await Promise.all(Array.from({ length: 6 }, () => ask(token)));
    return replies.map(({ status }) => status).sort();
  };
  expect(await six()).toEqual([200, 200, 200, 200, 200, 429]);
  expect(control.adminPortal.mostAtOnce()).toBe(6);
  control.setSwitches({ finout: { requestsAtOnce: null } });
  expect(await six()).toEqual([200, 200, 200, 200, 200, 200]);
});

test('the endpoints hand out secrets, and whoever asks for them is written down', async () => {
  const { token, ask } = bench();
  const reply = await ask(token, 'endpoints');
  const [webhook] = sandbox()
    .control.secretValues()
    .filter((value) => value.startsWith('https://hooks.slack.example/'));
  expect(webhook).toBeDefined();
  expect(reply.body).toContain(webhook);
  expect(sandbox().control.counters().calls['finout.endpoints']).toBe(1);
  expect(sandbox().control.deviations()).toMatchObject([{ vendor: 'finout', path: '/v1/endpoints' }]);
});

test('a stored pair can be asked about', () => {
  const { token } = bench();
  const { control } = sandbox();
  const works = () =>
    control.storedValueWorks('finout-api-token', { clientId: token.clientId, secretKey: token.secretKey });
  expect(works()).toBe(true);
  control.adminPortal.delete(token.clientId);
  expect(works()).toBe(false);
});
