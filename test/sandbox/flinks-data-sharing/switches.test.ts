import { type DataSharingBench, dataSharingBench } from '../support/flinks-data-sharing';
import { sandboxForSuite } from '../support/suite';
import type { FlinksDataSharingSwitches } from './switches';

const sandbox = sandboxForSuite();

function bench(switches: Partial<FlinksDataSharingSwitches> = {}): DataSharingBench {
  sandbox().control.setSwitches({ flinksDataSharing: switches });
  return dataSharingBench(sandbox());
}

describe('a second generate for one partner', () => {
  test('new: gives a second secret, and both live', async () => {
    const sharing = bench({ secondGenerate: 'new' });
    const [first, second] = [await sharing.issue(), await sharing.issue()];
    expect(second.permissionId).not.toBe(first.permissionId);
    expect([first, second].map(({ authSecret }) => sharing.isAlive(authSecret))).toEqual([true, true]);
  });

  test('same: gives the same id and secret again', async () => {
    const sharing = bench({ secondGenerate: 'same' });
    expect(await sharing.issue()).toEqual(await sharing.issue());
    expect(sandbox().control.grants()).toHaveLength(1);
  });

  test('same-id-new-secret: kills the first secret and keeps its PermissionId', async () => {
    const sharing = bench({ secondGenerate: 'same-id-new-secret' });
    const [first, second] = [await sharing.issue(), await sharing.issue()];
    expect(second.permissionId).toBe(first.permissionId);
    expect([first, second].map(({ authSecret }) => sharing.isAlive(authSecret))).toEqual([false, true]);
    expect((await sharing.disable(first.permissionId)).json).toMatchObject({ authSecret: second.authSecret });
    expect(sharing.isAlive(second.authSecret)).toBe(false);
  });

  test('replace: gives a new id and kills the first for good', async () => {
    const sharing = bench({ secondGenerate: 'replace' });
    const [first, second] = [await sharing.issue(), await sharing.issue()];
    expect(second.permissionId).not.toBe(first.permissionId);
    expect((await sharing.enable(first.permissionId)).status).toBe(400);
    expect([first, second].map(({ authSecret }) => sharing.isAlive(authSecret))).toEqual([false, true]);
  });

  test('error: is refused, and the first lives on', async () => {
    const sharing = bench({ secondGenerate: 'error' });
    const first = await sharing.issue();
    expect((await sharing.generate()).json).toMatchObject({ HttpStatusCode: 400, FlinksCode: 'INVALID_REQUEST' });
    expect(sharing.isAlive(first.authSecret)).toBe(true);
  });

  test('replace: does not change when and why a disabled one died', async () => {
    const sharing = bench({ secondGenerate: 'replace' });
    const { permissionId } = await sharing.issue();
    await sharing.disable(permissionId);
    sandbox().control.advanceClock(1_000);
    await sharing.issue();
    expect(sandbox().control.grants({ grantId: permissionId })).toMatchObject([{ alive: false, why: 'disabled' }]);
  });

  test('concerns one partner only', async () => {
    const sharing = bench({ secondGenerate: 'replace' });
    const [acme, globex] = [await sharing.issue('acme'), await sharing.issue('globex')];
    await sharing.issue('acme');
    expect([acme, globex].map(({ authSecret }) => sharing.isAlive(authSecret))).toEqual([false, true]);
  });
});

describe('disable and enable', () => {
  test('switch one secret off and on again, and both answers carry it', async () => {
    const sharing = bench();
    const [first, second] = [await sharing.issue(), await sharing.issue()];
    expect((await sharing.disable(first.permissionId)).json).toMatchObject(first);
    expect([first, second].map(({ authSecret }) => sharing.isAlive(authSecret))).toEqual([false, true]);
    expect((await sharing.enable(first.permissionId)).json).toMatchObject(first);
    expect(sharing.isAlive(first.authSecret)).toBe(true);
  });

  test('act on the whole partner by the switch', async () => {
    const sharing = bench({ disableActsOn: 'partner' });
    const [first, second, other] = [await sharing.issue(), await sharing.issue(), await sharing.issue('globex')];
    const alive = () => [first, second, other].map(({ authSecret }) => sharing.isAlive(authSecret));
    await sharing.disable(first.permissionId);
    expect(alive()).toEqual([false, false, true]);
    await sharing.enable(first.permissionId);
    expect(alive()).toEqual([true, true, true]);
  });

  test.each([200, 400] as const)('repeated, disable answers %i by the switch', async (status) => {
    const sharing = bench({ disableRepeated: status });
    const { permissionId, authSecret } = await sharing.issue();
    expect((await sharing.disable(permissionId)).status).toBe(200);
    const again = await sharing.disable(permissionId);
    expect(again.status).toBe(status);
    if (status === 400) expect(again.body).toBe('{}');
    expect(sharing.isAlive(authSecret)).toBe(false);
  });

  test.each([200, 400] as const)('repeated, enable answers %i by the switch', async (status) => {
    const sharing = bench({ enableRepeated: status });
    expect((await sharing.enable((await sharing.issue()).permissionId)).status).toBe(status);
  });

  test('of an id in another environment are refused', async () => {
    const [mine, theirs] = [bench(), bench()];
    const { permissionId, authSecret } = await theirs.issue();
    expect((await mine.disable(permissionId)).body).toBe('{}');
    expect(theirs.isAlive(authSecret)).toBe(true);
  });
});

describe('the owner', () => {
  const ID = '00000000-0000-4000-8000-000000000000';

  test.each([
    ['everywhere', 401, 401],
    ['on-generate', 401, 400],
    ['nowhere', 200, 400],
  ] as const)('proves itself with the API secret %s', async (apiSecretRequired, onGenerate, onDisable) => {
    const sharing = bench({ apiSecretRequired });
    expect((await sharing.ask('acme', {})).status).toBe(onGenerate);
    expect((await sharing.ask(`disable/${ID}`, {})).status).toBe(onDisable);
  });

  test('is refused with a wrong API secret even where none is demanded', async () => {
    const reply = await bench({ apiSecretRequired: 'nowhere' }).ask('acme', { authorization: 'Bearer wrong' });
    expect([reply.status, reply.json]).toEqual([401, { HttpStatusCode: 401, FlinksCode: 'ACCESS_DENIED' }]);
  });

  test('sends flinks-auth-key as well by the switch', async () => {
    const sharing = bench({ authKeyRequired: true });
    const { apiSecret, authKey } = sharing.environment;
    expect((await sharing.generate()).status).toBe(401);
    const headers = { authorization: `Bearer ${apiSecret}`, 'flinks-auth-key': authKey };
    expect((await sharing.ask('acme', headers)).status).toBe(200);
    expect(sandbox().control.deviations()).toEqual([]);
  });
});

test.each([
  ['documented', 'AuthSecret', 'authSecret'],
  ['pascal', 'AuthSecret', 'AuthSecret'],
  ['camel', 'authSecret', 'authSecret'],
] as const)('with %s casing generate says %s and disable says %s', async (casing, onGenerate, onDisable) => {
  const sharing = bench({ casing });
  expect((await sharing.generate()).json).toHaveProperty(onGenerate);
  const [{ grantId = '' } = {}] = sandbox().control.grants();
  expect((await sharing.disable(grantId ?? '')).json).toHaveProperty(onDisable);
});

test('a bad name is a 401 by the switch, as the error codes page has it', async () => {
  const reply = await bench({ invalidRequestStatus: 401 }).generate('acme2');
  expect([reply.status, reply.json]).toMatchObject([401, { FlinksCode: 'INVALID_REQUEST' }]);
});

test('a disable without an id generates a secret for a partner called "disable"', async () => {
  await bench().disable('');
  expect(sandbox().control.grants()).toMatchObject([{ subject: 'disable', alive: true }]);
});

test('a name is one percent-encoded segment', async () => {
  const sharing = bench();
  await sharing.issue(encodeURIComponent('acme / north'));
  expect(sandbox().control.grants()).toMatchObject([{ subject: 'acme / north' }]);
  expect((await sharing.ask('acme/north')).status).toBe(404);
});
