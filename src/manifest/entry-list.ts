// All entries of all files, and what is wrong with them.

import { z } from 'zod';
import type { Account, Kind } from '../types';
import { ownSecrets } from './account-rules';
import type { ParsedAccount } from './accounts';
import { isObject, ownPolicy, type ParsedEntry, parseEntry } from './entries';
import { parseWith } from './explain';
import type { Head } from './head';
import { type Defaults, policyFindings, resolvePolicy } from './policy';
import { POLICY_FIELDS } from './policy-fields';
import { type Problems, placeOf } from './problems';
import { claimsOf, entryFindings } from './rules';
import type { Path, Source } from './source';

export interface PlacedEntry extends ParsedEntry {
  readonly source: Source;
  readonly path: Path;
}

const ENTRIES = z.array(z.unknown()).describe('the list of entries');

/** Of the manifest itself; its other sections are read elsewhere (head.ts). */
const ROOT = z.looseObject({ credentials: ENTRIES.default([]) });

const INCLUDED = z.strictObject(
  { credentials: ENTRIES },
  {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? issue.keys.map(() => NOT_IN_INCLUDED_FILES).join('\n') : undefined,
  },
);
const NOT_IN_INCLUDED_FILES = 'cannot stand in an included file, which holds `credentials` only: move or rename it';

export function readEntries(source: Source, file: 'root' | 'included', problems: Problems): PlacedEntry[] {
  const { data } = source;
  const result = parseWith(file === 'root' ? ROOT : INCLUDED, data);
  if ('findings' in result && isObject(data)) problems.addAll(source, [], result.findings);
  const list: readonly unknown[] = isObject(data) && Array.isArray(data.credentials) ? data.credentials : [];
  return list.map((raw, i) => ({ source, path: ['credentials', i], ...parseEntry(raw) }));
}

export function checkEntries(entries: readonly PlacedEntry[], head: Head, problems: Problems): void {
  const declared = head.declared;
  const own = ownSecrets(
    [...(declared?.values() ?? [])].flatMap(({ account }): Account[] => (account ? [account] : [])),
  );
  for (const { source, path, findings, sound } of entries) {
    problems.addAll(source, path, findings);
    if (declared !== undefined) problems.addAll(source, path, entryFindings(sound, declared, own));
  }
  checkClaims(entries, head, problems);
  if (head.defaults !== undefined) checkPolicies(entries, head.defaults, problems);
}

function checkClaims(
  entries: readonly PlacedEntry[],
  { declared = new Map<string, ParsedAccount>() }: Head,
  problems: Problems,
): void {
  const holders = new Map<string, PlacedEntry>();
  for (const entry of entries) {
    for (const { field, key, what } of claimsOf(entry.sound, declared)) {
      const place = `${field} ${key}`;
      const holder = holders.get(place);
      if (holder === undefined) holders.set(place, entry);
      else {
        const text = `the ${what()} is that of another entry too, at ${placeOf(holder.source, holder.path)}: change or remove one`;
        problems.add(entry.source, [...entry.path, field], text);
      }
    }
  }
}

/** Entries that set nothing themselves share what their defaults come to, and its faults are told once. */
function checkPolicies(entries: readonly PlacedEntry[], defaults: Defaults, problems: Problems): void {
  const checked = new Set<Kind>();
  for (const { source, path, sound, findings } of entries) {
    const { kind } = sound;
    if (kind === undefined || findings.some((finding) => POLICY_NAMES.has(finding.path[0]))) continue;
    const own = ownPolicy(sound);
    const setsSomething = Object.keys(own).length > 0;
    if (!setsSomething && checked.has(kind)) continue;
    if (!setsSomething) checked.add(kind);
    problems.addAll(source, path, policyFindings(kind, resolvePolicy(kind, defaults, own)));
  }
}

const POLICY_NAMES: ReadonlySet<PropertyKey | undefined> = new Set(POLICY_FIELDS);
