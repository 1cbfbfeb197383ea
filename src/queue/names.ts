import { InvariantError } from '../errors';

/** The braces make all keys one hash slot, which BullMQ's scripts need on a Redis Cluster (measured: CROSSSLOT without). */
export const DEFAULT_PREFIX = '{rotation}';

/** The four sweeps run here. */
export const SWEEPS_QUEUE = 'sweeps';

/** On-demand messages arrive here, from any BullMQ client. */
export const REQUESTS_QUEUE = 'rotation-requests';

/** One queue for each account, so that a dead vendor holds up nobody else. */
export function accountQueue(account: string): string {
  if (account === '' || account.includes(':')) {
    throw new InvariantError(`The account name "${account}" cannot name a queue (BullMQ allows no colon)`);
  }
  return `account-${account}`;
}

type OwnKey = 'fleet' | 'let-go' | 'lock' | 'pause' | 'rate' | 'release' | 'revoked' | 'slots';

/** Keys of our own stand beside BullMQ's, which are `<prefix>:<queue>:…`; no queue has these names. */
export function ownKey(prefix: string, what: OwnKey, name: string): string {
  return `${prefix}:${what}:${name}`;
}
