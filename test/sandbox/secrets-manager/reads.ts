import type {
  DescribeSecretResponse,
  GetSecretValueResponse,
  ListSecretVersionIdsResponse,
  SecretListEntry,
  SecretVersionsListEntry,
} from '@aws-sdk/client-secrets-manager';
import { type Context, find, mustBeUsable, mustFind } from './context';
import { badNextToken, invalidRequest, noSuchStage, noSuchVersion } from './errors';
import type { Input } from './inputs';
import { CURRENT, stagesByVersion, stagesOf } from './labels';
import type { Secret, Version } from './secret';

const DAY_MS = 24 * 3600_000;
const PAGE = 100;

/** Answers for a secret that is scheduled for deletion, too. */
export function describeSecret(context: Context, { SecretId }: Input<'DescribeSecret'>): DescribeSecretResponse {
  const secret = mustFind(context, SecretId, context.options.readLagMs);
  return { ...publicFields(secret), VersionIdsToStages: stages(secret) };
}

/** What ListSecrets says of a secret: never a value. */
export const listEntry = (secret: Secret): SecretListEntry => ({
  ...publicFields(secret),
  SecretVersionsToStages: stages(secret),
});

/** "Only those fields that are populated with a value are returned in the response." */
const publicFields = (secret: Secret) => ({
  ARN: secret.arn,
  Name: secret.name,
  Description: secret.description || undefined,
  KmsKeyId: secret.kmsKeyId,
  RotationEnabled: secret.rotationEnabled,
  CreatedDate: new Date(secret.createdAt),
  LastChangedDate: new Date(secret.changedAt),
  LastAccessedDate: date(secret.accessedOn),
  DeletedDate: date(secret.deletionAt),
  Tags: secret.tags && [...secret.tags].map(([Key, Value]) => ({ Key, Value })),
});

const date = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms));
const stages = ({ labels, versions }: Secret) =>
  labels.size > 0 ? stagesByVersion(labels, versions.keys()) : undefined;

/** Without id and stage: AWSCURRENT. With both, they must be the same version. Leaves the day in LastAccessedDate. */
export function getSecretValue(context: Context, input: Input<'GetSecretValue'>): GetSecretValueResponse {
  const secret = mustBeUsable(context, input.SecretId, context.options.readLagMs);
  const version = input.VersionId === undefined ? byStage(secret, input.VersionStage ?? CURRENT) : byId(secret, input);
  noteAccess(context, secret.name);
  const VersionStages = stagesOf(secret.labels, version.id);
  return {
    ARN: secret.arn,
    Name: secret.name,
    VersionId: version.id,
    ...version.value,
    VersionStages: VersionStages.length > 0 ? VersionStages : undefined,
    CreatedDate: new Date(version.createdAt),
  };
}

function byStage(secret: Secret, stage: string): Version {
  const version = secret.versions.get(secret.labels.get(stage) ?? '');
  if (version === undefined) throw noSuchStage(stage);
  return version;
}

function byId(secret: Secret, { VersionId = '', VersionStage }: Input<'GetSecretValue'>): Version {
  const version = secret.versions.get(VersionId);
  if (version === undefined) throw noSuchVersion(VersionId);
  if (VersionStage !== undefined && secret.labels.get(VersionStage) !== VersionId)
    throw invalidRequest('You provided a VersionStage that is not associated to the provided VersionId.');
  return version;
}

function noteAccess(context: Context, name: string): void {
  const today = Math.floor(context.now() / DAY_MS) * DAY_MS;
  const secret = find(context, name);
  if (secret !== undefined && secret.accessedOn !== today) context.shelf.put({ ...secret, accessedOn: today });
}

/** In the order of creation (recorded); versions without label only with IncludeDeprecated, and then without VersionStages. */
export function listSecretVersionIds(
  context: Context,
  { SecretId, IncludeDeprecated, MaxResults = PAGE, NextToken }: Input<'ListSecretVersionIds'>,
): ListSecretVersionIdsResponse {
  const secret = mustFind(context, SecretId, context.options.readLagMs);
  const labelled = new Set(secret.labels.values());
  const ids = [...secret.versions.keys()].filter((id) => IncludeDeprecated || labelled.has(id));
  const start = NextToken === undefined ? 0 : after(ids, NextToken);
  const page = ids.slice(start, start + MaxResults);
  const last = start + MaxResults < ids.length ? page.at(-1) : undefined;
  return {
    ARN: secret.arn,
    Name: secret.name,
    Versions: page.flatMap((id) => versionEntry(secret, id)),
    NextToken: last && Buffer.from(last).toString('base64url'),
  };
}

function after(ids: readonly string[], token: string): number {
  const index = ids.indexOf(Buffer.from(token, 'base64url').toString());
  if (index < 0) throw badNextToken();
  return index + 1;
}

function versionEntry(secret: Secret, id: string): SecretVersionsListEntry[] {
  const version = secret.versions.get(id);
  if (version === undefined) return [];
  const labels = stagesOf(secret.labels, id);
  return [
    {
      VersionId: id,
      VersionStages: labels.length > 0 ? labels : undefined,
      CreatedDate: new Date(version.createdAt),
      KmsKeyIds: [secret.kmsKeyId ?? 'DefaultEncryptionKey'],
    },
  ];
}
