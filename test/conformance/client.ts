import { setTimeout as sleep } from 'node:timers/promises';
import {
  BatchGetSecretValueCommand,
  type BatchGetSecretValueCommandInput,
  CreateSecretCommand,
  type CreateSecretCommandInput,
  DeleteSecretCommand,
  type DeleteSecretCommandInput,
  DescribeSecretCommand,
  type DescribeSecretCommandInput,
  GetSecretValueCommand,
  type GetSecretValueCommandInput,
  ListSecretsCommand,
  type ListSecretsCommandInput,
  ListSecretVersionIdsCommand,
  type ListSecretVersionIdsCommandInput,
  PutSecretValueCommand,
  type PutSecretValueCommandInput,
  RestoreSecretCommand,
  type RestoreSecretCommandInput,
  SecretsManagerClient,
  SecretsManagerServiceException,
  TagResourceCommand,
  type TagResourceCommandInput,
  UntagResourceCommand,
  type UntagResourceCommandInput,
  UpdateSecretCommand,
  type UpdateSecretCommandInput,
  UpdateSecretVersionStageCommand,
  type UpdateSecretVersionStageCommandInput,
} from '@aws-sdk/client-secrets-manager';

/** `secretsmanager.<region>.amazonaws.com`, `secretsmanager-fips.<region>...`, `....amazonaws.com.cn` */
const AWS_HOST = /^[^.]+\.([^.]+)\.amazonaws\.com(\.cn)?$/;

/** One attempt a call by the SDK, so that every answer is seen. The environment's credentials are used for AWS itself and nowhere else. */
export function makeClient(endpoint: string): SecretsManagerClient {
  const region = AWS_HOST.exec(new URL(endpoint).hostname)?.[1];
  const agent = { keepAlive: true, maxSockets: 64 };
  return new SecretsManagerClient({
    region: region ?? 'us-east-1',
    endpoint,
    maxAttempts: 1,
    ...(region === undefined && { credentials: { accessKeyId: 'testing', secretAccessKey: 'testing' } }),
    requestHandler: { httpAgent: agent, httpsAgent: agent, requestTimeout: 20_000, throwOnRequestTimeout: true },
  });
}

const MAX_ATTEMPTS = 12;

export type Calls = ReturnType<typeof makeCalls>;

/** The operations under test, each sent until it is not throttled. */
export function makeCalls(client: SecretsManagerClient) {
  return {
    create: (input: CreateSecretCommandInput) => unthrottled(() => client.send(new CreateSecretCommand(input))),
    put: (input: PutSecretValueCommandInput) => unthrottled(() => client.send(new PutSecretValueCommand(input))),
    update: (input: UpdateSecretCommandInput) => unthrottled(() => client.send(new UpdateSecretCommand(input))),
    stage: (input: UpdateSecretVersionStageCommandInput) =>
      unthrottled(() => client.send(new UpdateSecretVersionStageCommand(input))),
    describe: (input: DescribeSecretCommandInput) => unthrottled(() => client.send(new DescribeSecretCommand(input))),
    get: (input: GetSecretValueCommandInput) => unthrottled(() => client.send(new GetSecretValueCommand(input))),
    batch: (input: BatchGetSecretValueCommandInput) =>
      unthrottled(() => client.send(new BatchGetSecretValueCommand(input))),
    versions: (input: ListSecretVersionIdsCommandInput) =>
      unthrottled(() => client.send(new ListSecretVersionIdsCommand(input))),
    list: (input: ListSecretsCommandInput) => unthrottled(() => client.send(new ListSecretsCommand(input))),
    tag: (input: TagResourceCommandInput) => unthrottled(() => client.send(new TagResourceCommand(input))),
    untag: (input: UntagResourceCommandInput) => unthrottled(() => client.send(new UntagResourceCommand(input))),
    delete: (input: DeleteSecretCommandInput) => unthrottled(() => client.send(new DeleteSecretCommand(input))),
    restore: (input: RestoreSecretCommandInput) => unthrottled(() => client.send(new RestoreSecretCommand(input))),
  };
}

/**
 * Some cases make a hundred calls at once, and AWS admits 50 a second: a throttled call did nothing and is sent again. This client does
 * it, not the SDK, which would also repeat calls whose errors the cases are about (LimitExceededException, 5xx).
 */
async function unthrottled<T>(send: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await send();
    } catch (error) {
      const throttled = error instanceof SecretsManagerServiceException && error.name === 'ThrottlingException';
      if (!throttled || attempt === MAX_ATTEMPTS) throw error;
      await sleep(attempt * 200 * (0.5 + Math.random()));
    }
  }
}

/** The SDK makes a ClientRequestToken up where none is given; this client takes it out again, before the request is signed. */
export function makeTokenlessClient(endpoint: string): SecretsManagerClient {
  const client = makeClient(endpoint);
  client.middlewareStack.add(
    (next) => (args) => {
      if (!isHttpRequest(args.request)) throw new TypeError('the SDK no longer passes an HTTP request with a body');
      const { ClientRequestToken: _, ...rest } = JSON.parse(textOf(args.request.body));
      args.request.body = Buffer.from(JSON.stringify(rest));
      args.request.headers['content-length'] = String(Buffer.byteLength(JSON.stringify(rest)));
      return next(args);
    },
    { step: 'build', name: 'withoutToken', priority: 'low' },
  );
  return client;
}

interface HttpRequest {
  body: string | Uint8Array;
  headers: Record<string, string>;
}

const textOf = (body: string | Uint8Array) => (typeof body === 'string' ? body : new TextDecoder().decode(body));

const isHttpRequest = (value: unknown): value is HttpRequest =>
  typeof value === 'object' &&
  value !== null &&
  'headers' in value &&
  'body' in value &&
  (typeof value.body === 'string' || value.body instanceof Uint8Array);
