// What zod finds, in words for the people who write manifests.

import { z } from 'zod';
import { NOT_SHOWN } from './fields';
import type { Finding } from './problems';
import { didYouMean, show } from './words';

type RawIssue = z.core.$ZodRawIssue;

/** Parses, or says everything that is wrong; nothing is quoted that could be a secret (see fields.ts, reference). */
export function parseWith<S extends z.ZodType>(
  schema: S,
  data: unknown,
): { readonly value: z.output<S> } | { readonly findings: readonly Finding[] } {
  const result = schema.safeParse(data, { error: explain });
  return result.success ? { value: result.data } : { findings: result.error.issues.flatMap(findingsOf) };
}

function findingsOf(issue: z.core.$ZodIssue): Finding[] {
  if (issue.code === 'unrecognized_keys' && issue.message !== NOT_SHOWN) {
    const texts = issue.message.split('\n'); // one line for each key: see unknownKeys
    return issue.keys.map((key, i) => ({ path: [...issue.path, key], text: texts[i] ?? 'is not known here' }));
  }
  if (issue.code === 'invalid_key') return issue.issues.map(({ message }) => ({ path: issue.path, text: message }));
  const nearest = issue.code === 'invalid_union' ? nearestBranch(issue.errors) : undefined;
  if (nearest === undefined) return [{ path: issue.path, text: issue.message }];
  return nearest.flatMap(findingsOf).map(({ path, text }) => ({ path: [...issue.path, ...path], text }));
}

/** The alternative that the value was meant to be: the one whose type it has, where only one has. */
function nearestBranch(branches: z.core.$ZodIssue[][]): z.core.$ZodIssue[] | undefined {
  const isOtherType = ({ path, code }: z.core.$ZodIssue): boolean =>
    path.length === 0 && (code === 'invalid_type' || code === 'invalid_value');
  const near = branches.filter((issues) => !issues.some(isOtherType));
  return near.length === 1 ? near[0] : undefined;
}

function explain(issue: RawIssue): string | undefined {
  const { input } = issue;
  switch (issue.code) {
    case 'unrecognized_keys':
      return unknownKeys(issue);
    case 'invalid_type':
      return wrongType(issue.expected, input, meaningOf(issue.inst));
    case 'invalid_value':
      return oneOf(input, issue.values.map(String));
    case 'too_small':
      return Array.isArray(input) || issue.origin === 'string'
        ? 'is empty: write at least one, or remove the line'
        : `${show(input)} is too small: write at least ${issue.minimum}`;
    case 'too_big':
      return Array.isArray(input) || issue.origin === 'string'
        ? `is too long: at most ${issue.maximum}`
        : `${show(input)} is too large: write at most ${issue.maximum}`;
    default:
      return undefined;
  }
}

function oneOf(word: unknown, known: readonly string[]): string {
  const choice = `${known.length === 1 ? '' : 'one of '}${known.join(', ')}`;
  if (word === undefined) return `is missing: write ${choice}`;
  const guess = didYouMean(String(word), known);
  return `${show(word)} is not known${guess === '' ? `: write ${choice}` : `${guess} Write ${choice}`}`;
}

function unknownKeys(issue: RawIssue & { readonly code: 'unrecognized_keys' }): string {
  const known = issue.inst instanceof z.ZodObject ? Object.keys(issue.inst.shape) : [];
  return issue.keys.map((key) => unknownKey(key, known)).join('\n');
}

const LONGEST_LIST = 14;

export function unknownKey(key: string, known: readonly string[]): string {
  const list = known.length > LONGEST_LIST ? '; rotation.schema.json lists what is' : `; known are ${known.join(', ')}`;
  return `is not known here${didYouMean(key, known) || list}`;
}

const NEEDED: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a map of names and values',
  record: 'a map of names and values',
  array: 'a list',
};

function wrongType(expected: string, input: unknown, meaning: string): string {
  const needed = NEEDED[expected] ?? expected;
  if (input === undefined) return `is missing: write ${meaning === '' ? needed : meaning}`;
  if (input === null) return `is empty: write ${meaning === '' ? needed : meaning}, or remove the line`;
  if (expected === 'string' && (typeof input === 'number' || typeof input === 'boolean')) {
    return `${show(input)} is read as a ${typeof input}: put it in quotes`;
  }
  return `is ${show(input)}: write ${needed}`;
}

const meaningOf = (inst: unknown): string =>
  inst instanceof z.ZodType ? (z.globalRegistry.get(inst)?.description ?? '') : '';
