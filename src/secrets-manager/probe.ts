import { ListSecretsCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { call } from './calls';
import { OURS } from './fleet';

/** Does Secrets Manager answer us? One call, which needs no permission that the sweeps do not need. @throws SecretStoreError */
export async function probe(client: SecretsManagerClient): Promise<void> {
  const command = new ListSecretsCommand({ MaxResults: 1, Filters: OURS });
  await call('ListSecrets', '*', () => client.send(command));
}
