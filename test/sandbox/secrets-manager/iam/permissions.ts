import { z } from 'zod';
import type { Secret } from '../secret';
import type { RequestKeys } from './conditions';
import type { Permission } from './policy';

export interface Asked {
  readonly operation: string;
  readonly input: unknown;
  /** The secret that the input names, if there is one. */
  readonly secret: Secret | undefined;
  /** The ARN that a secret of the input's name has or would have; absent for lists. */
  readonly arn: string | undefined;
}

const inputSchema = z.object({
  Name: z.string().optional(),
  KmsKeyId: z.string().optional(),
  VersionStage: z.string().optional(),
  RecoveryWindowInDays: z.number().optional(),
  ForceDeleteWithoutRecovery: z.boolean().optional(),
  Tags: z.array(z.object({ Key: z.string(), Value: z.string() })).optional(),
  TagKeys: z.array(z.string()).optional(),
});
type Input = z.output<typeof inputSchema>;

/** By Secrets Manager in the caller's name, where the secret has a key of the customer's (user guide, "Permissions for the KMS key"). */
const KMS_ACTIONS: Readonly<Record<string, readonly string[]>> = {
  CreateSecret: ['kms:GenerateDataKey', 'kms:Decrypt'],
  PutSecretValue: ['kms:GenerateDataKey', 'kms:Decrypt'],
  UpdateSecret: ['kms:GenerateDataKey', 'kms:Decrypt'],
  GetSecretValue: ['kms:Decrypt'],
};

/** All that one call must be allowed to do: condition keys and dependent actions as in the Service Authorization Reference. */
export function permissionsFor({ operation, input, secret, arn = '*' }: Asked): Permission[] {
  // What does not fit is refused by the operation itself.
  const given = inputSchema.safeParse(input).data ?? {};
  const keys = { ...requestKeys(given), ...resourceTags(secret) };
  const tagsToo = operation === 'CreateSecret' && given.Tags !== undefined ? ['TagResource'] : [];
  const kmsKey = operation === 'CreateSecret' ? given.KmsKeyId : secret?.kmsKeyId;
  const kmsActions = kmsKey === undefined ? [] : (KMS_ACTIONS[operation] ?? []);
  return [
    ...[operation, ...tagsToo].map((action) => ({ action: `secretsmanager:${action}`, resource: arn, keys })),
    ...kmsActions.map((action) => kmsPermission(action, kmsKey ?? '', arn)),
  ];
}

function requestKeys(given: Input): RequestKeys {
  const { Name, VersionStage, RecoveryWindowInDays: days, ForceDeleteWithoutRecovery: force, Tags, TagKeys } = given;
  const tagKeys = Tags?.map(({ Key }) => Key) ?? TagKeys;
  return {
    ...(Name !== undefined && { 'secretsmanager:Name': Name }),
    ...(VersionStage !== undefined && { 'secretsmanager:VersionStage': VersionStage }),
    ...(days !== undefined && { 'secretsmanager:RecoveryWindowInDays': String(days) }),
    ...(force !== undefined && { 'secretsmanager:ForceDeleteWithoutRecovery': String(force) }),
    ...(tagKeys !== undefined && { 'aws:TagKeys': tagKeys }),
    ...Object.fromEntries((Tags ?? []).map(({ Key, Value }) => [`aws:RequestTag/${Key}`, Value])),
  };
}

const resourceTags = (secret: Secret | undefined): RequestKeys =>
  Object.fromEntries([...(secret?.tags ?? [])].map(([key, value]) => [`aws:ResourceTag/${key}`, value]));

/** The stand-in knows no keys: an alias stands for a key whose id is the alias's name. */
function kmsPermission(action: string, keyId: string, secretArn: string): Permission {
  const [, , , region = '', account = ''] = secretArn.split(':');
  const resource = keyId.startsWith('arn:')
    ? keyId
    : `arn:aws:kms:${region}:${account}:key/${keyId.replace(/^alias\//, '')}`;
  return { action, resource, keys: { 'kms:ViaService': `secretsmanager.${region}.amazonaws.com` } };
}
