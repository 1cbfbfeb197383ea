import type { Store } from '../sandbox/secrets-manager/store';

/** The secrets of a stand-in in this process, or as they were seen in that of another. */
export interface WithSecrets {
  readonly secretsManager: { readonly store: Pick<Store, 'secrets'> };
}

/** What one secret holds, read past every fault through the stand-in's own door. */
export interface Holdings {
  /** Version ids by staging label. */
  readonly current: string | undefined;
  readonly previous: string | undefined;
  readonly pending: string | undefined;
  readonly givenUp: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  /** What a version holds; undefined where there is no such version. */
  value(version: string | undefined): unknown;
  /** Versions that hold a vendor's answer, labelled or not, in the order of their creation. */
  readonly answers: readonly string[];
  /** Attempts that were begun, however they ended. */
  readonly intents: readonly string[];
}

const RECORD = '"rotation:record"';
const INTENT = `${RECORD}:"intent"`;
const NOTHING: Holdings = {
  current: undefined,
  previous: undefined,
  pending: undefined,
  givenUp: undefined,
  tags: {},
  value: () => undefined,
  answers: [],
  intents: [],
};

/** Nothing at all where the secret does not exist. */
export function holdingsOf(sandbox: WithSecrets, name: string): Holdings {
  const secret = sandbox.secretsManager.store.secrets().find((one) => one.name === name);
  if (secret === undefined) return NOTHING;
  const { labels, versions, tags } = secret;
  const text = (version: string): string => {
    const value = versions.get(version)?.value;
    return value !== undefined && 'SecretString' in value ? value.SecretString : '';
  };
  return {
    current: labels.get('AWSCURRENT'),
    previous: labels.get('AWSPREVIOUS'),
    pending: labels.get('AWSPENDING'),
    givenUp: labels.get('ROTATION_GIVEN_UP'),
    tags: Object.fromEntries(tags ?? []),
    value: (version) => (version === undefined || !versions.has(version) ? undefined : JSON.parse(text(version))),
    answers: [...versions.keys()].filter((version) => !text(version).includes(RECORD) && !version.startsWith('try')),
    intents: [...versions.keys()].filter((version) => text(version).includes(INTENT)),
  };
}

export const isIntent = (version: string | undefined): boolean => version?.startsWith('intent-') ?? false;

/** Is there an attempt that somebody has to finish? */
export const isUnfinished = ({ current, previous, pending, givenUp }: Holdings): boolean =>
  pending !== undefined && ![current, previous, givenUp].includes(pending);

/** Is AWSPREVIOUS a value that nobody has settled yet? */
export const isUnsettled = ({ previous, tags }: Holdings): boolean =>
  previous !== undefined && !isIntent(previous) && !tags['rotation:revoked']?.split(' ').includes(previous);
