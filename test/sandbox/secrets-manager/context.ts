import { markedForDeletion, noSuchSecret } from './errors';
import type { Secret } from './secret';
import type { Shelf } from './shelf';

/** What can be changed while the store runs. */
export interface StoreOptions {
  /** The store's clock minus the host's. */
  clockOffsetMs: number;
  /** ListSecrets (and BatchGetSecretValue by filter) shows what was so many milliseconds ago. */
  listLagMs: number;
  /** The same for DescribeSecret, GetSecretValue and ListSecretVersionIds. Writes always act on what is. */
  readLagMs: number;
  /**
   * A page looks at MaxResults secrets and then filters: pages come short, or empty with a NextToken, as the API reference allows.
   */
  shortPages: boolean;
}

/** What every operation works on. */
export interface Context {
  readonly shelf: Shelf;
  readonly options: StoreOptions;
  /** The time without the offset: what delayed reads are counted by. */
  hostNow(): number;
  /** The store's time, for every date. */
  now(): number;
  arnFor(name: string): string;
}

/** `arn:aws:secretsmanager:<region>:<account>:secret:<name>-<6 characters>`. */
const ARN = /^arn:[^:]+:secretsmanager:[^:]*:[^:]*:secret:(.+)$/;
const SUFFIX = /-[A-Za-z0-9]{6}$/;

/**
 * The name that a SecretId (name, ARN, or ARN without its suffix) speaks of. A partial ARN of a name that itself ends with a hyphen and six
 * characters is taken for a full one, and so is not found (recorded: `test_create_and_update_secret[Invalid/_+=.@-Name-a1b2c3]`).
 */
export function nameOf(secretId: string): string {
  const rest = ARN.exec(secretId)?.[1];
  return rest === undefined ? secretId : rest.replace(SUFFIX, '');
}

/** The secret as it was `lagMs` ago, one scheduled for deletion included; its recovery window over, it is gone. */
export function find(context: Context, secretId: string, lagMs = 0): Secret | undefined {
  const secret = context.shelf.get(nameOf(secretId), lagMs);
  if (secret === undefined || (secretId.startsWith('arn:') && SUFFIX.test(secretId) && secret.arn !== secretId))
    return undefined;
  if (!isOver(context, secret)) return secret;
  context.shelf.remove(secret.name);
  return undefined;
}

export const isOver = ({ now }: Context, { deletionAt }: Secret) => deletionAt !== undefined && deletionAt <= now();

export function mustFind(context: Context, secretId: string, lagMs = 0): Secret {
  const secret = find(context, secretId, lagMs);
  if (secret === undefined) throw noSuchSecret();
  return secret;
}

/** The secret, if it may be written and its values read. */
export function mustBeUsable(context: Context, secretId: string, lagMs = 0): Secret {
  const secret = mustFind(context, secretId, lagMs);
  if (secret.deletionAt !== undefined) throw markedForDeletion();
  return secret;
}

/** LastChangedDate: "The last date and time that this secret was modified in any way". */
export function change(context: Context, secret: Secret, changes: Partial<Secret>): void {
  context.shelf.put({ ...secret, ...changes, changedAt: context.now() });
}
