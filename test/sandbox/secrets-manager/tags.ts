import { type Context, change, mustBeUsable } from './context';
import { invalidParameter } from './errors';
import type { Input, TagPair } from './inputs';

type Tags = ReadonlyMap<string, string>;

/** "Maximum number of tags per secret: 50"; the prefix `aws:` is reserved (General Reference, tagging). */
const MAX_TAGS = 50;

export function merged(tags: Tags | undefined, added: readonly TagPair[]): Tags {
  const reserved = added.find(({ Key }) => Key.startsWith('aws:'));
  if (reserved !== undefined) throw invalidParameter(`The tag key ${reserved.Key} has the reserved prefix aws:.`);
  const next = new Map(tags);
  for (const { Key, Value } of added) next.set(Key, Value);
  if (next.size > MAX_TAGS) throw invalidParameter(`The secret would hold ${next.size} tags; ${MAX_TAGS} are allowed.`);
  return next;
}

/** Appends; overwrites the value of a key that is there. Keys are case-sensitive. Belongs to the secret, not to a version. */
export function tagResource(context: Context, input: Input<'TagResource'>): object {
  const secret = mustBeUsable(context, input.SecretId);
  change(context, secret, { tags: merged(secret.tags, input.Tags) });
  return {};
}

/** "If a requested tag is not attached to the secret, no error is returned and the secret metadata is unchanged." */
export function untagResource(context: Context, input: Input<'UntagResource'>): object {
  const secret = mustBeUsable(context, input.SecretId);
  const tags = new Map(secret.tags);
  const removed = input.TagKeys.filter((key) => tags.delete(key));
  if (removed.length > 0) change(context, secret, { tags });
  return {};
}
