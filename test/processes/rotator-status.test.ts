import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import type { CompanyCredential } from '../support/company';
import { findLeaks } from '../support/leaks';
import { environmentOf, jsonOf, ROTATOR, rotator } from '../support/rotator';
import { openScene, type Scene } from '../support/scene';
import { startOnTerminal } from '../support/terminal';

jest.setTimeout(60_000);

const NEVER = '0 0 0 29 2 *';
const SUSPECT = '01930000000070008000000000000001';
/** A command that needs no Redis does not ask for one. */
const NO_REDIS = { REDIS_URL: undefined, FINICITY_APP_KEY: undefined };

const rowSchema = z.object({ id: z.string(), state: z.string(), reason: z.string(), needsAPerson: z.boolean() });
const statusSchema = z.object({
  credentials: z.array(z.looseObject(rowSchema.shape)),
  summary: z.object({ total: z.number(), needAPerson: z.number(), byState: z.record(z.string(), z.number()) }),
});

let scene: Scene;

beforeAll(async () => {
  scene = await openScene({ perKind: 4, pattern: NEVER, defaults: { grace: '1h' } });
  const worker = await scene.startWorker();
  await scene.finished();
  await scene.rotate([find('partner-daaa')]);
  await scene.until(() => scene.holdings(find('partner-daaa')).previous?.startsWith('0'), 'one is in its grace');
  await worker.kill('SIGTERM');
  tag('partner-aaaa', 'rotation:blocked', 'five attempts failed');
  tag(
    'key-aaaa',
    `rotation:suspected-orphan:${SUSPECT}`,
    '2999-01-01T00:00:00.000Z grant receipt-0815-of-the-lost-one',
  );
  tag('key-baaa', `rotation:unrevoked:${scene.holdings(find('key-baaa')).current}`, 'no-grant-id-in-the-value');
  store().UntagResource({ SecretId: find('recipient-aaaa').secret, TagKeys: ['rotation:credential'] });
  store().DeleteSecret({ SecretId: find('recipient-baaa').secret, RecoveryWindowInDays: 7 });
}, 60_000);

const store = () => scene.sandbox.secretsManager.store;
const tag = (id: string, Key: string, Value: string) =>
  store().TagResource({ SecretId: find(id).secret, Tags: [{ Key, Value }] });

function find(id: string): CompanyCredential {
  const found = scene.company.credentials.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no credential ${id}`);
  return found;
}

const status = (...args: string[]) => rotator(scene, ['status', ...args], { env: NO_REDIS });
const json = async (...args: string[]) => statusSchema.parse(jsonOf(await status('--json', ...args)));

test('every credential of the manifest in exactly one named state, in the order of the manifest', async () => {
  const { credentials, summary } = await json();

  expect(credentials.map(({ id }) => id)).toEqual(scene.company.credentials.map(({ id }) => id));
  expect(Object.fromEntries(credentials.map(({ id, state }) => [id, state]))).toMatchObject({
    'partner-aaaa': 'blocked',
    'partner-baaa': 'fresh',
    'partner-daaa': 'in-grace',
    'key-aaaa': 'fresh',
    'recipient-aaaa': 'blocked',
    'recipient-baaa': 'being-deleted',
  });
  expect(summary).toEqual({
    total: 12,
    needAPerson: 5,
    byState: { blocked: 2, 'being-deleted': 1, 'in-grace': 1, fresh: 8 },
  });
});

test('one list call and one for each secret that the list does not show: no value is read', async () => {
  scene.sandbox.secretsManager.calls.clear();
  await status();
  const operations = scene.sandbox.secretsManager.calls.all.map(({ operation }) => operation);
  expect(operations.sort()).toEqual(['DescribeSecret', 'DescribeSecret', 'ListSecrets']);
});

test('for people a table with what comes next, and a line that sums it up; without colour where nobody looks', async () => {
  const { code, stdout, stderr } = await status();

  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).not.toContain('\u001b');
  expect(stdout).toMatch(/^credential +kind +state +age +expires +last +next$/m);
  expect(stdout).toMatch(
    /^partner-aaaa +flinks-auth-secret +blocked .*five attempts failed -> rotator resolve partner-aaaa$/m,
  );
  expect(stdout).toMatch(/^partner-baaa +flinks-auth-secret +fresh +\d+s +- +promoted +rotate in 3\d\dd/m);
  expect(stdout).toMatch(/^partner-daaa .*in-grace .*revoke the old one in 5\dm/m);
  expect(stdout).toMatch(/^key-aaaa .*fresh .*1 suspected -> rotator resolve key-aaaa$/m);
  expect(stdout.trimEnd().split('\n').at(-1)).toBe(
    '12 credentials: 2 blocked, 8 fresh, 1 being-deleted, 1 in-grace; 5 need a person',
  );
});

test('on a terminal the states have colours', async () => {
  const terminal = startOnTerminal(process.execPath, [ROTATOR, 'status', '--state', 'blocked'], environmentOf(scene));
  await terminal.exited;
  expect(terminal.screen()).toContain('\u001b[31mblocked\u001b[39m');
});

test('--problems shows those that need a person, and exits with 1 where there is one', async () => {
  const { code, stdout } = await status('--problems', '--json');
  const { credentials } = statusSchema.parse(JSON.parse(stdout));
  expect(code).toBe(1);
  expect(credentials.map(({ id }) => id).sort()).toEqual(
    ['key-aaaa', 'key-baaa', 'partner-aaaa', 'recipient-aaaa', 'recipient-baaa'].sort(),
  );
  expect((await status('--problems', '--kind', 'flinks-auth-secret', '--state', 'fresh')).code).toBe(0);
});

test('--kind, --account and --state choose', async () => {
  const ids = async (...args: string[]) => (await json(...args)).credentials.map(({ id }) => id);
  expect(await ids('--kind', 'flinks-auth-secret')).toEqual([
    'partner-aaaa',
    'partner-baaa',
    'partner-caaa',
    'partner-daaa',
  ]);
  expect(await ids('--account', 'mastercard')).toEqual(['key-aaaa', 'key-baaa', 'key-caaa', 'key-daaa']);
  expect(await ids('--state', 'blocked')).toEqual(['recipient-aaaa', 'partner-aaaa']);
});

test.each([
  ['--state', 'blokced', /invalid\. Allowed choices are missing, absent, /],
  ['--account', 'mastercrad', /the manifest has outbound, sharing, mastercard, finout\./],
])('%s misspelt is no state without problems', async (option, word, says) => {
  const { code, stdout, stderr } = await status('--problems', option, word);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(says);
});

test('one in full: labels and tags in words, the end of the grace; no value and no grant id', async () => {
  const ids = ['partner-daaa', 'key-aaaa', 'key-baaa', 'partner-aaaa'];
  const { code, stdout } = await status(...ids);
  const { previous } = scene.holdings(find('partner-daaa'));

  expect(code).toBe(0);
  expect(stdout).toMatch(new RegExp(`^AWSPREVIOUS +${previous}$`, 'm'));
  expect(stdout).toMatch(/^old one +ends in 5\dm/m);
  expect(stdout).toMatch(
    new RegExp(`^suspect +attempt ${SUSPECT}: may have left a grant, which ends in .*2999-01-01`, 'm'),
  );
  expect(stdout).toMatch(/^unrevoked +the grant of version 0/m);
  expect(stdout).toMatch(/^blocked +five attempts failed$/m);
  const { control } = scene.sandbox;
  const grants = control.grants().flatMap(({ grantId }) => (grantId === null ? [] : [grantId]));
  const secret = [...control.secretValues(), ...grants, 'receipt-0815-of-the-lost-one'];
  expect(secret.length).toBeGreaterThan(15);
  const { stdout: asJson } = await status('--json', ...ids);
  expect(
    findLeaks(
      [
        { where: 'text', text: stdout },
        { where: 'json', text: asJson },
      ],
      secret,
    ),
  ).toEqual([]);
});

test('the last attempt is read from its tombstone, with the time before which nothing is begun', async () => {
  const worker = await scene.startWorker();
  const partner = find('partner-caaa');
  scene.sandbox.control.addFaults({
    kind: 'answer',
    route: 'flinks-data-sharing.generate',
    status: 400,
    body: '{}',
    count: 1,
  });
  await scene.rotate([partner], { urgency: 'compromised' });
  await worker.logged({ alarm: 'attempt-failed', credential: partner.id });
  await worker.kill('SIGTERM');

  const [row] = (await json(partner.id)).credentials;

  expect(row).toMatchObject({ lastOutcome: 'given-up', lastAttempt: { because: 'refused', failures: 1 } });
});

test('a secret that cannot be looked at is said to be unreadable, and costs the others nothing', async () => {
  const secret = find('key-caaa').secret;
  scene.sandbox.secretsManager.faults.add({ kind: 'refuse', operation: 'DescribeSecret', secret });
  const { code, stdout, stderr } = await status('key-caaa', 'key-daaa', '--json');
  scene.sandbox.secretsManager.faults.clear();

  expect(code).toBe(1);
  expect(stderr).toContain('AccessDeniedException');
  expect(statusSchema.parse(JSON.parse(stdout)).credentials.map(({ state }) => state)).toEqual(['unreadable', 'fresh']);
});

test('Secrets Manager away: one message, and what to check', async () => {
  const away = { ...NO_REDIS, AWS_ENDPOINT_URL_SECRETS_MANAGER: 'http://127.0.0.1:1' };
  const { code, stdout, stderr } = await rotator(scene, ['status'], { env: away });
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/^ListSecrets: ECONNREFUSED\nNext: Secrets Manager cannot be reached/);
});

test('resolve shows what there is, does what it is told, and asks first', async () => {
  const resolve = (...args: string[]) => rotator(scene, ['resolve', ...args], { env: NO_REDIS });
  const tagsOf = (id: string) => Object.keys(scene.holdings(find(id)).tags);

  const shown = await resolve('partner-aaaa');
  expect(shown.code).toBe(0);
  expect(shown.stdout).toContain(
    'partner-aaaa: blocked: five attempts failed\n  --block\n    says: its cause is mended',
  );

  const unasked = await resolve('partner-aaaa', '--block');
  expect(unasked.code).toBe(2);
  expect(unasked.stderr).toContain('add --yes');
  expect(tagsOf('partner-aaaa')).toContain('rotation:blocked');

  const terminal = startOnTerminal(
    process.execPath,
    [ROTATOR, 'resolve', 'partner-aaaa', '--block'],
    environmentOf(scene),
  );
  await terminal.shows('Is that so? [y/N]');
  terminal.type('n\r');
  expect(await terminal.exited).toMatchObject({ code: 1 });
  expect(tagsOf('partner-aaaa')).toContain('rotation:blocked');

  const again = startOnTerminal(
    process.execPath,
    [ROTATOR, 'resolve', 'partner-aaaa', '--block'],
    environmentOf(scene),
  );
  await again.shows('Is that so? [y/N]');
  again.type('y\r');
  expect(await again.exited).toMatchObject({ code: 0 });
  expect(tagsOf('partner-aaaa')).not.toContain('rotation:blocked');

  expect((await resolve('key-aaaa', '--suspect', 'all', '--yes')).code).toBe(0);
  expect(scene.holdings(find('key-aaaa')).tags[`rotation:suspected-orphan:${SUSPECT}`]).toBe('resolved');

  const unrevoked = scene.holdings(find('key-baaa')).current ?? '';
  const done = await resolve('key-baaa', '--unrevoked', unrevoked, '--yes', '--json');
  expect(jsonOf(done).resolved).toMatchObject([{ option: `--unrevoked ${unrevoked}` }]);
  expect(tagsOf('key-baaa')).not.toContain(`rotation:unrevoked:${unrevoked}`);

  const nothing = await resolve('partner-baaa', '--block', '--yes');
  expect([nothing.code, nothing.stderr]).toEqual([2, 'There is nothing to resolve for --block; there is none.\n']);
  expect((await resolve('recipient-aaaa')).stdout).toContain('recipient-aaaa: tag-removed');
});

test("resolve --account clears the block of the partner secret's logins, and the mark of one that never ended", async () => {
  const SecretId = 'own/finicity_partner';
  const { TagResource } = store();
  const at = '2020-01-01T00:00:00.000Z';
  TagResource({
    SecretId,
    Tags: [
      { Key: 'rotation:blocked', Value: 'refused' },
      { Key: 'rotation:login-open', Value: at },
    ],
  });
  const resolve = (...args: string[]) => rotator(scene, ['resolve', ...args], { env: NO_REDIS });

  expect((await resolve('--account', 'mastercard')).stdout).toContain('Five refused logins lock the account for good');
  expect((await resolve('--account', 'mastercard', '--block', '--yes')).code).toBe(0);
  expect(Object.keys(scene.tagsOf(SecretId))).not.toEqual(expect.arrayContaining(['rotation:blocked']));
  expect(Object.keys(scene.tagsOf(SecretId))).not.toEqual(expect.arrayContaining(['rotation:login-open']));

  const wrong = await resolve('--account', 'sharing', '--block', '--yes');
  expect([wrong.code, wrong.stderr]).toEqual([
    2,
    '--account takes the name of a Finicity account: the manifest has mastercard.\n',
  ]);
});

test('an entry whose secret is missing and may not be created needs a person', async () => {
  const path = scene.company.manifestPath;
  const text = readFileSync(path, 'utf8');
  writeFileSync(
    path,
    text.replace('create: true', 'create: false').replace('credentials/partner_baaa', 'credentials/nowhere'),
  );
  const [row] = (await json('partner-baaa')).credentials;
  writeFileSync(path, text);
  expect(row).toMatchObject({ state: 'missing', needsAPerson: true });
});
