import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  CreateSecretCommandInput,
  ListSecretsCommandInput,
  SecretListEntry,
} from '@aws-sdk/client-secrets-manager';
import { type Calls, makeCalls, makeClient, makeTokenlessClient } from './client';
import { Unmet } from './expect';

/** Version id -> its labels, sorted; versions without label left out. */
export type LabelMap = Record<string, string[]>;

/** A secret under test: `first` is the id of its first version. */
interface Made {
  readonly name: string;
  readonly first: string;
}
interface Staged extends Made {
  readonly second: string;
}

/** The endpoint under test, and what most cases begin with. */
export interface Subject extends Calls {
  /** Begins every name of this run, so that runs do not meet. */
  readonly run: string;
  /** The same calls without a ClientRequestToken on the wire. */
  readonly tokenless: Calls;
  /** A fresh name; whatever is made under it is deleted at the end. */
  name(tag?: string): string;
  /** Takes a name of the case's own making to be deleted at the end. */
  remember(name: string): string;
  /** A secret with one value. */
  secret(value?: string, more?: Partial<CreateSecretCommandInput>): Promise<Made>;
  /** A secret with the values v1, AWSCURRENT, and v2, AWSPENDING. */
  staged(): Promise<Staged>;
  /** The same, scheduled for deletion. */
  scheduled(): Promise<Staged>;
  /** Puts a value and gives the version id. */
  putValue(name: string, value: string, stages?: string[], token?: string): Promise<string>;
  move(name: string, stage: string, from: string | undefined, to: string | undefined): Promise<unknown>;
  labels(name: string): Promise<LabelMap>;
  tags(name: string): Promise<Record<string, string | undefined>>;
  listed(input: ListSecretsCommandInput): Promise<SecretListEntry[]>;
  /** Tries until the expectation holds or the time to settle is over: listing and deletion are eventually consistent. */
  settled<T>(attempt: () => Promise<T>): Promise<T>;
  /** Deletes what was made and closes the connections. */
  clear(): Promise<void>;
}

export const token = () => randomUUID();
export const holders = (labels: LabelMap, stage: string) =>
  Object.keys(labels).filter((id) => labels[id]?.includes(stage));
export const unique = <T>(values: readonly T[]) => [...new Set(values)];
export const times = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => make(index));

export function makeSubject(endpoint: string, settleMs = 5000): Subject {
  const client = makeClient(endpoint);
  const tokenlessClient = makeTokenlessClient(endpoint);
  const calls = makeCalls(client);
  const run = `cf${randomBytes(4).toString('hex')}`;
  const made = new Set<string>();

  const remember = (name: string) => {
    made.add(name);
    return name;
  };
  // Ends in x: a name must not end with a hyphen and six characters, which reads as the suffix of an ARN.
  const name = (tag = 's') => remember(`${run}/${tag}-${made.size}x`);

  const secret: Subject['secret'] = async (value = 'v1', more = {}) => {
    const first = token();
    const Name = name();
    await calls.create({ Name, SecretString: value, ClientRequestToken: first, ...more });
    return { name: Name, first };
  };

  const putValue: Subject['putValue'] = async (SecretId, SecretString, VersionStages, ClientRequestToken = token()) => {
    await calls.put({ SecretId, SecretString, ClientRequestToken, VersionStages });
    return ClientRequestToken;
  };

  const staged = async () => {
    const begun = await secret();
    return { ...begun, second: await putValue(begun.name, 'v2', ['AWSPENDING']) };
  };

  return {
    ...calls,
    run,
    tokenless: makeCalls(tokenlessClient),
    name,
    remember,
    secret,
    staged,
    putValue,
    async scheduled() {
      const made = await staged();
      await calls.delete({ SecretId: made.name, RecoveryWindowInDays: 7 });
      return made;
    },
    move: (SecretId, VersionStage, RemoveFromVersionId, MoveToVersionId) =>
      calls.stage({ SecretId, VersionStage, RemoveFromVersionId, MoveToVersionId }),
    async labels(SecretId) {
      const { VersionIdsToStages = {} } = await calls.describe({ SecretId });
      const labelled = Object.entries(VersionIdsToStages).filter(([, stages]) => stages.length > 0);
      return Object.fromEntries(labelled.map(([id, stages]) => [id, [...stages].sort()]));
    },
    async tags(SecretId) {
      const { Tags = [] } = await calls.describe({ SecretId });
      return Object.fromEntries(Tags.map(({ Key = '', Value }) => [Key, Value]));
    },
    listed: async (input) => (await calls.list(input)).SecretList ?? [],
    settled: (attempt) => settled(attempt, Date.now() + settleMs),
    async clear() {
      await deleteAll(calls, [...made]);
      client.destroy();
      tokenlessClient.destroy();
    },
  };
}

/** As AWS admits 50 deletions a second, not all at once. */
async function deleteAll(calls: Calls, names: readonly string[]): Promise<void> {
  const [batch, rest] = [names.slice(0, 25), names.slice(25)];
  const deletions = batch.map((SecretId) => calls.delete({ SecretId, ForceDeleteWithoutRecovery: true }));
  await Promise.allSettled(deletions);
  if (rest.length > 0) await deleteAll(calls, rest);
}

async function settled<T>(attempt: () => Promise<T>, deadline: number): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof Unmet) || Date.now() > deadline) throw error;
      await sleep(200);
    }
  }
}
