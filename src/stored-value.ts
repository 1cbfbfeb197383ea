import { StoredValueError } from './errors';
import type { GrantFields, VendorAnswer } from './provider';
import { Sensitive } from './sensitive';
import type { Credential, Kind, StoredValue, ValueMapping } from './types';

/** Where the vendor's answer (or what a person imports) holds what revocation and verification need; dotted paths. */
export const ANSWER_FIELDS: Readonly<Record<Kind, { readonly grant?: string; readonly secret?: string }>> = {
  'flinks-outbound-recipient': { secret: 'client_secret' },
  'flinks-auth-secret': { grant: 'PermissionId', secret: 'AuthSecret' },
  'finicity-access-key': { grant: 'receipt.receiptId' },
  'finicity-partner-secret': { secret: 'partnerSecret' }, // of our own making: credentials.ts names the field
  'finout-api-token': { grant: 'clientId', secret: 'secretKey' },
};

/** What else consumers read of the answer, and cannot do without; a person who imports a value gives it too. */
const ALSO_READ: Readonly<Partial<Record<Kind, readonly string[]>>> = {
  'flinks-outbound-recipient': ['client_id'],
  'finicity-access-key': ['proof'],
};

/** The fields that an imported value must have, as the vendor names them: those that a rotation would write. */
export function fieldsToImport({ kind, value }: Credential): readonly string[] {
  const { grant, secret } = ANSWER_FIELDS[kind];
  const read = value === undefined ? (ALSO_READ[kind] ?? []) : Object.values(value.fields);
  return [...new Set([...read, grant, secret].filter((field) => field !== undefined))];
}

/** Those of them that a value lacks, or holds empty. */
export const missingFields = (credential: Credential, answer: VendorAnswer): readonly string[] =>
  fieldsToImport(credential).filter((field) => {
    const found = at(answer, field);
    return isNeeded(credential.kind, field)
      ? textAt(answer, field) === undefined
      : found === undefined || found === null;
  });

const isNeeded = (kind: Kind, field: string): boolean => Object.values(ANSWER_FIELDS[kind]).includes(field);

const LONGEST_VALUE_BYTES = 65_536; // Secrets Manager quota "Secret value size"

const isObject = (x: unknown): x is Readonly<Record<string, unknown>> =>
  typeof x === 'object' && x !== null && !Array.isArray(x);

function at(value: unknown, path: string): unknown {
  let here = value;
  for (const part of path.split('.')) here = isObject(here) ? here[part] : undefined;
  return here;
}

/** Under which path the stored value holds what the answer holds at `source`; undefined when the mapping leaves it out. */
export function storedPath(mapping: ValueMapping | undefined, source: string): string | undefined {
  if (mapping === undefined) return source;
  for (const [name, from] of Object.entries(mapping.fields)) {
    if (from === source) return name;
    if (source.startsWith(`${from}.`)) return `${name}${source.slice(from.length)}`;
  }
  return undefined;
}

/**
 * The JSON that consumers read, made of the vendor's answer: verbatim, or by the entry's mapping and constants. A mapped
 * field that the answer lacks is stored as null: what a grant needs has been checked, and to refuse the rest would lose it.
 * @throws StoredValueError when the value would not fit Secrets Manager
 */
export function toStored(credential: Credential, answer: VendorAnswer): StoredValue {
  const text = JSON.stringify(credential.value === undefined ? answer : mapped(credential.value, answer));
  if (Buffer.byteLength(text) > LONGEST_VALUE_BYTES) {
    throw new StoredValueError('the value is longer than Secrets Manager takes', { credential: credential.id });
  }
  return new Sensitive(text);
}

const mapped = ({ fields, constants }: ValueMapping, answer: VendorAnswer): Readonly<Record<string, unknown>> => ({
  ...constants,
  ...Object.fromEntries(Object.entries(fields).map(([name, source]) => [name, at(answer, source) ?? null])),
});

const textAt = (value: unknown, path: string): string | undefined => {
  const found = at(value, path);
  return typeof found === 'string' && found !== '' ? found : undefined;
};

/** The same value with its grant id where a rotation would store it. */
export function withGrant(credential: Credential, stored: StoredValue, grant: string): StoredValue {
  const source = ANSWER_FIELDS[credential.kind].grant;
  const name = source === undefined ? undefined : storedPath(credential.value, source);
  if (name === undefined) return stored;
  return new Sensitive(JSON.stringify({ ...parsed(credential.id, stored), [name]: grant }));
}

/** The grant in the vendor's own answer, whatever its entry stores of it. */
export function grantIn(kind: Kind, answer: VendorAnswer): string | undefined {
  const { grant } = ANSWER_FIELDS[kind];
  return grant === undefined ? undefined : textAt(answer, grant);
}

/** @throws StoredValueError when the value is not a JSON object; its text is in no error */
export function grantFields(credential: Credential, stored: StoredValue): GrantFields {
  const value = parsed(credential.id, stored);
  const { grant, secret } = ANSWER_FIELDS[credential.kind];
  const read = (source: string | undefined): string | undefined => {
    const path = source === undefined ? undefined : storedPath(credential.value, source);
    return path === undefined ? undefined : textAt(value, path);
  };
  const grantId = read(grant);
  const secretText = read(secret);
  return {
    ...(grantId === undefined ? {} : { grant: grantId }),
    ...(secretText === undefined ? {} : { secret: new Sensitive(secretText) }),
  };
}

function parsed(id: string, stored: StoredValue): Readonly<Record<string, unknown>> {
  const value = fieldsIn(stored);
  if (value === undefined) throw new StoredValueError('the stored value is not a JSON object', { credential: id });
  return value;
}

/** Undefined where the value is not a JSON object. */
export function fieldsIn(stored: StoredValue): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(stored.reveal());
    return isObject(value) ? value : undefined;
  } catch {
    return undefined; // the parser's message quotes the text
  }
}
