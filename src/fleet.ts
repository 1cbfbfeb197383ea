import { SecretStoreError } from './errors';
import type { Observation, SecretStore } from './secret-store';
import type { Credential, Log } from './types';

/** What the credentials' secrets say, by one list of them all. */
export interface FleetDeps {
  /** Every secret that carries our tag; may lag. */
  readonly fleet: () => AsyncIterable<Observation>;
  /** Shown every secret that the list held, of all kinds, before anything is decided. */
  readonly look?: (fleet: readonly Observation[]) => Promise<void>;
  readonly store: Pick<SecretStore, 'observe'>;
  readonly log: Log;
}

/** A credential and its secret; undefined: the secret does not exist. */
export type Found = readonly [Credential, Observation | undefined];

const AT_ONCE = 16;

/** One call per 100 credentials; what the list does not show is asked for one by one. */
export async function observeAll(credentials: readonly Credential[], deps: FleetDeps): Promise<readonly Found[]> {
  if (credentials.length === 0) return [];
  const listed = new Map<string, Observation>();
  for await (const observation of deps.fleet()) listed.set(observation.secretName, observation);
  await deps.look?.([...listed.values()]);
  const found = credentials.map((credential) => [credential, listed.get(credential.secretName)] as const);
  const unlisted = found.flatMap(([credential, seen]) => (seen === undefined ? [credential] : []));
  return [...found.filter(([, seen]) => seen !== undefined), ...(await askEach(unlisted, deps))];
}

export async function askEach(credentials: readonly Credential[], deps: FleetDeps): Promise<readonly Found[]> {
  const asked: Found[] = [];
  for (let n = 0; n < credentials.length; n += AT_ONCE) {
    const answers = await Promise.all(credentials.slice(n, n + AT_ONCE).map((credential) => ask(credential, deps)));
    asked.push(...answers.flat());
  }
  return asked;
}

/** One secret that cannot be looked at costs the others nothing, and is not taken for missing. */
async function ask(credential: Credential, { store, log }: FleetDeps): Promise<readonly Found[]> {
  try {
    return [[credential, await store.observe(credential)]];
  } catch (error) {
    if (!(error instanceof SecretStoreError)) throw error;
    log.alarm('secret-store-refused', { credential: credential.id, ...error.fields }, error.message);
    return [];
  }
}
