import { awsClock } from '../../src/clock';
import { SecretStoreError } from '../../src/errors';
import { connect } from '../../src/queue/connection';
import { secretsManagerClient } from '../../src/secrets-manager/client';
import { listFleet, listPauses } from '../../src/secrets-manager/fleet';
import { loginLedger } from '../../src/secrets-manager/login-ledger';
import { probe } from '../../src/secrets-manager/probe';
import { readSecret } from '../../src/secrets-manager/read-secret';
import { secretStore } from '../../src/secrets-manager/secret-store';
import { Sensitive } from '../../src/sensitive';
import { intentId, newRotationId, valueId } from '../../src/version-ids';
import { receive } from '../sandbox/http/exchange';
import { type Listening, listen } from '../sandbox/http/listen';
import { authSecret } from '../support/credentials';
import { counted, type Everything, searchEverything } from '../support/leaks';
import { redisConfigOf } from '../support/redis-config';
import { describeWithOwnRedis, startRedis } from '../support/redis-server';
import { odd } from './planted';

jest.setTimeout(120_000);

// What the store and Redis make of errors that quote everything, whatever anybody makes of it (support/leaks/errors.ts).

type Thrown = NonNullable<Everything['thrown']>[number];

const VALUE = { what: 'the value', value: odd('value') };
const AWS_SECRET = { what: 'the AWS secret access key', value: odd('aws') };
const AWS_SESSION = { what: 'the AWS session token', value: odd('aws-session') };
const REDIS_PASSWORD = { what: 'the password of Redis', value: odd('redis') };

const caught = async (where: string, work: Promise<unknown>): Promise<Thrown[]> =>
  work.then(
    () => [],
    (error: unknown) => [{ where, error }],
  );

/** AWS's names, and what the SDK makes of a status alone; `AccessDeniedException` is worded by AWS without a value. */
const NAMES = [
  ...['ValidationException', 'InvalidParameterException', 'InvalidRequestException', 'ResourceExistsException'],
  ...['ResourceNotFoundException', 'ThrottlingException', 'LimitExceededException', 'EncryptionFailure'],
  ...['UnrecognizedClientException', 'ExpiredTokenException', 'InvalidSignatureException', 'SerializationException'],
  ...['InternalServiceError', 'MalformedPolicyDocumentException', 'nobody-knows'],
];

describe('Secrets Manager', () => {
  let echo: Listening;
  let answer: (quoted: string) => { readonly status: number; readonly body: string };
  const before = { ...process.env };

  /** Answers whatever it is asked with all that it was sent. */
  beforeAll(async () => {
    echo = await listen((incoming, response) => {
      void receive(incoming).then(({ headers, body }) => {
        const { status, body: text } = answer(`${headers['x-amz-security-token']} ${body} ${JSON.stringify(headers)}`);
        response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(text);
      });
    });
    Object.assign(process.env, {
      AWS_ENDPOINT_URL_SECRETS_MANAGER: echo.baseUrl,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'AKIASYNTH',
      AWS_SECRET_ACCESS_KEY: AWS_SECRET.value,
      AWS_SESSION_TOKEN: AWS_SESSION.value,
    });
  });
  afterAll(async () => {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
    await echo.stop();
  });

  /** Every call that there is, by the functions that the product has for it. */
  async function everyCall(where: string): Promise<Thrown[]> {
    const real = awsClock();
    const clock = { ...real, sleep: async () => undefined };
    const client = secretsManagerClient({ clock, requestTimeoutMs: 300 });
    const [store, ledger] = [secretStore(client, clock), loginLedger(client, clock)];
    const credential = authSecret('x');
    const secret = credential.secretName;
    const rotationId = newRotationId(Date.now());
    const [id, base] = [valueId(rotationId, undefined, 'none'), 'a'.repeat(32)];
    const calls: Readonly<Record<string, () => Promise<unknown>>> = {
      observe: () => store.observe(credential),
      create: () => store.create(credential),
      putIntent: () =>
        store.putIntent(credential, intentId('none'), {
          ...{ is: 'intent', call: 'issue', rotationId, base, value: id, failures: 0, undone: 0 },
        }),
      putValue: () => store.putValue(credential, id, new Sensitive(JSON.stringify({ AuthSecret: VALUE.value }))),
      read: () => store.read(credential, id),
      promote: () => store.promote(credential, { to: id, from: base }),
      history: () => store.history(credential),
      tag: () => store.tag(credential, { 'rotation:x': 'y' }),
      untag: () => store.untag(credential, ['rotation:x']),
      scheduleDeletion: () => store.scheduleDeletion(credential),
      restore: () => store.restore(credential),
      readSecret: () => readSecret(client, clock)(secret),
      probe: () => probe(client),
      listFleet: () => all(listFleet(client, clock)),
      listPauses: () => all(listPauses(client, clock)),
      'ledger.observe': () => ledger.observe(secret),
      'ledger.read': () => ledger.read(secret, id),
      'ledger.takeTry': () => ledger.takeTry(secret, id, 1),
      'ledger.block': () => ledger.block(secret, 'because'),
    };
    const thrown = await Promise.all(Object.entries(calls).map(([name, call]) => caught(`${where}: ${name}`, call())));
    client.destroy();
    return thrown.flat();
  }

  const BAD: Readonly<Record<string, (quoted: string) => { readonly status: number; readonly body: string }>> = {
    ...Object.fromEntries(
      NAMES.map((name) => [
        name,
        (quoted: string) => ({
          status: name === 'InternalServiceError' ? 500 : 400,
          body: JSON.stringify({ __type: name, Message: quoted, message: quoted }),
        }),
      ]),
    ),
    'a page that is no JSON': (quoted) => ({ status: 200, body: `<html>${quoted}` }),
    'a gateway': (quoted) => ({ status: 502, body: quoted }),
    'JSON of another shape': (quoted) => ({ status: 200, body: JSON.stringify([quoted]) }),
  };

  test('no call shows what it sent, nor what it was answered', async () => {
    const thrown: Thrown[] = [];
    for (const [name, of] of Object.entries(BAD)) {
      answer = of;
      thrown.push(...(await everyCall(name)));
    }
    const ours = thrown.filter(({ error }) => error instanceof SecretStoreError);
    expect(ours.length).toBeGreaterThan(NAMES.length * 15);
    expect(counted(await searchEverything([VALUE, AWS_SECRET, AWS_SESSION], { thrown }))).toEqual([]);
  });
});

async function all(pages: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of pages);
}

describeWithOwnRedis('Redis', () => {
  test('that refuses the password, or a command, does not have it told', async () => {
    const { port } = await startRedis({ settings: { requirepass: odd('right') } });
    const url = `redis://user:${encodeURIComponent(REDIS_PASSWORD.value)}@127.0.0.1:${port}`;
    const said: unknown[] = [];
    const log = (...words: unknown[]): void => void said.push(words);
    const config = redisConfigOf(url);
    const connections = connect(config, { info: log, warn: log, alarm: log });
    const thrown = await caught('ping', connections.ping());
    await connections.close();
    expect(thrown).toHaveLength(1);
    const everything = [...thrown, { where: 'the log', error: said }, { where: 'the configuration', error: config }];
    expect(counted(await searchEverything([REDIS_PASSWORD], { thrown: everything }))).toEqual([]);
  });
});
