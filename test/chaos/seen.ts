import { type GrantQuery, matches } from '../sandbox/grants';
import type { GrantView } from '../sandbox/inspection/grant-view';
import { queryOfStoredValue } from '../sandbox/inspection/stored-value';
import type { Deviation } from '../sandbox/journal';
import type { Secret, Version } from '../sandbox/secrets-manager/secret';
import type { Move } from '../sandbox/secrets-manager/shelf';
import type { SandboxUrls } from '../sandbox/start';
import type { Audited } from '../support/audit';

/** A sandbox in another process, as it was at one moment. */
export interface Seen extends Audited {
  /** Every move of a staging label so far, oldest first. */
  readonly moves: readonly Move[];
}

interface LaidOpen {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly changedAt: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly versions: readonly {
    readonly id: string;
    readonly createdAt: number;
    readonly stages: readonly string[];
    readonly SecretString: string;
  }[];
}

/** Asks the doors beside the wire, past everything that is shut for the workers. */
export async function seenOf({ inspection, secretsManager }: SandboxUrls): Promise<Seen> {
  const store = `${secretsManager}/_sandbox`;
  const { moves } = await asked<{ moves: readonly Move[] }>('GET', `${store}/moves`);
  const { secrets: open } = await asked<{ secrets: readonly LaidOpen[] }>('GET', `${store}/secrets`);
  const grants = await asked<readonly GrantView[]>('GET', `${inspection}/grants`);
  const deviations = await asked<readonly Deviation[]>('GET', `${inspection}/deviations`);
  const secrets = open.map(secretOf);
  const find = (query: GrantQuery, alive?: boolean): GrantView[] =>
    grants.filter((grant) => matches(grant, query) && (alive === undefined || grant.alive === alive));
  return {
    moves,
    secretsManager: { store: { secrets: () => secrets } },
    control: {
      grants: ({ alive, ...query } = {}) => find(query, alive),
      storedValueWorks(kind, value) {
        const query = queryOfStoredValue(kind, value);
        return query !== null && find(query).some(({ works }) => works);
      },
      deviations: () => deviations,
    },
  };
}

/** One call of a stand-in's door for tests. */
export async function asked<T>(method: string, url: string, body?: unknown): Promise<T> {
  const response = await fetch(url, { method, body: body === undefined ? null : JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`);
  return JSON.parse(text);
}

function secretOf({ versions, tags, ...rest }: LaidOpen): Secret {
  const version = ({ id, createdAt, SecretString }: LaidOpen['versions'][number]): [string, Version] => [
    id,
    { id, createdAt, value: { SecretString } },
  ];
  const labels = versions.flatMap(({ id, stages }) => stages.map((stage): [string, string] => [stage, id]));
  return {
    ...rest,
    tags: new Map(Object.entries(tags)),
    versions: new Map(versions.map(version)),
    labels: new Map(labels),
  };
}
