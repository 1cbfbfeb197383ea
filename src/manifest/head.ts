// What stands above the entries: providers, schedules, defaults, limits and the names of included files.

import { z } from 'zod';
import type { Account } from '../types';
import { accountFindings, type Environment } from './account-rules';
import { type ParsedAccount, parseAccount } from './accounts';
import { isObject } from './entries';
import { parseWith } from './explain';
import type { Defaults } from './policy';
import { DEFAULTS } from './policy-fields';
import type { Problems } from './problems';
import { SCHEDULES, type Schedules } from './schedules';
import type { Source } from './source';

export interface Limits {
  /** Share of its entries that a sweep may find missing and still create. */
  readonly createShare: number;
  /** Share of the secrets that carry our tag that may be without an entry; a manifest that lost more is refused. */
  readonly lostShare: number;
  /** How many grants a sweep may have revoked within a day, as a share of its entries; 1: any number. */
  readonly revokeShare: number;
  /** So many a sweep may always have revoked within a day, however few entries it has. */
  readonly revokeAtLeast: number;
  /** Over all replicas; AWS allows 50 a second per account and Region, to everybody in it. */
  readonly secretsManagerWritesPerSecond: number;
}

const share = (usual: number, meaning: string) =>
  z.number().min(0).max(1).default(usual).describe(`${meaning}; default ${usual}`);

export const LIMITS = z
  .strictObject({
    createShare: share(
      0.1,
      'the share of its entries that a sweep may find missing and still create; 1 for a first run',
    ),
    lostShare: share(
      0.1,
      'the share of the secrets that are ours, by their tag, that may have lost their entry; a manifest that lost more (5 or more) is refused; 1 for any number',
    ),
    revokeShare: share(
      0.05,
      'how many grants a sweep may have revoked in 24 hours, as a share of its entries; beyond that it waits for `rotator release`; 1 for any number',
    ),
    revokeAtLeast: z
      .int()
      .min(0)
      .max(100_000)
      .default(10)
      .describe('so many a sweep may always have revoked in 24 hours, however few entries it has; default 10'),
    secretsManagerWritesPerSecond: z
      .number()
      .min(1)
      .max(50)
      .default(40)
      .describe('over all replicas; AWS allows 50 a second to everybody in the account and Region; default 40'),
  })
  .prefault({});

const GLOB = z.string().min(1);
export const INCLUDE = z
  .array(GLOB)
  .default([])
  .describe('globs of files that hold further credentials, relative to the folder of this file');

const part = z.unknown().optional();
const SECTIONS = z.strictObject({
  ...{ providers: part, schedules: part, defaults: part, limits: part, include: part, credentials: part },
});

const ACCOUNTS = z.record(z.string(), z.unknown()).describe('a map of the named accounts at the vendors');

/** A part is undefined where it is wrong, so that nothing that rests on it is judged. */
export interface Head {
  readonly declared: ReadonlyMap<string, ParsedAccount> | undefined;
  readonly schedules: Schedules | undefined;
  readonly defaults: Defaults | undefined;
  readonly limits: Limits | undefined;
  readonly include: readonly string[];
}

export function readHead(root: Source, env: Environment | undefined, problems: Problems): Head {
  const sections = parseWith(SECTIONS, root.data);
  if ('findings' in sections) problems.addAll(root, [], sections.findings);
  const data = isObject(root.data) ? root.data : {};
  const section = <S extends z.ZodType>(name: keyof typeof SECTIONS.shape, schema: S): z.output<S> | undefined => {
    const result = parseWith(schema, data[name]);
    if ('value' in result) return result.value;
    if (isObject(root.data)) problems.addAll(root, [name], result.findings);
    return undefined;
  };
  const accounts = section('providers', ACCOUNTS);
  return {
    declared: accounts && readAccounts(root, accounts, env, problems),
    schedules: section('schedules', SCHEDULES),
    defaults: section('defaults', DEFAULTS.prefault({})),
    limits: section('limits', LIMITS),
    include: section('include', INCLUDE) ?? [],
  };
}

function readAccounts(
  root: Source,
  raw: Readonly<Record<string, unknown>>,
  env: Environment | undefined,
  problems: Problems,
): ReadonlyMap<string, ParsedAccount> {
  const declared = new Map(Object.entries(raw).map(([name, value]) => [name, parseAccount(name, value)]));
  for (const [name, { findings }] of declared) problems.addAll(root, ['providers', name], findings);
  const sound = [...declared.values()].flatMap(({ account }): Account[] => (account === undefined ? [] : [account]));
  problems.addAll(root, ['providers'], accountFindings(sound, env));
  return declared;
}
