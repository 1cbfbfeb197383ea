import type { Tombstone } from './attempt-record';
import type { Observation, SecretStore } from './secret-store';
import type { Credential } from './types';

/** Why the last attempt was given up: the labels say only that it was. Undefined where it was not. */
export async function readLastAttempt(
  store: Pick<SecretStore, 'read'>,
  credential: Credential,
  { pending, givenUp }: Observation,
): Promise<Tombstone | undefined> {
  if (pending === undefined || pending.id !== givenUp) return undefined;
  const content = await store.read(credential, pending.id);
  return content?.is === 'tombstone' ? content : undefined;
}
