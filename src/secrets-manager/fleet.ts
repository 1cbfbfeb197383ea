import { ListSecretsCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CREDENTIAL_TAG } from '../rotation-tags';
import type { Observation } from '../secret-store';
import type { Clock } from '../types';
import { call, retrying } from './calls';
import { observation } from './labels';

/** Secrets that carry our tag. */
export const OURS = [{ Key: 'tag-key' as const, Values: [CREDENTIAL_TAG] }];

/**
 * Every secret that carries our tag, 100 a call, no secret value read. The list may lag by minutes and the filter is a
 * prefix match (secrets-manager.md, 4 and 6): whoever acts on an entry describes the secret first.
 */
export async function* listFleet(client: SecretsManagerClient, clock: Clock): AsyncGenerator<Observation> {
  let NextToken: string | undefined;
  do {
    const seenAt = clock.monotonic();
    const page = NextToken === undefined ? {} : { NextToken };
    const command = new ListSecretsCommand({ MaxResults: 100, Filters: OURS, ...page });
    const answer = await retrying(clock, () => call('ListSecrets', '*', () => client.send(command)));
    for (const entry of answer.SecretList ?? []) yield observation(entry, entry.SecretVersionsToStages ?? {}, seenAt);
    NextToken = answer.NextToken; // a page may be empty and still be followed by another
  } while (NextToken !== undefined);
}
