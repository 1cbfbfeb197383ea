import type { Intent } from './attempt-record';
import type { Context } from './rotation-context';
import { intentId } from './version-ids';

/** As many as Secrets Manager keeps. */
const LONGEST_CHAIN = 100;

/**
 * The intent that announced a value: how it came to be, and how often the credential had failed.
 * @param head what its chain begins at: the version that it replaces, or the credential's id on a new secret
 */
export async function announcing(
  { store, credential }: Context,
  head: string,
  value: string,
): Promise<Intent | undefined> {
  let previous = head;
  for (let n = 0; n < LONGEST_CHAIN; n += 1) {
    const id = intentId(previous);
    const record = await store.read(credential, id);
    if (record === undefined || record.is === 'value') break;
    if (record.is === 'intent' && record.value === value) return record;
    previous = record.is === 'intent' ? record.value : id; // a tombstone under an intent's id seals the value before it
  }
  return undefined;
}
