import type { Intent } from './attempt-record';
import type { Context } from './rotation-context';
import { intentId } from './version-ids';

/** As many as Secrets Manager keeps. */
const LONGEST_CHAIN = 100;

/**
 * The intents of the attempts that followed one another, the oldest first.
 * @param head what their chain begins at: the version that they are to replace, or the credential's id on a new secret
 */
async function* intentsAfter({ store, credential }: Context, head: string): AsyncGenerator<Intent> {
  let previous = head;
  for (let n = 0; n < LONGEST_CHAIN; n += 1) {
    const id = intentId(previous);
    const record = await store.read(credential, id);
    if (record === undefined) return;
    if (record.is === 'intent') yield record;
    previous = record.is === 'intent' ? record.value : id; // a tombstone under an intent's id seals the value before it
  }
}

/**
 * The intents that there still are, the oldest first: where a person has made a version current while AWSPENDING was on a
 * tombstone, no chain leads from AWSCURRENT to what was attempted after it.
 */
export async function* intentsInHistory({ store, credential }: Context): AsyncGenerator<Intent> {
  for (const { version } of await store.history(credential)) {
    const record = version.is === 'intent' ? await store.read(credential, version.id) : undefined;
    if (record?.is === 'intent') yield record;
  }
}

/** The intent that announced a value: how it came to be, and how often the credential had failed. */
export async function announcing(context: Context, head: string, value: string): Promise<Intent | undefined> {
  for await (const intent of intentsAfter(context, head)) {
    if (intent.value === value) return intent;
  }
  for await (const intent of intentsInHistory(context)) {
    if (intent.value === value) return intent;
  }
  return undefined;
}
