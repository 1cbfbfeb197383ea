import { call, field, type Reply } from '../support/call';
import { finicityBench } from '../support/finicity';
import { dataSharingBench } from '../support/flinks-data-sharing';
import { outboundBench } from '../support/flinks-outbound';
import { sandboxForSuite } from '../support/suite';

const sandbox = sandboxForSuite();

const door = (method: string, path: string, body?: unknown): Promise<Reply> =>
  call(`${sandbox().urls.inspection}${path}`, { method, ...(body === undefined ? {} : { body }) });

test('shows grants, narrowed down by vendor kind, subject and life', async () => {
  const outbound = outboundBench(sandbox());
  const fresh = await outbound.rotate();
  const path = `/grants?kind=flinks-outbound-recipient&subject=${outbound.recipient.clientId}&alive=true`;
  expect((await door('GET', path)).json).toMatchObject([
    { vendor: 'flinks-outbound', secret: fresh, grantId: null, alive: true, works: true, diedAt: null, why: null },
  ]);
});

test('says whether a stored value works', async () => {
  const sharing = dataSharingBench(sandbox());
  const value = (await sharing.generate()).json;
  const kind = 'flinks-auth-secret';
  const ask = async (body: object) => (await door('POST', '/works', { kind, ...body })).json;
  expect(await ask({ value })).toEqual({ works: true });
  const [{ grantId, secret } = {}] = sandbox().control.grants();
  expect(await ask({ grantId, secret })).toEqual({ works: true });
  expect(await ask({ grantId, secret: 'another' })).toEqual({ works: false });
  expect(await ask({ value: { AuthSecret: 'made up', PermissionId: grantId } })).toEqual({ works: false });
  expect(await ask({ value: {} })).toEqual({ works: false });
  await sharing.disable(grantId ?? '');
  expect(await ask({ value })).toEqual({ works: false });
});

test('takes faults, lists what is left of them, and clears them', async () => {
  const fault = { kind: 'error-500', route: 'flinks-outbound.token', count: 2 };
  expect((await door('PUT', '/faults', [fault])).json).toMatchObject([{ ...fault, skip: 0, effect: 'none' }]);
  expect((await outboundBench(sandbox()).logIn()).status).toBe(500);
  expect((await door('GET', '/faults')).json).toMatchObject([{ count: 1 }]);
  expect((await door('POST', '/faults', [fault])).json).toHaveLength(2);
  await door('DELETE', '/faults');
  expect((await outboundBench(sandbox()).logIn()).status).toBe(200);
});

test('sets the switches that are given and refuses what it does not know', async () => {
  const set = await door('PUT', '/switches', { flinksOutbound: { tokenSeconds: 5 } });
  expect(set.json).toMatchObject({ flinksOutbound: { tokenSeconds: 5, credentials: 'body' } });
  const refused = await door('PUT', '/switches', { flinksOutbound: { tokenSeconds: 9, tokenMinutes: 1 } });
  expect([refused.status, field(refused, 'error')]).toEqual([400, expect.stringContaining('tokenMinutes')]);
  expect((await door('GET', '/switches')).json).toMatchObject({ flinksOutbound: { tokenSeconds: 5 } });
});

test.each([
  ['PUT', '/faults', [{ kind: 'unheard-of' }]],
  ['POST', '/works', {}],
  ['POST', '/clock', { advanceMs: 'soon' }],
  ['POST', '/seed', { elsewhere: {} }],
  ['GET', '/grants?kind=unheard-of', undefined],
])('refuses a wrong %s %s', async (method, path, body) => {
  expect((await door(method, path, body)).status).toBe(400);
});

test('seeds what a test names and makes up the rest', async () => {
  const reply = await door('POST', '/seed', {
    flinksOutbound: { recipients: [{ clientId: 'dc-named', clientSecret: 'given' }] },
    flinksDataSharing: { authSecrets: [{ partner: 'acme', disabled: true }] },
    finicity: { receipts: [{ customerId: '1', thirdPartyPartnerId: '2' }] },
  });
  expect(reply.json).toMatchObject({
    flinksOutbound: { partners: [{}], recipients: [{ clientId: 'dc-named', clientSecret: 'given' }] },
    flinksDataSharing: { environments: [{}], authSecrets: [{ partner: 'acme' }] },
    finicity: { partners: [{}], receipts: [{ receipt: {}, proof: {} }] },
  });
  expect((await door('GET', '/recipients')).json).toMatchObject([{ clientId: 'dc-named', secrets: ['given'] }]);
  expect((await door('GET', '/grants?kind=flinks-auth-secret')).json).toMatchObject([{ alive: false }]);
});

test('counts calls, effects and failed logins, and shows locks and tokens', async () => {
  const finicity = finicityBench(sandbox());
  const token = await finicity.appToken();
  await finicity.logIn('wrong');
  expect((await door('GET', '/counters')).json).toMatchObject({
    calls: { 'finicity.authenticate': 2 },
    effects: { 'finicity.authenticate': 1 },
    loginsFailed: { [finicity.partnerId]: 1 },
  });
  expect((await door('GET', '/partners')).json).toEqual([{ partnerId: finicity.partnerId, strikes: 1, locked: false }]);
  expect((await door('GET', '/tokens')).json).toMatchObject([{ vendor: 'finicity', token }]);
});

test('lists every secret value for leak searches, dead ones too', async () => {
  const outbound = outboundBench(sandbox());
  const fresh = await outbound.rotate();
  expect((await door('GET', '/secret-values')).json).toEqual(
    expect.arrayContaining([outbound.partner.clientSecret, outbound.recipient.clientSecret, fresh]),
  );
});

test('shows requests with their fault and outcome, and deviations', async () => {
  const outbound = outboundBench(sandbox());
  await door('POST', '/faults', [{ kind: 'reset', route: 'flinks-outbound.recipients.get' }]);
  await outbound.get('').catch(() => undefined);
  expect((await door('GET', '/requests')).json).toMatchObject([
    { operation: 'flinks-outbound.recipients.get', fault: 'reset', outcome: 'reset' },
  ]);
  expect((await door('GET', '/deviations')).json).toHaveLength(1);
  await door('DELETE', '/deviations');
  expect((await door('GET', '/deviations')).json).toEqual([]);
});

test("moves the vendors' clock", async () => {
  const outbound = outboundBench(sandbox());
  const token = await outbound.adminToken();
  const { json } = await door('POST', '/clock', { advanceMs: 300_000 });
  expect((await door('GET', '/clock')).status).toBe(200);
  expect(json).toEqual({ now: expect.any(String) });
  expect((await outbound.get(token)).status).toBe(401);
});

test('forgets everything', async () => {
  await outboundBench(sandbox()).rotate();
  await door('PUT', '/switches', { finicity: { geography: 'refused' } });
  await door('DELETE', '/state');
  expect((await door('GET', '/grants')).json).toEqual([]);
  expect((await door('GET', '/recipients')).json).toEqual([]);
  expect((await door('GET', '/secret-values')).json).toEqual([]);
  expect((await door('GET', '/switches')).json).toMatchObject({ finicity: { geography: 'allowed' } });
});

test('names its routes to whoever asks for another', async () => {
  const reply = await door('GET', '/');
  expect([reply.status, reply.json]).toMatchObject([404, { routes: expect.arrayContaining(['GET /grants']) }]);
});
