import { randomBytes } from 'node:crypto';
import type * as Aws from '@aws-sdk/client-secrets-manager';
import { type Context, find, type StoreOptions } from './context';
import { deleteSecret, restoreSecret } from './deletion';
import { AwsError } from './errors';
import { check, type Given, inputs, type Operation } from './inputs';
import { batchGetSecretValue, listSecrets } from './listing';
import { describeSecret, getSecretValue, listSecretVersionIds } from './reads';
import { cancelRotateSecret, rotateSecret } from './rotation-setting';
import type { Secret } from './secret';
import { type Move, makeShelf, type Shelf } from './shelf';
import { tagResource, untagResource } from './tags';
import { createSecret, putSecretValue, updateSecret, updateSecretVersionStage } from './writes';

interface Answers {
  CreateSecret: Aws.CreateSecretResponse;
  PutSecretValue: Aws.PutSecretValueResponse;
  UpdateSecret: Aws.UpdateSecretResponse;
  UpdateSecretVersionStage: Aws.UpdateSecretVersionStageResponse;
  DescribeSecret: Aws.DescribeSecretResponse;
  GetSecretValue: Aws.GetSecretValueResponse;
  BatchGetSecretValue: Aws.BatchGetSecretValueResponse;
  ListSecretVersionIds: Aws.ListSecretVersionIdsResponse;
  ListSecrets: Aws.ListSecretsResponse;
  TagResource: object;
  UntagResource: object;
  DeleteSecret: Aws.DeleteSecretResponse;
  RestoreSecret: Aws.RestoreSecretResponse;
  RotateSecret: Aws.RotateSecretResponse;
  CancelRotateSecret: Aws.CancelRotateSecretResponse;
}

/**
 * One method per operation, named as AWS names it, with AWS's inputs and answers: synchronous, so that calls are atomic. A refusal is
 * an AwsError whose `name` is AWS's error type.
 */
type Operations = { readonly [O in Operation]: (input: Given<O>) => Answers[O] };

export interface Store extends Operations {
  readonly options: StoreOptions;
  /** The store's time, with its offset. */
  now(): number;
  /** The same operations by name, for input that is not typed. */
  call(operation: string, input: unknown): object;
  /** Every secret as it is, values included, those scheduled for deletion too. */
  secrets(): Secret[];
  /** The last moves of staging labels, oldest first. */
  moves(): readonly Move[];
  /** The secret of this name, if there is one, and the ARN that it has or would have. */
  named(name: string | undefined): { readonly secret: Secret | undefined; readonly arn: string | undefined };
  /** Forgets everything. */
  clear(): void;
}

export interface StoreStart extends Partial<StoreOptions> {
  /** Milliseconds since 1970 by the host's clock. */
  readonly now: () => number;
  readonly region?: string;
  /** What it holds at the beginning, as another store's `secrets()` shows it. */
  readonly secrets?: readonly Secret[];
}

const ACCOUNT = '123456789012';

/**
 * AWS Secrets Manager in memory, without a socket: `makeStore({ now: () => clock.ms })`. One account, one Region. Not simulated: IAM (which
 * sandbox.ts enforces), KMS, resource policies, replication, and rotation by AWS beyond its switch.
 */
export function makeStore({ now, region = 'us-east-1', secrets = [], ...given }: StoreStart): Store {
  const options: StoreOptions = { clockOffsetMs: 0, listLagMs: 0, readLagMs: 0, shortPages: false, ...given };
  const shelf = makeShelf(now, () => Math.max(options.listLagMs, options.readLagMs));
  for (const secret of secrets) shelf.put(secret);
  const context: Context = {
    shelf,
    options,
    hostNow: now,
    now: () => now() + options.clockOffsetMs,
    arnFor: (name) => `arn:aws:secretsmanager:${region}:${ACCOUNT}:secret:${name}-${randomBytes(3).toString('hex')}`,
  };
  const operations = bind(context);
  return {
    ...operations,
    options,
    now: context.now,
    call: (operation, input) => byName(operations, operation)(input),
    secrets: () => present(shelf),
    moves: shelf.moves,
    named(name) {
      const secret = name === undefined ? undefined : find(context, name);
      return { secret, arn: secret?.arn ?? (name === undefined ? undefined : context.arnFor(name)) };
    },
    clear: () => shelf.clear(),
  };
}

/** Each operation checks its input against the service model first. */
const bind = (context: Context) => ({
  CreateSecret: (input: unknown) => createSecret(context, check(inputs.CreateSecret, input)),
  PutSecretValue: (input: unknown) => putSecretValue(context, check(inputs.PutSecretValue, input)),
  UpdateSecret: (input: unknown) => updateSecret(context, check(inputs.UpdateSecret, input)),
  UpdateSecretVersionStage: (input: unknown) =>
    updateSecretVersionStage(context, check(inputs.UpdateSecretVersionStage, input)),
  DescribeSecret: (input: unknown) => describeSecret(context, check(inputs.DescribeSecret, input)),
  GetSecretValue: (input: unknown) => getSecretValue(context, check(inputs.GetSecretValue, input)),
  BatchGetSecretValue: (input: unknown) => batchGetSecretValue(context, check(inputs.BatchGetSecretValue, input)),
  ListSecretVersionIds: (input: unknown) => listSecretVersionIds(context, check(inputs.ListSecretVersionIds, input)),
  ListSecrets: (input: unknown) => listSecrets(context, check(inputs.ListSecrets, input)),
  TagResource: (input: unknown) => tagResource(context, check(inputs.TagResource, input)),
  UntagResource: (input: unknown) => untagResource(context, check(inputs.UntagResource, input)),
  DeleteSecret: (input: unknown) => deleteSecret(context, check(inputs.DeleteSecret, input)),
  RestoreSecret: (input: unknown) => restoreSecret(context, check(inputs.RestoreSecret, input)),
  RotateSecret: (input: unknown) => rotateSecret(context, check(inputs.RotateSecret, input)),
  CancelRotateSecret: (input: unknown) => cancelRotateSecret(context, check(inputs.CancelRotateSecret, input)),
});

function byName(operations: Record<Operation, (input: unknown) => object>, name: string): (input: unknown) => object {
  const run = Object.hasOwn(operations, name) ? operations[name as Operation] : undefined;
  if (run !== undefined) return run;
  throw new AwsError('UnknownOperationException', `Unknown operation ${name}`);
}

const present = (shelf: Shelf) => shelf.slots().flatMap(({ states }) => states.at(-1)?.secret ?? []);
