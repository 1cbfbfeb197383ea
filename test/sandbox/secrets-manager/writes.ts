import type {
  CreateSecretResponse,
  PutSecretValueResponse,
  UpdateSecretResponse,
  UpdateSecretVersionStageResponse,
} from '@aws-sdk/client-secrets-manager';
import { type Context, change, find, mustBeUsable } from './context';
import { exists, invalidRequest, noSuchVersion, validation } from './errors';
import { givenValue, type Input, tokenOf } from './inputs';
import { moveLabel, stagesOf } from './labels';
import type { Secret, SecretValue } from './secret';
import { merged } from './tags';
import { addVersion, isRepeat } from './versions';

const NAME = /^[A-Za-z0-9/_+=.@-]+$/;

export function createSecret(context: Context, input: Input<'CreateSecret'>): CreateSecretResponse {
  if (!NAME.test(input.Name))
    throw validation(
      'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
    );
  const token = tokenOf(input);
  const value = givenValue(input);
  const there = find(context, input.Name);
  if (there !== undefined) return createAgain(there, token, value);
  const bare = bareSecret(context, input);
  const secret = value === undefined ? bare : { ...bare, ...addVersion(bare, { id: token, value }, bare.createdAt) };
  context.shelf.put(secret);
  return { ARN: secret.arn, Name: secret.name, VersionId: value && token };
}

/** "If a version with this value already exists and the SecretString and SecretBinary are the same", nothing is done (API reference). */
function createAgain(there: Secret, token: string, value: SecretValue | undefined): CreateSecretResponse {
  if (there.deletionAt !== undefined)
    throw invalidRequest(
      "You can't create this secret because a secret with this name is already scheduled for deletion.",
    );
  if (value !== undefined && isRepeat(there, { id: token, value }))
    return { ARN: there.arn, Name: there.name, VersionId: token };
  throw exists(`The operation failed because the secret ${there.name} already exists.`);
}

function bareSecret(context: Context, { Name, Description, KmsKeyId, Tags }: Input<'CreateSecret'>): Secret {
  const now = context.now();
  return {
    name: Name,
    arn: context.arnFor(Name),
    createdAt: now,
    changedAt: now,
    versions: new Map(),
    labels: new Map(),
    ...details({ Description, KmsKeyId }),
    ...(Tags && { tags: merged(undefined, Tags) }),
  };
}

export function putSecretValue(context: Context, input: Input<'PutSecretValue'>): PutSecretValueResponse {
  const id = tokenOf(input);
  const value = givenValue(input);
  if (value === undefined) throw invalidRequest('You must provide either SecretString or SecretBinary.');
  const secret = mustBeUsable(context, input.SecretId);
  const added = { id, value, stages: input.VersionStages };
  const result = isRepeat(secret, added) ? secret : addVersion(secret, added, context.now());
  if (result !== secret) change(context, secret, result);
  return { ARN: secret.arn, Name: secret.name, VersionId: id, VersionStages: stagesOf(result.labels, id) };
}

/** "If you call this operation with a ClientRequestToken that matches an existing version's VersionId, the operation results in an error". */
export function updateSecret(context: Context, input: Input<'UpdateSecret'>): UpdateSecretResponse {
  const id = tokenOf(input);
  const value = givenValue(input);
  const secret = mustBeUsable(context, input.SecretId);
  if (value !== undefined && secret.versions.has(id)) throw exists(`Version ${id} of the secret already exists.`);
  const version = value && addVersion(secret, { id, value }, context.now());
  change(context, secret, { ...details(input), ...version });
  return { ARN: secret.arn, Name: secret.name, VersionId: version && id };
}

export function updateSecretVersionStage(
  context: Context,
  input: Input<'UpdateSecretVersionStage'>,
): UpdateSecretVersionStageResponse {
  const secret = mustBeUsable(context, input.SecretId);
  const { VersionStage: stage, RemoveFromVersionId: from, MoveToVersionId: to } = input;
  if (to !== undefined && !secret.versions.has(to)) throw noSuchVersion(to);
  change(context, secret, { labels: moveLabel(secret.labels, { stage, from, to }) });
  return { ARN: secret.arn, Name: secret.name };
}

type Details = { Description?: string | undefined; KmsKeyId?: string | undefined };

const details = ({ Description, KmsKeyId }: Details) => ({
  ...(Description !== undefined && { description: Description }),
  ...(KmsKeyId !== undefined && { kmsKeyId: KmsKeyId }),
});
