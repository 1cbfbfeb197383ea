import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  DeleteSecretCommand,
  RestoreSecretCommand,
  SecretsManagerClient,
  TagResourceCommand,
} from '@aws-sdk/client-secrets-manager';
import { allows, type Permission, type Policy } from '../sandbox/secrets-manager/iam/policy';
import { afterFile } from '../support/after-file';
import type { CompanyCredential } from '../support/company';
import { isUnsettled } from '../support/holdings';
import { iamPolicy, PLACES } from '../support/iam-policy';
import { openScene, type Scene } from '../support/scene';
import { FALSE_CREDENTIALS, type WorkerProcess } from '../support/worker-process';

jest.setTimeout(60_000);

type Statement = Policy['Statement'][number];
const POLICY = iamPolicy();
const ALLOWING = POLICY.Statement.filter(({ Effect }) => Effect === 'Allow');
const MANAGED = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:credentials/partner_aaaa-AbCdEf';
const OTHER_OWN = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:own/else-AbCdEf';
const FOREIGN = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:somebody/else-AbCdEf';
const KEY = 'arn:aws:kms:us-east-1:123456789012:key/rotation';

let scene: Scene;
let worker: WorkerProcess;
/** All that was asked of the policy in the life of a credential of each kind. */
let asked: readonly Permission[];

beforeAll(async () => {
  scene = await openScene({
    perKind: 1,
    partnerSecret: true,
    pattern: '* * * * * *',
    defaults: { grace: '1s' },
    entry: { kmsKeyId: 'alias/rotation', tags: { team: 'payments' } },
    sandbox: { secretsManager: { policy: POLICY } },
  });
  worker = await scene.startWorker();
  await scene.finished();
  await refusedOnceThenReplaced(scene.credential('flinks-auth-secret'));
  await replacedByHand(scene.credential('finicity-access-key'));
  await changed(scene.credential('finicity-partner-secret'));
  await retiredAndTakenBack(scene.credential('flinks-outbound-recipient'));
  asked = [...scene.sandbox.secretsManager.permissions];
}, 60_000);

/** Compromised, so that a tag says so and goes again; the vendor refuses once, so that the next attempt counts the versions first. */
async function refusedOnceThenReplaced(credential: CompanyCredential): Promise<void> {
  const before = scene.holdings(credential).current;
  const fault = { kind: 'answer', route: 'flinks-data-sharing.generate', status: 400, body: '{}', count: 1 } as const;
  scene.sandbox.control.addFaults(fault);
  await scene.rotate([credential], { urgency: 'compromised' });
  await worker.logged({ alarm: 'attempt-failed', credential: credential.id });
  await replacedAndSettled(credential, before);
  const second = scene.holdings(credential).current;
  await scene.rotate([credential]);
  await replacedAndSettled(credential, second);
}

async function replacedAndSettled(credential: CompanyCredential, before: string | undefined): Promise<void> {
  const isDone = () => scene.holdings(credential).current !== before && !isUnsettled(scene.holdings(credential));
  await scene.until(isDone, `${credential.id} has a new value, settled`);
}

/** A person stores a grant of their own: the history is looked through, and the version taken as it is. */
async function replacedByHand(credential: CompanyCredential): Promise<void> {
  const [customerId = '', thirdPartyPartnerId = ''] = credential.subject.split('/');
  const { finicity } = scene.sandbox.control.seed({ finicity: { receipts: [{ customerId, thirdPartyPartnerId }] } });
  scene.sandbox.secretsManager.store.PutSecretValue({
    SecretId: credential.secret,
    ClientRequestToken: randomUUID(),
    SecretString: JSON.stringify(finicity.receipts[0]),
  });
  await worker.logged({ alarm: 'foreign-version', credential: credential.id });
}

/** Its old one lives on at the vendor, and is not settled yet. */
async function changed(credential: CompanyCredential): Promise<void> {
  const before = scene.holdings(credential).current;
  await scene.rotate([credential]);
  await scene.until(() => scene.holdings(credential).current !== before, `${credential.id} is changed`);
}

/** What `state: retired` does to a secret, and its being active again: by the worker's own client. */
async function retiredAndTakenBack({ secret: SecretId }: CompanyCredential): Promise<void> {
  const client = rolesClient();
  await client.send(new TagResourceCommand({ SecretId, Tags: [{ Key: 'rotation:retired', Value: 'now' }] }));
  await client.send(new DeleteSecretCommand({ SecretId, RecoveryWindowInDays: 30 }));
  await client.send(new RestoreSecretCommand({ SecretId }));
}

function rolesClient(): SecretsManagerClient {
  const {
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  } = FALSE_CREDENTIALS;
  const client = new SecretsManagerClient({
    region,
    credentials: { accessKeyId, secretAccessKey },
    endpoint: scene.sandbox.urls.secretsManager,
    maxAttempts: 1,
  });
  afterFile(() => client.destroy());
  return client;
}

test('the worker lacks nothing: no call of the whole life of a credential was refused', () => {
  const { calls } = scene.sandbox.secretsManager;
  expect(calls.all.filter(({ outcome }) => outcome === 'AccessDeniedException')).toEqual([]);
  expect(asked.filter((permission) => !allows(POLICY, permission))).toEqual([]);
  expect([...scene.alarms()].sort()).toEqual(['attempt-failed', 'foreign-version']);
  expect(scene.audit().working).toBe(4);
});

const without = (statement: Statement, changed: Statement | undefined): Policy => ({
  ...POLICY,
  Statement: POLICY.Statement.flatMap((one) => (one === statement ? (changed ?? []) : one)),
});

test.each(
  ALLOWING.flatMap((statement) => statement.Action.map((action) => [action, statement.Sid, statement] as const)),
)('without %s of %s something is refused', (action, _, statement) => {
  const policy = without(statement, { ...statement, Action: statement.Action.filter((one) => one !== action) });
  expect(asked.some((permission) => !allows(policy, permission))).toBe(true);
});

const secretsManager = (action: string, resource: string, keys: Permission['keys'] = {}): Permission => ({
  action: `secretsmanager:${action}`,
  resource,
  keys,
});
const TEAM = { 'aws:TagKeys': ['team'] };
const OURS = { 'aws:TagKeys': ['rotation:credential'], 'aws:RequestTag/rotation:credential': 'x' };
const RETIRED = { 'aws:ResourceTag/rotation:retired': 'now' };
const RECOVERABLE = { 'secretsmanager:RecoveryWindowInDays': '30' };
const VIA = { 'kms:ViaService': 'secretsmanager.us-east-1.amazonaws.com' };

/** What a stolen role is not to do. */
const FORBIDDEN: readonly (readonly [string, Permission])[] = [
  ...['DescribeSecret', 'GetSecretValue', 'ListSecretVersionIds', 'PutSecretValue', 'UpdateSecretVersionStage'].map(
    (action) => [`${action} of a secret of others`, secretsManager(action, FOREIGN)] as const,
  ),
  ['a tag of a secret of others', secretsManager('TagResource', FOREIGN, { 'aws:TagKeys': ['rotation:x'] })],
  ['creating a secret elsewhere', secretsManager('CreateSecret', FOREIGN, OURS)],
  ['creating a tagged secret elsewhere', secretsManager('TagResource', FOREIGN, OURS)],
  ['deleting a retired secret of others', secretsManager('DeleteSecret', FOREIGN, { ...RETIRED, ...RECOVERABLE })],
  ['restoring a retired secret of others', secretsManager('RestoreSecret', FOREIGN, RETIRED)],
  ['creating a secret without our tag', secretsManager('CreateSecret', MANAGED, TEAM)],
  ['a tag that is not ours', secretsManager('TagResource', MANAGED, TEAM)],
  ['removing a tag that is not ours', secretsManager('UntagResource', MANAGED, TEAM)],
  ['moving a label of another own credential', secretsManager('UpdateSecretVersionStage', OTHER_OWN)],
  ['writing another own credential', secretsManager('PutSecretValue', OTHER_OWN)],
  ['deleting a secret that is not retired', secretsManager('DeleteSecret', MANAGED, RECOVERABLE)],
  ['restoring a secret that is not retired', secretsManager('RestoreSecret', MANAGED)],
  [
    'deleting with a shorter recovery',
    secretsManager('DeleteSecret', MANAGED, { ...RETIRED, 'secretsmanager:RecoveryWindowInDays': '7' }),
  ],
  ['UpdateSecret', secretsManager('UpdateSecret', MANAGED)],
  ['PutResourcePolicy', secretsManager('PutResourcePolicy', MANAGED)],
  ['RotateSecret', secretsManager('RotateSecret', MANAGED)],
  ['BatchGetSecretValue', secretsManager('BatchGetSecretValue', '*')],
  ['decrypting with another key', { action: 'kms:Decrypt', resource: `${KEY}2`, keys: VIA }],
  ['decrypting past Secrets Manager', { action: 'kms:Decrypt', resource: KEY, keys: {} }],
  ['encrypting', { action: 'kms:Encrypt', resource: KEY, keys: VIA }],
];

test.each(FORBIDDEN)('refused: %s', (_, permission) => {
  expect(allows(POLICY, permission)).toBe(false);
});

const letsThrough = (policy: Policy): string[] =>
  FORBIDDEN.flatMap(([what, permission]) => (allows(policy, permission) ? [what] : []));

const conditions = ALLOWING.flatMap((statement) =>
  Object.entries(statement.Condition ?? {}).flatMap(([operator, keys]) =>
    Object.keys(keys).map((key) => [key, statement.Sid, statement, operator] as const),
  ),
);

test.each(conditions)(
  'without the condition on %s of %s something forbidden is let through',
  (key, _, statement, operator) => {
    const rest = Object.entries(statement.Condition ?? {}).map(([name, keys]) => [
      name,
      Object.fromEntries(Object.entries(keys).filter(([one]) => name !== operator || one !== key)),
    ]);
    expect(letsThrough(without(statement, { ...statement, Condition: Object.fromEntries(rest) }))).not.toEqual([]);
  },
);

test.each(ALLOWING.filter(({ Resource }) => !Resource.includes('*')).map((one) => [one.Sid, one] as const))(
  'without the resource of %s something forbidden is let through',
  (_, statement) => {
    expect(letsThrough(without(statement, { ...statement, Resource: ['*'] }))).not.toEqual([]);
  },
);

test('README says what every word of the file stands for', () => {
  const [, table = ''] = readFileSync('README.md', 'utf8').split('| word | stands for |');
  const named = [...(table.split('\n\n')[0] ?? '').matchAll(/`([A-Z]+)`(?=[^\n]*\|)/g)].map(([, word]) => word);
  expect(named).toEqual(Object.keys(PLACES));
});

test('no secret is deleted at once, whatever another policy of the role allows', async () => {
  const everything: Statement = { Effect: 'Allow', Action: ['*'], Resource: ['*'] };
  scene.sandbox.secretsManager.setOptions({ policy: { ...POLICY, Statement: [...POLICY.Statement, everything] } });
  const { secret: SecretId } = scene.credential('flinks-outbound-recipient');
  const deletion = rolesClient().send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }));
  await expect(deletion).rejects.toMatchObject({ name: 'AccessDeniedException' });
  scene.sandbox.secretsManager.setOptions({ policy: POLICY });
});

test('a worker that lacks a permission says which', async () => {
  const credential = scene.credential('flinks-auth-secret');
  const Statement = POLICY.Statement.filter(({ Sid }) => Sid !== 'RotateManagedSecrets');
  scene.sandbox.secretsManager.setOptions({ policy: { ...POLICY, Statement } });

  const line = await worker.logged({ alarm: 'secret-store-refused' });

  expect(JSON.stringify(line)).toMatch(/is not authorized to perform: secretsmanager:\w+ on resource: arn:/);
  expect(scene.holdings(credential).current).toBeDefined();
});
