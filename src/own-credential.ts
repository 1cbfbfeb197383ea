import { ProviderAuthError, SecretStoreError, type SecretStoreFailure } from './errors';
import { Sensitive } from './sensitive';
import type { Clock, OwnCredentialReference } from './types';

/** The AWSCURRENT value of a secret, as it stands in Secrets Manager. */
export type ReadSecret = (secretName: string) => Promise<Sensitive>;

/** One of the worker's own credentials, wherever it lives. */
export interface OwnCredential {
  get(): Promise<Sensitive>;
  /**
   * After the vendor refused `used`: reads anew. Undefined where the source still holds the same: sending that once more
   * could only be refused once more, and a vendor may count it as a failed login.
   */
  renew(used: Sensitive): Promise<Sensitive | undefined>;
}

export interface OwnCredentialDeps {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readSecret: ReadSecret;
  readonly clock: Pick<Clock, 'monotonic'>;
}

const CACHED_MS = 5 * 60 * 1000;

export function makeOwnCredential(deps: OwnCredentialDeps, reference: OwnCredentialReference): OwnCredential {
  let cached: { readonly value: Sensitive; readonly until: number } | undefined;
  let reading: Promise<Sensitive> | undefined;

  const read = async (): Promise<Sensitive> => {
    const value = await valueAt(deps, reference);
    cached = { value, until: deps.clock.monotonic() + CACHED_MS };
    return value;
  };
  /** Equal concurrent reads are joined. */
  const readOnce = (): Promise<Sensitive> => {
    reading ??= read().finally(() => {
      reading = undefined;
    });
    return reading;
  };
  const fresh = (): Sensitive | undefined =>
    cached !== undefined && deps.clock.monotonic() < cached.until ? cached.value : undefined;

  return {
    get: async () => fresh() ?? readOnce(),
    async renew(used) {
      const known = fresh();
      const value = known !== undefined && !same(known, used) ? known : await readOnce();
      return same(value, used) ? undefined : value;
    },
  };
}

const same = (a: Sensitive, b: Sensitive): boolean => a.reveal() === b.reveal();

async function valueAt(deps: OwnCredentialDeps, reference: OwnCredentialReference): Promise<Sensitive> {
  if ('secret' in reference)
    return fieldOf(await whereItIs(reference.secret, deps.readSecret(reference.secret)), reference);
  const value = deps.env[reference.env];
  if (value !== undefined && value !== '') return new Sensitive(value);
  throw new ProviderAuthError(`the environment variable ${reference.env} is not set`, { variable: reference.env });
}

/**
 * What is read of a secret that holds one of the worker's own credentials.
 * @throws ProviderAuthError where there is no such secret, or nothing in it: no job mends that, so its account is paused
 */
export function whereItIs<T>(secret: string, reading: Promise<T>): Promise<T> {
  return reading.catch((error: unknown) => {
    const gone = error instanceof SecretStoreError && GONE[error.failure];
    if (!gone) throw error;
    throw new ProviderAuthError(`the secret ${secret}, which holds a credential of the worker's own, ${gone}`, {
      secret,
    });
  });
}

const GONE: Readonly<Partial<Record<SecretStoreFailure, string>>> = {
  'not-found': 'does not exist, or is empty',
  'marked-for-deletion': 'is scheduled for deletion',
};

/**
 * One field of a secret that holds a JSON object.
 * @throws ProviderAuthError where it is not there; no text of the secret is in it
 */
export function fieldOf(
  text: Sensitive,
  { secret, key }: { readonly secret: string; readonly key: string },
): Sensitive {
  const value = objectIn(text)?.[key];
  if (typeof value === 'string' && value !== '') return new Sensitive(value);
  throw new ProviderAuthError(`the secret ${secret} is not a JSON object with a text under "${key}"`, { secret, key });
}

function objectIn(text: Sensitive): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text.reveal());
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined; // the parser's message quotes the text
  }
}
