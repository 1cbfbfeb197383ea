import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ConfigError } from '../errors';
import { Sensitive } from '../sensitive';
import type { Clock } from '../types';
import { call, retrying } from './calls';
import { CURRENT } from './labels';

/**
 * Reads one field of a secret that holds the worker's own credential.
 * @throws ConfigError when the secret is no JSON object with that field as a non-empty string; its text is in no error
 */
export async function readOwnField(
  client: SecretsManagerClient,
  clock: Clock,
  secret: string,
  key: string,
): Promise<Sensitive> {
  const command = new GetSecretValueCommand({ SecretId: secret, VersionStage: CURRENT });
  const answer = await retrying(clock, () => call('GetSecretValue', secret, () => client.send(command)));
  const value = field(answer.SecretString ?? '', key);
  if (value === undefined) {
    throw new ConfigError([
      `secret ${secret}: no text under the key ${key}; store a JSON object such as {"${key}": "…"}`,
    ]);
  }
  return new Sensitive(value);
}

function field(text: string, key: string): string | undefined {
  try {
    const value: unknown = Reflect.get(Object(JSON.parse(text)), key);
    return typeof value === 'string' && value !== '' ? value : undefined;
  } catch {
    return undefined; // the parser's message quotes the text
  }
}
