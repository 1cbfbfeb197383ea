import { randomUUID } from 'node:crypto';
import { PutSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Clock } from '../types';
import { tryId } from '../version-ids';
import { call, retrying } from './calls';
import { TRY } from './labels';

/**
 * Creates the n-th try of a version: it can be created once in the world. Repeated as it is where there was no answer: the
 * same text under the same id is still the same worker's.
 * @returns false when another worker holds it
 */
export async function takeTry(
  { client, clock }: { readonly client: SecretsManagerClient; readonly clock: Clock },
  SecretId: string,
  version: string,
  n: number,
): Promise<boolean> {
  const command = new PutSecretValueCommand({
    SecretId,
    ClientRequestToken: tryId(version, n),
    SecretString: JSON.stringify({ note: 'No credential here: a login was tried.', worker: randomUUID() }),
    VersionStages: [TRY],
  });
  const put = () => call('PutSecretValue', SecretId, () => client.send(command), 'ResourceExistsException');
  return (await retrying(clock, put)) !== 'ResourceExistsException';
}
