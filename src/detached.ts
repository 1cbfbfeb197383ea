import { AGAIN, type Context, type Next } from './rotation-context';
import type { Observation } from './secret-store';
import { intentId } from './version-ids';

/** As many as Secrets Manager keeps. */
const LONGEST_CHAIN = 100;

/**
 * AWSPENDING is nowhere, which no step of ours leaves behind: a person took it away, perhaps from an attempt that nobody
 * would come upon before the credential is due. It is put back on what was attempted last, else on AWSCURRENT. (On a version
 * that a person wrote it is nowhere from the first; what it is taken from there is found when the credential is due.)
 */
export async function putPendingBack(context: Context, { current }: Observation): Promise<Next> {
  if (current === undefined) return AGAIN;
  const { store, credential, log } = context;
  const to = await lastAttempted(context, current.id);
  const moved = await store.movePending(credential, { from: undefined, to });
  if (moved) log.info({ step: 'put-back', version: to }, 'AWSPENDING was nowhere: it is put back');
  return AGAIN;
}

/** Of the attempts that followed one another from this version on, the last: its intent, or what stands in its value's place. */
async function lastAttempted({ store, credential }: Context, from: string): Promise<string> {
  let last = from;
  for (let n = 0; n < LONGEST_CHAIN; n += 1) {
    const id = intentId(last);
    const next = await store.read(credential, id);
    if (next === undefined) return last;
    if (next.is !== 'intent')
      last = id; // a tombstone under an intent's id seals the value before it
    else if ((await store.read(credential, next.value)) === undefined) return id;
    else last = next.value;
  }
  return last;
}
