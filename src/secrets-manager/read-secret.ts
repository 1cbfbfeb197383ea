import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { ReadSecret } from '../own-credential';
import { Sensitive } from '../sensitive';
import type { Clock } from '../types';
import { call, retrying } from './calls';
import { CURRENT } from './labels';

/** Reads the current value of a secret that holds one of the worker's own credentials. */
export function readSecret(client: SecretsManagerClient, clock: Clock): ReadSecret {
  return async (SecretId) => {
    const command = new GetSecretValueCommand({ SecretId, VersionStage: CURRENT });
    const answer = await retrying(clock, () => call('GetSecretValue', SecretId, () => client.send(command)));
    return new Sensitive(answer.SecretString ?? '');
  };
}
