import { z } from 'zod';
import { invalidParameter, invalidRequest, validation } from './errors';
import type { SecretValue } from './secret';

/**
 * The inputs with the bounds that the service model gives (botocore `secretsmanager/2017-10-17/service-2.json`). Unknown members are
 * ignored, as AWS JSON services do. A SecretBinary may come as bytes (in process) or in base64 (on the wire).
 */
const SecretId = z.string().min(1).max(2048);
const VersionId = z.string().min(32).max(64);
const Stage = z.string().min(1).max(256);
const TagKey = z.string().min(1).max(128);
const Tag = z.object({ Key: TagKey, Value: z.string().max(256) });
const NextToken = z.string().min(1).max(4096);
const MaxResults = z.number().int().min(1).max(100);
const Description = z.string().max(2048);
const KmsKeyId = z.string().max(2048);

const bytes = z.union([
  z.instanceof(Uint8Array),
  z.base64().transform((text) => new Uint8Array(Buffer.from(text, 'base64'))),
]);
/** "Secret value: 65,536 bytes" (quotas page); the model says the same number of characters. */
const fits = (size: number) => size >= 1 && size <= 65_536;
const value = {
  SecretString: z
    .string()
    .refine((text) => fits(Buffer.byteLength(text)), 'Member must have length between 1 and 65536')
    .optional(),
  SecretBinary: bytes.refine((b) => fits(b.length), 'Member must have length between 1 and 65536').optional(),
};

const Filter = z.object({
  Key: z.enum(['description', 'name', 'tag-key', 'tag-value', 'primary-region', 'owning-service', 'all']),
  Values: z
    .array(
      z
        .string()
        .max(512)
        .regex(/^!?[a-zA-Z0-9 :_@/+=.\-!]*$/),
    )
    .min(1)
    .max(10),
});

export const inputs = {
  CreateSecret: z.object({
    Name: z.string().min(1).max(512),
    ClientRequestToken: VersionId.optional(),
    Description: Description.optional(),
    KmsKeyId: KmsKeyId.optional(),
    Tags: z.array(Tag).optional(),
    ...value,
  }),
  PutSecretValue: z.object({
    SecretId,
    ClientRequestToken: VersionId.optional(),
    VersionStages: z.array(Stage).min(1).max(20).optional(),
    ...value,
  }),
  UpdateSecret: z.object({
    SecretId,
    ClientRequestToken: VersionId.optional(),
    Description: Description.optional(),
    KmsKeyId: KmsKeyId.optional(),
    ...value,
  }),
  UpdateSecretVersionStage: z.object({
    SecretId,
    VersionStage: Stage,
    RemoveFromVersionId: VersionId.optional(),
    MoveToVersionId: VersionId.optional(),
  }),
  DescribeSecret: z.object({ SecretId }),
  GetSecretValue: z.object({ SecretId, VersionId: VersionId.optional(), VersionStage: Stage.optional() }),
  BatchGetSecretValue: z.object({
    SecretIdList: z.array(SecretId).min(1).max(20).optional(),
    Filters: z.array(Filter).max(10).optional(),
    MaxResults: z.number().int().min(1).max(20).optional(),
    NextToken: NextToken.optional(),
  }),
  ListSecretVersionIds: z.object({
    SecretId,
    MaxResults: MaxResults.optional(),
    NextToken: NextToken.optional(),
    IncludeDeprecated: z.boolean().optional(),
  }),
  ListSecrets: z.object({
    IncludePlannedDeletion: z.boolean().optional(),
    MaxResults: MaxResults.optional(),
    NextToken: NextToken.optional(),
    Filters: z.array(Filter).max(10).optional(),
    SortBy: z.enum(['created-date', 'last-accessed-date', 'last-changed-date', 'name']).optional(),
    SortOrder: z.enum(['asc', 'desc']).optional(),
  }),
  TagResource: z.object({ SecretId, Tags: z.array(Tag) }),
  UntagResource: z.object({ SecretId, TagKeys: z.array(TagKey) }),
  DeleteSecret: z.object({
    SecretId,
    RecoveryWindowInDays: z.number().int().optional(),
    ForceDeleteWithoutRecovery: z.boolean().optional(),
  }),
  RestoreSecret: z.object({ SecretId }),
  RotateSecret: z.object({ SecretId, RotateImmediately: z.boolean().optional() }),
  CancelRotateSecret: z.object({ SecretId }),
};

export type Operation = keyof typeof inputs;
/** What a caller gives. */
export type Given<O extends Operation> = z.input<(typeof inputs)[O]>;
/** The same, checked. */
export type Input<O extends Operation> = z.output<(typeof inputs)[O]>;
export type SecretFilter = z.output<typeof Filter>;
export type TagPair = z.output<typeof Tag>;

/** The input, or a ValidationException that names the member at fault and never its value. */
export function check<T>(schema: z.ZodType<T>, input: unknown): T {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const faults = result.error.issues.map(
    (issue) => `Value at '${issue.path.join('.')}' failed to satisfy constraint: ${issue.message}`,
  );
  throw validation(`${faults.length} validation error${faults.length > 1 ? 's' : ''} detected: ${faults.join('; ')}`);
}

/** The SDK always sends a token; without one on the wire AWS refuses, before it looks for the secret (recorded). */
export function tokenOf(input: { ClientRequestToken?: string | undefined }): string {
  if (input.ClientRequestToken !== undefined) return input.ClientRequestToken;
  throw invalidRequest('You must provide a ClientRequestToken value. We recommend a UUID-type value.');
}

type MaybeValue = { SecretString?: string | undefined; SecretBinary?: Uint8Array | undefined };

/** "Either SecretString or SecretBinary must have a value, but not both" (API reference, PutSecretValue); none is told by absence. */
export function givenValue({ SecretString, SecretBinary }: MaybeValue): SecretValue | undefined {
  if (SecretString !== undefined && SecretBinary !== undefined)
    throw invalidParameter(
      "You can't specify both a binary secret value and a string secret value in the same secret.",
    );
  if (SecretString !== undefined) return { SecretString };
  return SecretBinary === undefined ? undefined : { SecretBinary };
}
