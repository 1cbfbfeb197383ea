import type { CancelRotateSecretResponse, RotateSecretResponse } from '@aws-sdk/client-secrets-manager';
import { type Context, change, mustBeUsable } from './context';
import { invalidRequest } from './errors';
import type { Input } from './inputs';

/**
 * Only the switch of AWS's own rotation is simulated, so that a worker can meet RotationEnabled; nothing here rotates by itself.
 * Hence RotateImmediately, true by default at AWS, must be false.
 */
export function rotateSecret(
  context: Context,
  { SecretId, RotateImmediately }: Input<'RotateSecret'>,
): RotateSecretResponse {
  const secret = mustBeUsable(context, SecretId);
  if (RotateImmediately !== false)
    throw invalidRequest('This stand-in does not rotate: set RotateImmediately to false.');
  change(context, secret, { rotationEnabled: true });
  return { ARN: secret.arn, Name: secret.name };
}

export function cancelRotateSecret(
  context: Context,
  { SecretId }: Input<'CancelRotateSecret'>,
): CancelRotateSecretResponse {
  const secret = mustBeUsable(context, SecretId);
  change(context, secret, { rotationEnabled: false });
  return { ARN: secret.arn, Name: secret.name };
}
