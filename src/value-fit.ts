import { createHash } from 'node:crypto';
import type { Observation } from './secret-store';
import { ANSWER_FIELDS, fieldsIn } from './stored-value';
import type { Credential, Kind, StoredValue } from './types';

// Does an adopted value have the fields that a rotation would write? Where it has not, its consumers would find another
// JSON than the one that they read. Only names are told, never what stands under them.

interface AnswerNames {
  readonly always: readonly string[];
  /** Documented, and not in every answer; or the grant's, which a value that a person stored may lack. */
  readonly sometimes: readonly string[];
}

/** The names at the top of each vendor's answer (vendor pages S0, S2, S4). */
const VERBATIM: Readonly<Record<Kind, AnswerNames>> = {
  'flinks-outbound-recipient': { always: ['client_id', 'client_secret'], sometimes: [] },
  'flinks-auth-secret': { always: ['AuthSecret'], sometimes: ['PermissionId', 'RequestId', 'Message'] },
  'finout-api-token': { always: ['clientId', 'secretKey'], sometimes: [] },
  'finicity-access-key': { always: ['receipt', 'proof'], sometimes: [] },
  'finicity-partner-secret': { always: ['partnerSecret'], sometimes: [] },
};

const LONGEST_NAME = 40;

/** What the entry says about the form of its value; another one means that the adopted value is looked at again. */
export const mappingFingerprint = ({ value, adopt }: Credential): string =>
  createHash('sha256')
    .update(JSON.stringify([value ?? null, adopt?.drops ?? []]))
    .digest('hex')
    .slice(0, 8);

/** Was AWSCURRENT found not to fit? `outdated`: its entry says something else by now. */
export function unmapped(
  credential: Credential,
  { current, tags }: Observation,
): { readonly why: string; readonly outdated: boolean } | undefined {
  const found = tags.unmapped.get(current?.id ?? '');
  return found && { why: found.why, outdated: found.mapping !== mappingFingerprint(credential) };
}

/** Why a rotation would change what consumers read, in names of fields; undefined where it would not. */
export function misfit(credential: Credential, stored: StoredValue): string | undefined {
  const value = fieldsIn(stored);
  if (value === undefined) return 'the value is no JSON object';
  const { always, sometimes } = namesOf(credential);
  const dropped = credential.adopt?.drops ?? [];
  const there = Object.keys(value);
  const lost = there.filter((name) => ![...always, ...sometimes, ...dropped].includes(name));
  const missing = always.filter((name) => !there.includes(name));
  const parts = [
    ...(lost.length === 0 ? [] : [`a rotation would lose ${lost.map(shown).join(' ')}`]),
    ...(missing.length === 0 ? [] : [`the value lacks ${missing.map(shown).join(' ')}`]),
  ];
  return parts.length === 0 ? undefined : parts.join(' - ');
}

/** A grant id that the adopted value lacks is given by the entry, or said to be unrevoked: no reason to wait. */
function namesOf({ kind, value }: Credential): AnswerNames {
  if (value === undefined) return VERBATIM[kind];
  const names = [...Object.keys(value.fields), ...Object.keys(value.constants)];
  const { grant } = ANSWER_FIELDS[kind];
  const isGrant = (name: string): boolean => grant !== undefined && value.fields[name] === grant;
  return { always: names.filter((name) => !isGrant(name)), sometimes: names.filter(isGrant) };
}

/** What does not look like the name of a field may be a secret. */
const shown = (name: string): string =>
  name.length <= LONGEST_NAME && /^[\p{L}_][\p{L}\p{N}_.:@/=+ -]*$/u.test(name) ? name : 'a-name-not-shown';
