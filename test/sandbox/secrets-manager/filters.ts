import type { SecretFilter } from './inputs';
import type { Secret } from './secret';

export type Predicate = (secret: Secret) => boolean;

/**
 * Filters are ANDed, the values of one filter ORed, "!" negates. name, tag-key, tag-value, primary-region and owning-service match by
 * prefix and case; description and all by words without case (API reference, Filter). tag-key and tag-value are independent of each
 * other: they need not match the same tag.
 */
export function predicate(filters: readonly SecretFilter[]): Predicate {
  const each = filters.map(({ Key, Values }) => anyOf(Values.map((value) => matcher(Key, value))));
  return (secret) => each.every((matches) => matches(secret));
}

const anyOf =
  (predicates: readonly Predicate[]): Predicate =>
  (secret) =>
    predicates.some((matches) => matches(secret));

function matcher(key: SecretFilter['Key'], value: string): Predicate {
  if (value.startsWith('!')) {
    const matches = matcher(key, value.slice(1));
    return (secret) => !matches(secret);
  }
  if (key === 'description' || key === 'all') return byWords(key, value);
  return (secret) => exactly[key](secret).some((text) => text.startsWith(value));
}

/** Secrets here are not replicated and not owned by a service, so those two fields are never there. */
const exactly: Record<Exclude<SecretFilter['Key'], 'description' | 'all'>, (secret: Secret) => string[]> = {
  name: ({ name }) => [name],
  'tag-key': ({ tags }) => [...(tags?.keys() ?? [])],
  'tag-value': ({ tags }) => [...(tags?.values() ?? [])],
  'primary-region': () => [],
  'owning-service': () => [],
};

/**
 * Every word of the filter begins a word of the description: "a secret" matches "an secret" and not "asecret" (recorded:
 * `test_list_secrets_filtering`). For `all` the words of name and tags count too; how AWS cuts those is not documented.
 */
function byWords(key: 'description' | 'all', value: string): Predicate {
  const wanted = words(value);
  return (secret) => {
    const there = words(key === 'all' ? everything(secret) : (secret.description ?? ''));
    return wanted.every((word) => there.some((candidate) => candidate.startsWith(word)));
  };
}

const words = (text: string) => text.toLowerCase().split(/\s+/).filter(Boolean);
const everything = ({ name, description, tags }: Secret) =>
  [name, description ?? '', ...[...(tags ?? [])].flat()].join(' ');
