import { ListSecretsCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CREDENTIAL_TAG, PAUSED_TAG } from '../rotation-tags';
import type { Observation } from '../secret-store';
import type { Clock } from '../types';
import { call, EVERY, retrying } from './calls';
import { observation } from './labels';

const tagged = (key: string) => [{ Key: 'tag-key' as const, Values: [key] }];

/** Secrets that carry our tag. */
export const OURS = tagged(CREDENTIAL_TAG);

/** Every secret that carries our tag. */
export const listFleet = (client: SecretsManagerClient, clock: Clock) => list(client, clock, OURS);

/** Those of them whose tag says that an account is paused. */
export const listPauses = (client: SecretsManagerClient, clock: Clock) => list(client, clock, tagged(PAUSED_TAG));

/**
 * 100 a call, no secret value read. The list may lag by minutes and the filter is a
 * prefix match (secrets-manager.md, 4 and 6): whoever acts on an entry describes the secret first.
 */
async function* list(client: SecretsManagerClient, clock: Clock, filters: typeof OURS): AsyncGenerator<Observation> {
  let NextToken: string | undefined;
  do {
    const seenAt = clock.monotonic();
    const page = NextToken === undefined ? {} : { NextToken };
    const command = new ListSecretsCommand({ MaxResults: 100, Filters: filters, ...page });
    const answer = await retrying(clock, () => call('ListSecrets', EVERY, () => client.send(command)));
    for (const entry of answer.SecretList ?? []) yield observation(entry, entry.SecretVersionsToStages ?? {}, seenAt);
    NextToken = answer.NextToken; // a page may be empty and still be followed by another
  } while (NextToken !== undefined);
}
