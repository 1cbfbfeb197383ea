import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { tag } from '../../src/rotation-tags';
import { listFleet } from '../../src/secrets-manager/fleet';
import { observation } from '../../src/secrets-manager/labels';
import { loginLedger } from '../../src/secrets-manager/login-ledger';
import { probe } from '../../src/secrets-manager/probe';
import { readSecret } from '../../src/secrets-manager/read-secret';
import { secretStore } from '../../src/secrets-manager/secret-store';
import { intentId } from '../../src/version-ids';
import { authSecret } from '../support/credentials';
import { FOREIGN, NOW, valueAged } from '../support/observations';
import { virtualClock } from '../support/virtual-clock';

// Answers that AWS's documentation allows and that the stand-in does not give: further pages, fields that are left out.

/** A client that gives these answers in turn. */
function answering(...answers: readonly object[]) {
  const asked: object[] = [];
  const left = [...answers];
  const send = async (command: { input: object }): Promise<object> => {
    asked.push(command.input);
    const answer = left.shift();
    if (answer === undefined) throw new Error('asked once too often');
    return answer;
  };
  return { asked, client: { send } as unknown as SecretsManagerClient }; // only `send` is used
}

const clock = virtualClock();
const credential = authSecret('acme');
const SecretId = credential.secretName;
const YOUNG = valueAged(0);
const FIRST = intentId('acme');

test('a history goes on over pages, a page may be empty, and what has no id or date is not counted as anything younger', async () => {
  const { client, asked } = answering(
    { Versions: [{ VersionId: YOUNG, CreatedDate: new Date(NOW) }, { CreatedDate: new Date(NOW) }], NextToken: 'b' },
    { NextToken: 'c' },
    { Versions: [{ VersionId: FIRST, CreatedDate: new Date(NOW - 1) }, { VersionId: FOREIGN }] },
  );
  const history = await secretStore(client, clock).history(credential);
  expect(history.map(({ version, createdAt }) => [version.id, createdAt])).toEqual([
    [FOREIGN, 0],
    [FIRST, NOW - 1],
    [YOUNG, NOW],
  ]);
  const page = { SecretId, IncludeDeprecated: true, MaxResults: 100 };
  expect(asked).toEqual([page, { ...page, NextToken: 'b' }, { ...page, NextToken: 'c' }]);
});

test('so does the fleet', async () => {
  const ours = { Name: 'rotation/acme', SecretVersionsToStages: { [YOUNG]: ['AWSCURRENT'] } };
  const { client, asked } = answering({ SecretList: [ours], NextToken: 'b' }, { NextToken: 'c' }, { SecretList: [{}] });
  const listed: object[] = [];
  for await (const one of listFleet(client, clock)) listed.push(one);
  expect(listed).toMatchObject([{ secretName: 'rotation/acme', current: { id: YOUNG } }, { secretName: '' }]);
  const page = { MaxResults: 100, Filters: [{ Key: 'tag-key', Values: ['rotation:credential'] }] };
  expect(asked).toStrictEqual([page, { ...page, NextToken: 'b' }, { ...page, NextToken: 'c' }]);
});

test('a secret without any label says nothing that it does not know', async () => {
  const { client } = answering({ Name: 'arn' });
  expect(await secretStore(client, clock).observe(credential)).toMatchObject({
    secretName: SecretId,
    current: undefined,
    pending: undefined,
    previous: undefined,
    givenUp: undefined,
    labelled: [],
    awsRotation: false,
    scheduledForDeletion: false,
    lastChangedAt: 0,
    lastAccessedOn: undefined,
  });
});

test('a description is read label by label, and tells when the secret was last changed', () => {
  const labels = {
    [FIRST]: [],
    [YOUNG]: ['AWSCURRENT', 'AWSPENDING'],
    [FOREIGN]: ['AWSPREVIOUS', 'theirs'],
    another: ['ROTATION_GIVEN_UP'],
  };
  const CreatedDate = new Date(NOW - 2);
  const seen = observation({ Name: 'x', CreatedDate, Tags: [{ Key: 'rotation:blocked' }, { Value: 'v' }] }, labels, 7);
  expect(seen).toMatchObject({
    current: { is: 'value', id: YOUNG },
    pending: { is: 'value', id: YOUNG },
    previous: { is: 'foreign', id: FOREIGN },
    givenUp: 'another',
    labelled: [YOUNG, FOREIGN, 'another'],
    lastChangedAt: NOW - 2,
    seenAt: 7,
  });
  expect(seen.tags.blocked).toBe('');
  expect(observation({ CreatedDate, LastChangedDate: new Date(NOW) }, {}, 0).lastChangedAt).toBe(NOW);
});

test('a value that is kept as bytes reads as empty, and as nobody’s credential', async () => {
  const { client } = answering({ SecretBinary: new Uint8Array([1]) }, {}, {});
  const content = await secretStore(client, clock).read(credential, YOUNG);
  expect(content?.is === 'value' && content.value.reveal()).toBe('');
  expect((await readSecret(client, clock)('other')).reveal()).toBe('');
  expect((await loginLedger(client, clock).read('other', YOUNG)).reveal()).toBe('');
});

test('the value that is current is asked for, unless a version is named', async () => {
  const { client, asked } = answering({}, {});
  await readSecret(client, clock)('other');
  await loginLedger(client, clock).read('other', YOUNG);
  expect(asked).toEqual([
    { SecretId: 'other', VersionStage: 'AWSCURRENT' },
    { SecretId: 'other', VersionId: YOUNG },
  ]);
});

test('a mark of a login that cannot be read as a time is none', async () => {
  const Tags = [{ Key: 'rotation:login-open', Value: 'soon' }];
  const { client } = answering({ Tags, VersionIdsToStages: { [YOUNG]: ['AWSCURRENT'] } }, {});
  const ledger = loginLedger(client, clock);
  expect(await ledger.observe('x')).toEqual({ currentVersion: YOUNG, changing: false });
  expect(await ledger.observe('x')).toEqual({ changing: false });
});

test('what is written down is sent as it is, with the text cut to what a tag may hold', async () => {
  const { client, asked } = answering({}, {}, {}, {}, {}, {});
  const ledger = loginLedger(client, clock);
  await ledger.openLogin('x', NOW);
  await ledger.block('x', 'refused; twice!');
  await ledger.closeLogin('x', undefined);
  await ledger.closeLogin('x', YOUNG);
  await secretStore(client, clock).tag(credential, tag.blocked('y'));
  expect(asked).toEqual([
    { SecretId: 'x', Tags: [{ Key: 'rotation:login-open', Value: new Date(NOW).toISOString() }] },
    { SecretId: 'x', Tags: [{ Key: 'rotation:blocked', Value: 'refused  twice ' }] },
    { SecretId: 'x', TagKeys: ['rotation:login-open'] },
    { SecretId: 'x', Tags: [{ Key: 'rotation:proven', Value: YOUNG }] },
    { SecretId: 'x', TagKeys: ['rotation:login-open'] },
    { SecretId, Tags: [{ Key: 'rotation:blocked', Value: 'y' }] },
  ]);
});

test('a try is a version that says what it is, with a label of its own', async () => {
  const { client, asked } = answering({});
  expect(await loginLedger(client, clock).takeTry('x', YOUNG, 2)).toBe(true);
  expect(asked).toEqual([
    {
      SecretId: 'x',
      ClientRequestToken: expect.stringMatching(/^try2-[0-9a-f]{59}$/),
      SecretString: expect.stringMatching(/^\{"note":"[^"]+","worker":"[0-9a-f-]{36}"\}$/),
      VersionStages: ['ROTATION_TRY'],
    },
  ]);
});

test('a label moves from one version to another, or to one where it was nowhere', async () => {
  const { client, asked } = answering({}, {});
  const store = secretStore(client, clock);
  await store.promote(credential, { from: FIRST, to: YOUNG });
  await store.movePending(credential, { from: undefined, to: YOUNG });
  expect(asked).toStrictEqual([
    { SecretId, VersionStage: 'AWSCURRENT', RemoveFromVersionId: FIRST, MoveToVersionId: YOUNG },
    { SecretId, VersionStage: 'AWSPENDING', MoveToVersionId: YOUNG },
  ]);
});

describe('what AWS refuses is told by the name of the call, and of the secret', () => {
  const refusing = {
    send: () => Promise.reject(Object.assign(new Error('no'), { name: 'ValidationException', $fault: 'client' })),
  } as unknown as SecretsManagerClient; // only `send` is used
  const store = secretStore(refusing, clock);
  const ledger = loginLedger(refusing, clock);
  const move = { from: FIRST, to: YOUNG };
  const intent = {
    is: 'intent',
    call: 'issue',
    rotationId: 'r',
    base: 'b',
    value: 'v',
    failures: 0,
    undone: 0,
  } as const;
  const calls: [string, () => Promise<unknown>, string?][] = [
    ['DescribeSecret', () => store.observe(credential)],
    ['CreateSecret', () => store.create(credential)],
    ['PutSecretValue', () => store.putIntent(credential, FIRST, intent)],
    ['PutSecretValue', () => store.takeTry(credential, YOUNG, 1)],
    ['GetSecretValue', () => store.read(credential, YOUNG)],
    ['UpdateSecretVersionStage', () => store.promote(credential, move)],
    ['ListSecretVersionIds', () => store.history(credential)],
    ['TagResource', () => store.tag(credential, tag.blocked('x'))],
    ['UntagResource', () => store.untag(credential, ['x'])],
    ['DeleteSecret', () => store.scheduleDeletion(credential)],
    ['RestoreSecret', () => store.restore(credential)],
    ['DescribeSecret', () => ledger.observe(SecretId)],
    ['GetSecretValue', () => ledger.read(SecretId, YOUNG)],
    ['TagResource', () => ledger.block(SecretId, 'x')],
    ['UntagResource', () => ledger.unblock(SecretId)],
    ['GetSecretValue', () => readSecret(refusing, clock)(SecretId)],
    ['ListSecrets', () => probe(refusing), '*'],
    ['ListSecrets', async () => listFleet(refusing, clock).next(), '*'],
  ];
  test.each(calls)('%s: %#', async (operation, work, secret = SecretId) => {
    await expect(work()).rejects.toMatchObject({ failure: 'invalid', fields: { operation, secret } });
  });
});

test('a probe asks for one secret of ours', async () => {
  const { client, asked } = answering({});
  await probe(client);
  expect(asked).toEqual([{ MaxResults: 1, Filters: [{ Key: 'tag-key', Values: ['rotation:credential'] }] }]);
});

test('only a secret that is gone, or going, counts as deleted already', async () => {
  const failing = (error: object) =>
    secretStore({ send: () => Promise.reject(error) } as unknown as SecretsManagerClient, clock).scheduleDeletion(
      credential,
    );
  const client = (name: string, message = 'x') => Object.assign(new Error(message), { name, $fault: 'client' });
  await failing(client('ResourceNotFoundException'));
  await failing(client('InvalidRequestException', 'already scheduled for deletion'));
  await expect(failing(client('InvalidRequestException'))).rejects.toMatchObject({ failure: 'invalid' });
});

test('a secret is created with what its entry says, and nothing else', async () => {
  const { client, asked } = answering({}, {});
  const store = secretStore(client, clock);
  const ClientRequestToken = expect.any(String);
  const Tags = Object.entries(tag.credential(credential)).map(([Key, Value]) => ({ Key, Value }));
  await store.create(credential);
  await store.create({ ...credential, creation: { kmsKeyId: 'k', description: 'd', tags: { team: 'payments' } } });
  expect(asked.map((one) => Object.keys(one))).toEqual([
    ['Name', 'ClientRequestToken', 'Tags'],
    ['Name', 'ClientRequestToken', 'KmsKeyId', 'Description', 'Tags'],
  ]);
  expect(asked).toEqual([
    { Name: SecretId, ClientRequestToken, Tags },
    {
      Name: SecretId,
      ClientRequestToken,
      KmsKeyId: 'k',
      Description: 'd',
      Tags: [{ Key: 'team', Value: 'payments' }, ...Tags],
    },
  ]);
});

test('a first page is asked for without a token', async () => {
  const { client, asked } = answering({ Versions: [] });
  await secretStore(client, clock).history(credential);
  expect(asked.map((one) => Object.keys(one))).toEqual([['SecretId', 'IncludeDeprecated', 'MaxResults']]);
});
