import type { DeleteSecretResponse, RestoreSecretResponse } from '@aws-sdk/client-secrets-manager';
import { type Context, change, find, mustBeUsable, mustFind, nameOf } from './context';
import { invalidParameter, noSuchSecret } from './errors';
import type { Input } from './inputs';

const DAY_MS = 24 * 3600_000;
const DEFAULT_WINDOW_DAYS = 30;

/** Forced deletion takes effect at once here; AWS does it in the background, after "a short delay". */
export function deleteSecret(context: Context, input: Input<'DeleteSecret'>): DeleteSecretResponse {
  const { SecretId, RecoveryWindowInDays: days, ForceDeleteWithoutRecovery: force } = input;
  if (force && days !== undefined)
    throw invalidParameter("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
  if (days !== undefined && (days < 7 || days > 30))
    throw invalidParameter(`RecoveryWindowInDays must be between 7 and 30 days (inclusive), not ${days}.`);
  return force ? deleteNow(context, SecretId) : schedule(context, SecretId, days ?? DEFAULT_WINDOW_DAYS);
}

/** "If you forcibly delete an already deleted or nonexistent secret, the operation does not return ResourceNotFoundException." */
function deleteNow(context: Context, secretId: string): DeleteSecretResponse {
  const secret = find(context, secretId);
  const name = nameOf(secretId);
  if (secret !== undefined) context.shelf.remove(secret.name);
  return { ARN: secret?.arn ?? context.arnFor(name), Name: name, DeletionDate: new Date(context.now()) };
}

function schedule(context: Context, secretId: string, days: number): DeleteSecretResponse {
  if (find(context, secretId) === undefined) throw noSuchSecret();
  const secret = mustBeUsable(context, secretId);
  const deletionAt = context.now() + days * DAY_MS;
  change(context, secret, { deletionAt });
  return { ARN: secret.arn, Name: secret.name, DeletionDate: new Date(deletionAt) };
}

/** Succeeds on a secret that is not scheduled for deletion, too. */
export function restoreSecret(context: Context, { SecretId }: Input<'RestoreSecret'>): RestoreSecretResponse {
  const { deletionAt: _, ...secret } = mustFind(context, SecretId);
  change(context, secret, {});
  return { ARN: secret.arn, Name: secret.name };
}
