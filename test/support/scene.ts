import { randomUUID } from 'node:crypto';
import type { JobsOptions } from 'bullmq';
import type { Kind } from '../../src/types';
import { type Sandbox, type SandboxOptions, startSandbox } from '../sandbox/start';
import { afterFile } from './after-file';
import { type Audit, audit } from './audit';
import { type Company, type CompanyCredential, type CompanyOptions, foundCompany } from './company';
import { type Holdings, holdingsOf, isIntent, isUnfinished, isUnsettled } from './holdings';
import { startRedis } from './redis-server';
import { type Answer, asked, openSender, type Sender } from './sender';
import { temporaryFolder } from './temporary-folder';
import { until } from './until';
import { type LogLine, startWorkerProcess, type WorkerProcess } from './worker-process';

export interface SceneOptions extends CompanyOptions {
  readonly sandbox?: SandboxOptions;
  /** A Redis of its own, for a scene that stops or flushes it; else the one that tests share. */
  readonly redisUrl?: string;
}

/** A company, its vendors and its store in this process, and workers as processes of their own. */
export interface Scene {
  readonly sandbox: Sandbox;
  readonly company: Company;
  readonly redis: { readonly url: string; readonly prefix: string };
  readonly sender: Sender;
  /** Starts a worker; waits until it says that it has started. */
  startWorker(env?: Readonly<Record<string, string>>, where?: { readonly cwd?: string }): Promise<WorkerProcess>;
  holdings(credential: CompanyCredential): Holdings;
  /** The tags of any secret. */
  tagsOf(secret: string): Holdings['tags'];
  /** The first credential of a kind. */
  credential(kind: Kind): CompanyCredential;
  /** One of a kind that was not handed out before: for files whose tests share a scene. */
  untouched(kind?: Kind): CompanyCredential;
  /** Asks for the rotation of these credentials, all by default, and waits for the answers. */
  rotate(credentials?: readonly CompanyCredential[], more?: object, options?: JobsOptions): Promise<Answer[]>;
  /** Waits until every credential holds a promoted value other than the one given (any, where none is), settled. */
  finished(than?: ReadonlyMap<string, string | undefined>): Promise<void>;
  /** AWSCURRENT of every credential, by its id. */
  current(): ReadonlyMap<string, string | undefined>;
  audit(): Audit;
  /** The names of the alarms that any worker has raised, each once. */
  alarms(): readonly string[];
  until(condition: () => unknown, what: string): Promise<void>;
}

const WITHIN_MS = 40_000;

export async function openScene({ sandbox: start = {}, redisUrl, ...options }: SceneOptions): Promise<Scene> {
  const sandbox = await startSandbox(start);
  afterFile(() => sandbox.stop());
  const company = foundCompany(sandbox, temporaryFolder(), options);
  const redis = { url: redisUrl ?? (await sharedRedis()), prefix: ownPrefix() };
  const sender = openSender(redis);
  const workers: WorkerProcess[] = [];
  const { credentials } = company;
  const handedOut = new Set<CompanyCredential>();
  const holdings = ({ secret }: CompanyCredential): Holdings => holdingsOf(sandbox, secret);
  const waitFor = async (condition: () => unknown, what: string | (() => string)): Promise<void> => {
    const words = (): string => (typeof what === 'string' ? what : what());
    await until(condition, { withinMs: WITHIN_MS, what: () => `${words()}\n${tail(workers)}` });
  };

  return {
    sandbox,
    company,
    redis,
    sender,
    holdings,
    tagsOf: (secret) => holdingsOf(sandbox, secret).tags,
    credential(kind) {
      const found = credentials.find((one) => one.kind === kind);
      if (found === undefined) throw new Error(`the company has no ${kind}`);
      return found;
    },
    untouched(kind = 'flinks-auth-secret') {
      const found = credentials.find((one) => one.kind === kind && !handedOut.has(one));
      if (found === undefined) throw new Error(`no ${kind} is left`);
      handedOut.add(found);
      return found;
    },
    async startWorker(env = {}, where = {}) {
      const known = { ...company.env, REDIS_URL: redis.url, BULLMQ_PREFIX: redis.prefix };
      const worker = startWorkerProcess({ ...known, ...env }, where);
      workers.push(worker);
      await worker.logged({ msg: 'worker started' });
      return worker;
    },
    rotate: (wanted = credentials, more = {}, jobOptions = {}) =>
      Promise.all(wanted.map(({ id }) => sender.ask('rotate', { ...asked(id), ...more }, jobOptions))),
    finished(than = new Map()) {
      const others = (): readonly CompanyCredential[] =>
        credentials.filter((one) => !isDone(one, holdings(one)) || holdings(one).current === than.get(one.id));
      const what = () => `every credential has a new value, settled; not ${others().map(({ id }) => id)}`;
      return waitFor(() => others().length === 0, what);
    },
    current: () => new Map(credentials.map((one) => [one.id, holdings(one).current])),
    audit: () => audit(sandbox, company),
    alarms: () => [
      ...new Set(
        workers.flatMap((worker) => worker.lines()).flatMap(({ alarm }) => (alarm === undefined ? [] : [alarm])),
      ),
    ],
    until: waitFor,
  };
}

const isDone = ({ kind }: CompanyCredential, holdings: Holdings): boolean =>
  holdings.current !== undefined &&
  !isIntent(holdings.current) &&
  !isUnfinished(holdings) &&
  (!isUnsettled(holdings) || kind === 'finicity-partner-secret'); // in the grace of the vendor for 30 days

/** What the workers said last, for the words of a failure. */
const tail = (workers: readonly WorkerProcess[]): string =>
  workers.flatMap((worker) => [`--- worker ${worker.pid}`, ...worker.lines().slice(-20).map(brief)]).join('\n');

const brief = ({ time, credential, alarm, step, reason, msg }: LogLine): string =>
  [time, credential, alarm, step, reason, msg].filter((part) => part !== undefined).join(' ');

let shared: Promise<string> | undefined;

/** Only used, never flushed or stopped: one for a test file. */
function sharedRedis(): Promise<string> {
  shared ??= process.env.TEST_REDIS_URL
    ? Promise.resolve(process.env.TEST_REDIS_URL)
    : startRedis().then(({ url }) => url);
  return shared;
}

const ownPrefix = (): string => `{${process.env.TEST_REDIS_PREFIX ?? 'rotation-test'}-${randomUUID().slice(0, 8)}}`;
