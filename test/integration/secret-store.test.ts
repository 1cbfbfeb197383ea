import { inspect } from 'node:util';
import { ListSecretsCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type AwsClock, awsClock } from '../../src/clock';
import { SecretStoreError } from '../../src/errors';
import { tag } from '../../src/rotation-tags';
import type { Observation, SecretStore } from '../../src/secret-store';
import { secretsManagerClient } from '../../src/secrets-manager/client';
import { listFleet, listPauses } from '../../src/secrets-manager/fleet';
import { loginLedger } from '../../src/secrets-manager/login-ledger';
import { probe } from '../../src/secrets-manager/probe';
import { readSecret } from '../../src/secrets-manager/read-secret';
import { secretStore } from '../../src/secrets-manager/secret-store';
import { Sensitive } from '../../src/sensitive';
import type { Credential } from '../../src/types';
import { intentId, newRotationId, tryId, valueId } from '../../src/version-ids';
import type { FaultKind } from '../sandbox/secrets-manager/faults';
import { type SecretsManagerServer, startSecretsManager } from '../sandbox/secrets-manager/server';
import { setAwsVariables } from '../support/aws-variables';
import { authSecret } from '../support/credentials';

// The real SDK, over a socket, against the stand-in.

const SECRET = 'hunter2-a-secret-that-must-never-show';

let server: SecretsManagerServer;
let unset: () => void;
let client: SecretsManagerClient;
let clock: AwsClock;
let store: SecretStore;
let credential: Credential;
let count = 0;

beforeAll(async () => {
  server = await startSecretsManager();
  unset = setAwsVariables(server.url);
});

beforeEach(() => {
  clock = awsClock();
  clock = { ...clock, sleep: async () => undefined };
  client = secretsManagerClient({ clock, requestTimeoutMs: 300 });
  store = secretStore(client, clock);
  count += 1;
  credential = authSecret(`entry-${count}`);
});

afterEach(() => {
  client.destroy();
  server.faults.clear();
  server.setOptions({ clockOffsetMs: 0, shortPages: false });
});

afterAll(async () => {
  unset();
  await server.close();
});

const intentOf = (base: string) => {
  const rotationId = newRotationId(Date.now());
  const value = valueId(rotationId, undefined, base);
  return { is: 'intent', call: 'issue', rotationId, base, value, failures: 0, undone: 0 } as const;
};

const tombstone = { is: 'tombstone', because: 'refused', base: 'x', failures: 1, undone: 0, at: 1 } as const;

/** A credential whose first value is current. */
async function promoted(): Promise<{ first: string; value: string }> {
  await store.create(credential);
  const first = intentId(credential.id);
  const intent = intentOf(first);
  await store.putIntent(credential, first, intent);
  await store.putValue(credential, intent.value, new Sensitive(`{"AuthSecret":"${SECRET}"}`));
  await store.promote(credential, { from: first, to: intent.value });
  return { first, value: intent.value };
}

const seen = async (): Promise<Observation> => {
  const observation = await store.observe(credential);
  if (observation === undefined) throw new Error('missing');
  return observation;
};

describe('the store', () => {
  test('a secret that does not exist is seen as missing', async () => {
    expect(await store.observe(credential)).toBeUndefined();
  });

  test('creates it without a value, with key, description and tags, and only once', async () => {
    const creation = { kmsKeyId: 'alias/rotation', description: 'for partner x', tags: { team: 'payments' } };
    credential = { ...credential, creation };
    expect(await store.create(credential)).toBe(true);
    expect(await store.create(credential)).toBe(false);
    expect(await seen()).toMatchObject({
      secretName: credential.secretName,
      current: undefined,
      pending: undefined,
      labelled: [],
      tags: { credential: { id: credential.id } },
    });
    expect(server.store.DescribeSecret({ SecretId: credential.secretName })).toMatchObject({
      KmsKeyId: 'alias/rotation',
      Description: 'for partner x',
      Tags: expect.arrayContaining([{ Key: 'team', Value: 'payments' }]),
    });
  });

  test('the first intent becomes AWSCURRENT; the value is promoted from it', async () => {
    const { first, value } = await promoted();
    expect(await seen()).toMatchObject({
      current: { is: 'value', id: value },
      pending: { id: value },
      previous: { is: 'intent', id: first },
      givenUp: undefined,
    });
  });

  test('a version id is created once: the same content again is no change, another is refused', async () => {
    await store.create(credential);
    const id = intentId(credential.id);
    const intent = intentOf(id);
    expect(await store.putIntent(credential, id, intent)).toBe(true);
    expect(await store.putIntent(credential, id, intent)).toBe(true);
    expect(await store.putIntent(credential, id, intentOf(id))).toBe(false);
    expect(await store.putTombstone(credential, intent.value, tombstone)).toBe(true);
    expect(await store.putValue(credential, intent.value, new Sensitive(SECRET))).toBe(false);
    expect(await seen()).toMatchObject({ pending: { id: intent.value }, givenUp: intent.value });
  });

  test('reads back what was put: intent, value, tombstone; undefined where there is none', async () => {
    const { first, value } = await promoted();
    expect(await store.read(credential, first)).toMatchObject({ is: 'intent', value });
    const content = await store.read(credential, value);
    expect(content?.is === 'value' && content.value.reveal()).toContain(SECRET);
    await store.putTombstone(credential, intentId(value), tombstone);
    expect(await store.read(credential, intentId(value))).toEqual(tombstone);
    expect(await store.read(credential, intentId('else'))).toBeUndefined();
  });

  test('labels move by compare-and-swap only', async () => {
    const { first, value } = await promoted();
    expect(await store.promote(credential, { from: first, to: first })).toBe(false);
    expect(await store.movePending(credential, { from: undefined, to: first })).toBe(false);
    expect(await store.movePending(credential, { from: value, to: first })).toBe(true);
    expect(await store.moveGivenUp(credential, { from: undefined, to: first })).toBe(true);
    expect(await seen()).toMatchObject({ current: { id: value }, pending: { id: first }, givenUp: first });
  });

  test('the history shows versions without label too, oldest first, over pages', async () => {
    const { first, value } = await promoted();
    for (let n = 0; n < 3; n += 1) {
      server.store.PutSecretValue({
        SecretId: credential.secretName,
        ClientRequestToken: `00000000-0000-4000-8000-00000000000${n}`,
        SecretString: `${n}`,
      });
    }
    const history = await store.history(credential);
    expect(history.map(({ version }) => version.is)).toEqual(['intent', 'value', 'foreign', 'foreign', 'foreign']);
    expect(history.slice(0, 2).map(({ version }) => version.id)).toEqual([first, value]);
  });

  test('tags are written over, and taken away, also where there is none', async () => {
    await store.create(credential);
    await store.tag(credential, tag.revoked('a'.repeat(64)));
    await store.tag(credential, { ...tag.revoked('b'.repeat(64)), ...tag.blocked('x') });
    expect((await seen()).tags).toMatchObject({ revoked: ['b'.repeat(64)], blocked: 'x' });
    await store.untag(credential, ['rotation:blocked', 'rotation:nothing']);
    expect((await seen()).tags.blocked).toBeUndefined();
  });

  test('sees that AWS rotates it, and that it is to be deleted', async () => {
    await promoted();
    const SecretId = credential.secretName;
    server.store.RotateSecret({ SecretId, RotateImmediately: false });
    expect((await seen()).awsRotation).toBe(true);
    server.store.DeleteSecret({ SecretId });
    expect((await seen()).scheduledForDeletion).toBe(true);
  });

  test('now is AWS’s now, after the first answer, a refusal too', async () => {
    const real = awsClock();
    const other = secretsManagerClient({ clock: real });
    server.setOptions({ clockOffsetMs: 3_600_000 });
    expect(await secretStore(other, real).observe(credential)).toBeUndefined();
    expect(Math.abs(real.now() - Date.now() - 3_600_000)).toBeLessThan(2_000);
    other.destroy();
  });
});

describe('the fleet', () => {
  test('is every secret that carries our tag, over short and empty pages, without a value being read', async () => {
    server.store.clear();
    server.setOptions({ shortPages: true });
    for (let n = 0; n < 230; n += 1) {
      const ours = authSecret(`fleet-${n}`);
      server.store.CreateSecret({ Name: `strange-${n}`, ClientRequestToken: 'x'.repeat(32), SecretString: SECRET });
      await store.create(ours);
    }
    server.calls.clear();
    const names: string[] = [];
    for await (const { secretName, tags } of listFleet(client, clock)) {
      expect(tags.credential).toBeDefined();
      names.push(secretName);
    }
    expect(new Set(names).size).toBe(230);
    expect(server.calls.counts()).toEqual({ ListSecrets: 5 });
  });
});

test('those whose account is paused are listed apart', async () => {
  server.store.clear();
  await store.create(credential);
  const other = authSecret('not-paused');
  await store.create(other);
  const listed = async () => {
    const names: string[] = [];
    for await (const { secretName } of listPauses(client, clock)) names.push(secretName);
    return names;
  };
  expect(await listed()).toEqual([]);
  await store.tag(credential, tag.paused('sharing', 0, 'provider-unavailable'));
  expect(await listed()).toEqual([credential.secretName]);
});

test('a probe is one call, for the first of our secrets, and fails as every call does', async () => {
  await store.create(credential);
  server.calls.clear();
  await probe(client);
  expect(server.calls.counts()).toEqual({ ListSecrets: 1 });
  server.faults.add({ kind: 'refuse', operation: 'ListSecrets' });
  expect(await failure(probe(client))).toMatchObject({ failure: 'access-denied' });
});

test('a call is tried once and not waited for long, connections are kept, through the proxy that is set', async () => {
  const configured = async (options: { readonly proxy?: string }) => {
    const one = secretsManagerClient({ clock, ...options });
    const { requestHandler, maxAttempts } = one.config;
    expect(await maxAttempts()).toBe(1);
    await one.send(new ListSecretsCommand({}));
    one.destroy();
    return handlerConfigs(requestHandler);
  };
  const kept = { keepAlive: true, maxSockets: 64 };
  const patience = { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true };
  expect(await configured({})).toMatchObject({ ...patience, httpAgent: kept, httpsAgent: kept });
  const proxied = await configured({ proxy: 'http://127.0.0.1:9' });
  expect(proxied).toMatchObject({ ...patience, httpsAgent: { ...kept, proxy: { port: '9' } } });
});

test('every call is told with how it ended', async () => {
  const told: string[] = [];
  const telling = secretsManagerClient({ clock, onCall: (operation, outcome) => told.push(`${operation} ${outcome}`) });
  const watched = secretStore(telling, clock);
  await watched.observe(credential);
  await watched.create(credential);
  await watched.create(credential);
  server.faults.add({ kind: 'throttle', operation: 'DescribeSecret', count: 1 });
  await watched.observe(credential);
  telling.destroy();
  expect(told).toEqual([
    'DescribeSecret not-found',
    'CreateSecret ok',
    'CreateSecret exists',
    'DescribeSecret throttled',
    'DescribeSecret ok',
  ]);
});

describe('the login ledger', () => {
  const name = () => credential.secretName;

  test('a try is taken once, by one of two workers', async () => {
    const { value } = await promoted();
    const other = secretsManagerClient({ clock });
    const ledgers = [loginLedger(client, clock), loginLedger(other, clock)];
    for (const n of [1, 2]) {
      const taken = await Promise.all(ledgers.map((ledger) => ledger.takeTry(name(), value, n)));
      expect(taken.filter(Boolean)).toHaveLength(1);
    }
    other.destroy();
    expect(await store.read(credential, tryId(value, 1))).toBeDefined();
    expect(await seen()).toMatchObject({ current: { id: value }, pending: { id: value } });
  });

  test('a try of a change is the same as one of a login: each once, whoever takes it', async () => {
    const { value } = await promoted();
    const ledger = loginLedger(client, clock);
    const others = secretStore(client, clock);
    expect(await store.takeTry(credential, value, 1)).toBe(true);
    expect([await others.takeTry(credential, value, 1), await ledger.takeTry(name(), value, 1)]).toEqual([
      false,
      false,
    ]);
    expect(await ledger.takeTry(name(), value, 2)).toBe(true);
    expect(await store.takeTry(credential, value, 2)).toBe(false);
  });

  test('a try whose answer was lost is still its own, and one that was put back may be taken again, here alone', async () => {
    const { value } = await promoted();
    const others = secretStore(client, clock);
    server.faults.add({ kind: 'reset-after', operation: 'PutSecretValue', count: 1 });
    expect(await store.takeTry(credential, value, 1)).toBe(true);
    store.putTryBack(value, 1);
    expect(await others.takeTry(credential, value, 1)).toBe(false);
    expect([await store.takeTry(credential, value, 1), await store.takeTry(credential, value, 1)]).toEqual([
      true,
      false,
    ]);
  });

  test('a value that is staged says that the secret is being changed, until it is promoted or given up', async () => {
    const { value } = await promoted();
    const ledger = loginLedger(client, clock);
    const changing = async () => (await ledger.observe(name())).changing;
    const next = intentOf(value);
    await store.putIntent(credential, intentId(value), next);
    expect(await changing()).toBe(false);
    await store.putValue(credential, next.value, new Sensitive(`{"AuthSecret":"${SECRET}"}`));
    expect(await changing()).toBe(true);
    await store.promote(credential, { from: value, to: next.value });
    expect(await changing()).toBe(false);
  });

  test('a login that is open is seen, until it is closed with the version that is proven', async () => {
    const { value } = await promoted();
    const ledger = loginLedger(client, clock);
    expect(await ledger.observe(name())).toEqual({ currentVersion: value, changing: false });
    await ledger.openLogin(name(), 1_700_000_000_000);
    expect(await ledger.observe(name())).toMatchObject({ loginOpen: 1_700_000_000_000 });
    await ledger.closeLogin(name(), value);
    expect(await ledger.observe(name())).toEqual({ currentVersion: value, changing: false, proven: value });
    await ledger.block(name(), 'two refused: a person');
    expect(await ledger.observe(name())).toMatchObject({ blocked: 'two refused: a person' });
    expect((await ledger.read(name(), value)).reveal()).toContain(SECRET);
  });

  test('when a person has looked the block goes, and the mark of a login that never ended', async () => {
    const { value } = await promoted();
    const ledger = loginLedger(client, clock);
    await ledger.openLogin(name(), 1_700_000_000_000);
    await ledger.block(name(), 'two refused');
    await ledger.unblock(name());
    expect(await ledger.observe(name())).toEqual({ currentVersion: value, changing: false });
  });

  test('a login that nobody made leaves what was proven as it was', async () => {
    const { value } = await promoted();
    const ledger = loginLedger(client, clock);
    await ledger.closeLogin(name(), value);
    await ledger.openLogin(name(), 1_700_000_000_000);
    await ledger.closeLogin(name(), undefined);
    expect(await ledger.observe(name())).toEqual({ currentVersion: value, changing: false, proven: value });
  });
});

test("one of the worker's own credentials is read as it stands", async () => {
  await promoted();
  expect((await readSecret(client, clock)(credential.secretName)).reveal()).toContain(SECRET);
});

describe('faults', () => {
  interface Expected {
    readonly failure: string;
    readonly answered: boolean;
    readonly retryable: boolean;
  }
  const unknown: Expected = { failure: 'unavailable', answered: false, retryable: true };
  const cases: [FaultKind, Expected, 'done' | 'not done'][] = [
    ['throttle', { failure: 'throttled', answered: true, retryable: true }, 'not done'],
    ['refuse', { failure: 'access-denied', answered: true, retryable: false }, 'not done'],
    ['error-before', unknown, 'not done'],
    ['error-after', unknown, 'done'],
    ['reset-before', unknown, 'not done'],
    ['reset-after', unknown, 'done'],
    ['hang', unknown, 'not done'],
    ['hang-after', unknown, 'done'],
  ];

  test.each(cases)('%s: a put is sent once, and says whether it was answered', async (kind, expected, effect) => {
    const { value } = await promoted();
    const staged = intentOf(value).value;
    server.calls.clear();
    server.faults.add({ kind, operation: 'PutSecretValue' });
    const error = await failure(store.putValue(credential, staged, new Sensitive(SECRET)));
    expect(error).toMatchObject(expected);
    expect(server.calls.counts(credential.secretName)).toEqual({ PutSecretValue: 1 });
    server.faults.clear();
    expect((await seen()).pending?.id).toBe(effect === 'done' ? staged : value);
  });

  test.each(['throttle', 'error-before', 'reset-before', 'hang', 'reset-after'] as const)(
    '%s: what is harmless is repeated',
    async (kind) => {
      const { value } = await promoted();
      server.faults.add({ kind, count: 2, secret: credential.secretName });
      expect((await seen()).current?.id).toBe(value);
      server.faults.add({ kind, count: 2, secret: credential.secretName });
      expect((await store.read(credential, value))?.is).toBe('value');
      server.faults.add({ kind, count: 2, secret: credential.secretName });
      await store.tag(credential, tag.blocked('x'));
      server.faults.add({ kind, count: 2, secret: credential.secretName });
      expect(await store.putTombstone(credential, intentId(value), tombstone)).toBe(true);
      expect(await seen()).toMatchObject({ tags: { blocked: 'x' }, givenUp: intentId(value) });
    },
  );

  test('and not for ever', async () => {
    await promoted();
    server.faults.add({ kind: 'throttle' });
    server.calls.clear();
    expect(await failure(store.observe(credential))).toMatchObject({ failure: 'throttled' });
    expect(server.calls.counts()).toEqual({ DescribeSecret: 4 });
  });

  const refusals: [string, () => Promise<unknown>, object][] = [
    ['a secret that is to be deleted', deleted, { failure: 'marked-for-deletion', retryable: false }],
    ['a secret that does not exist', missing, { failure: 'not-found', retryable: false }],
    ['more versions than AWS keeps', tooMany, { failure: 'limit-exceeded', retryable: false }],
    ['a value that AWS does not take', tooLong, { failure: 'invalid', retryable: false }],
  ];
  test.each(refusals)('%s: refused for good, and answered', async (_what, work, expected) => {
    expect(await failure(work())).toMatchObject({ ...expected, answered: true });
  });

  const put = (text: string) => store.putValue(credential, intentOf('x').value, new Sensitive(text));
  async function deleted() {
    await promoted();
    server.store.DeleteSecret({ SecretId: credential.secretName });
    return put(SECRET);
  }
  async function missing() {
    return put(SECRET);
  }
  async function tooMany() {
    await promoted();
    for (let n = 0; n < 110; n += 1) await store.putValue(credential, intentOf(`${n}`).value, new Sensitive(`${n}`));
  }
  async function tooLong() {
    await promoted();
    return put(SECRET.repeat(3_000));
  }

  test('no error shows a secret, however it is looked at', async () => {
    await promoted();
    const errors: unknown[] = [];
    for (const [kind] of cases) {
      server.faults.add({ kind, count: 1 });
      errors.push(await failure(put(SECRET)));
    }
    errors.push(await failure(tooLong()), await failure(deleted()));
    expect(errors).toHaveLength(10);
    for (const error of errors) {
      expect(inspect(error, { showHidden: true, depth: 20 })).not.toContain('hunter2');
      expect(JSON.stringify(error)).not.toContain('hunter2');
      expect(error).not.toHaveProperty('cause');
    }
  });
});

describe('the end of a secret', () => {
  test('is scheduled in 30 days, and called off with everything there; both may be repeated', async () => {
    const { value } = await promoted();
    await store.scheduleDeletion(credential);
    await store.scheduleDeletion(credential);
    expect(await store.observe(credential)).toMatchObject({ scheduledForDeletion: true });
    const left =
      (server.store.DescribeSecret({ SecretId: credential.secretName }).DeletedDate?.getTime() ?? 0) - Date.now();
    expect(Math.round(left / 86_400_000)).toBe(30);
    await store.restore(credential);
    await store.restore(credential);
    expect(await store.observe(credential)).toMatchObject({ scheduledForDeletion: false, current: { id: value } });
  });

  test('of one that is not there is none; to restore one is refused', async () => {
    await store.scheduleDeletion(credential);
    expect(await failure(store.restore(credential))).toMatchObject({ failure: 'not-found' });
  });
});

test('the day of the last read is told by the description and by the list', async () => {
  await promoted();
  expect(await store.observe(credential)).toMatchObject({ lastAccessedOn: undefined });
  await store.read(credential, (await store.observe(credential))?.current?.id ?? '');
  const today = Math.floor(Date.now() / 86_400_000) * 86_400_000;
  expect(await store.observe(credential)).toMatchObject({ lastAccessedOn: today });
  const listed: Observation[] = [];
  for await (const one of listFleet(client, clock)) listed.push(one);
  expect(listed.find(({ secretName }) => secretName === credential.secretName)).toMatchObject({
    lastAccessedOn: today,
  });
});

/** What the SDK's handler works with; its type does not tell. */
const handlerConfigs = (handler: object): unknown =>
  Reflect.apply(Reflect.get(handler, 'httpHandlerConfigs'), handler, []);

async function failure(work: Promise<unknown>): Promise<SecretStoreError> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof SecretStoreError)) throw new Error(`not a SecretStoreError: ${inspect(error)}`);
  return error;
}
