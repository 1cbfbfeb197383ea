import { parseJson, type WireAnswer } from '../http/wire';

export type Casing = 'as-is' | 'camel' | 'pascal' | 'snake';

export interface Rewrite {
  readonly set: Readonly<Record<string, unknown>>;
  readonly remove: readonly string[];
  readonly casing: Casing;
}

/** The same answer with fields set, removed and renamed, in that order. */
export function rewriteAnswer(answer: WireAnswer, rewrite: Rewrite): WireAnswer {
  const value = parseJson(answer.body);
  for (const [path, replacement] of Object.entries(rewrite.set)) place(value, path, replacement);
  for (const path of rewrite.remove) place(value, path, undefined);
  return { ...answer, body: JSON.stringify(renamed(value, rewrite.casing)) };
}

/** Puts a value at a dotted path; `undefined` removes it. */
function place(root: unknown, path: string, value: unknown): void {
  const keys = path.split('.');
  const last = keys.pop();
  let parent: unknown = root;
  for (const key of keys) parent = isIndexable(parent) ? parent[key] : undefined;
  if (last === undefined || !isIndexable(parent)) return;
  if (value === undefined) delete parent[last];
  else parent[last] = value;
}

function isIndexable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function renamed(value: unknown, casing: Casing): unknown {
  if (casing === 'as-is' || !isIndexable(value)) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => renamed(item, casing));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [recased(key, casing), renamed(item, casing)]));
}

/** `client_secret`, `clientSecret` and `ClientSecret` into one another. */
export function recased(name: string, casing: Casing): string {
  if (casing === 'as-is') return name;
  const words = name
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split('_');
  if (casing === 'snake') return words.join('_');
  const capitalised = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  return casing === 'pascal' ? capitalised : capitalised.charAt(0).toLowerCase() + capitalised.slice(1);
}
