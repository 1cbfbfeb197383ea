// The manifest: which credentials there are, by what policy, through which accounts. docs: README, "The manifest".

import { InvariantError } from './errors';
import type { Environment } from './manifest/account-rules';
import type { ParsedAccount } from './manifest/accounts';
import { toCredential } from './manifest/credentials';
import { checkEntries, type PlacedEntry, readEntries } from './manifest/entry-list';
import { type Head, type Limits, readHead } from './manifest/head';
import { findIncluded } from './manifest/include';
import { policiesOf } from './manifest/policy';
import { collectProblems, type Problems } from './manifest/problems';
import type { Schedules } from './manifest/schedules';
import { readSource, type Source } from './manifest/source';
import { show } from './manifest/words';
import type { Account, Credential } from './types';

export interface Manifest {
  readonly accounts: ReadonlyMap<string, Account>;
  /** In the order of the files, and within them as written. */
  readonly credentials: readonly Credential[];
  readonly byId: ReadonlyMap<string, Credential>;
  readonly schedules: Schedules;
  readonly limits: Limits;
}

/**
 * @param env where given, the variables that references name must be set in it
 * @throws ConfigError with everything that is wrong, each with file and line
 */
export async function loadManifest(path: string, env?: Environment): Promise<Manifest> {
  const problems = collectProblems();
  const root = await readSource(path, path);
  problems.addSyntax(root);
  problems.throwIfAny(); // without it, nothing else is known
  const head = readHead(root, env, problems);
  const included = await readIncluded(path, root, head, problems);
  const entries = [root, ...included].flatMap((source) =>
    readEntries(source, source === root ? 'root' : 'included', problems),
  );
  checkEntries(entries, head, problems);
  problems.throwIfAny();
  return build(head, entries);
}

async function readIncluded(path: string, root: Source, head: Head, problems: Problems): Promise<Source[]> {
  const { files, matchless } = await findIncluded(path, head.include);
  for (const i of matchless)
    problems.add(root, ['include', i], `${show(head.include[i])} matches no other file: mend or remove it`);
  const sources: Source[] = [];
  for (const file of files) {
    const source = await readSource(file.path, file.name);
    problems.addSyntax(source);
    if (source.syntax.length === 0) sources.push(source);
  }
  return sources;
}

/** Nothing is wrong, so every part is there. */
function build(
  { declared = new Map<string, ParsedAccount>(), schedules, defaults, limits }: Head,
  entries: readonly PlacedEntry[],
): Manifest {
  if (schedules === undefined || defaults === undefined || limits === undefined) {
    throw new InvariantError('a manifest with a part missing was found faultless');
  }
  const accounts = new Map<string, Account>();
  for (const [name, { account }] of declared) if (account !== undefined) accounts.set(name, account);
  const policyOf = policiesOf(defaults);
  const credentials = entries.flatMap(({ entry }): Credential[] => {
    const account = accounts.get(entry?.account ?? '');
    return entry === undefined || account === undefined ? [] : [toCredential(entry, account, policyOf)];
  });
  const byId = new Map(credentials.map((credential) => [credential.id, credential]));
  return { accounts, credentials, byId, schedules, limits };
}
