import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Audit } from '../support/audit';
import type { Company, CompanyOptions } from '../support/company';
import { type Holdings, isIntent, isUnfinished, isUnsettled } from '../support/holdings';
import { openSender, type Sender } from '../support/sender';
import { temporaryFolder } from '../support/temporary-folder';
import type { WorkerProcess } from '../support/worker-process';
import { type Life, startCrew } from './crew';
import { happens, play } from './lanes';
import { type OwnSandbox, startOwnSandbox } from './own-sandbox';
import { makePerson, type Person, type Row } from './person';
import { type ChaosRedis, startChaosRedis } from './redis-lane';
import { auditAtRest, everyone, rotated } from './rest';
import type { Happened, Run } from './run';
import { picked, type Sent } from './sending';
import { type Happening, timelineOf, WORKERS } from './timeline';

export interface ChaosOptions {
  readonly seed: number;
  readonly seconds: number;
  /** How many, of all kinds. */
  readonly credentials: number;
  /** Of the workers, over what they need. */
  readonly env?: Readonly<Record<string, string>>;
  /** How often things happen: 2 is twice as often. */
  readonly dense?: number;
  /** How old a value may become. */
  readonly rotateEverySeconds: number;
  /** SIGKILLs afterwards while everything else is well, for the figures of how soon is resumed what they leave. */
  readonly killsInCalm: number;
  /** How long it may take afterwards until everything due is rotated; generous, since jobs and accounts rest after failures. */
  readonly quietSeconds: number;
}

/** A chaos run that is over: at rest, with one worker that still works, and everything that there was. */
export interface Chaos {
  readonly timeline: readonly Happening[];
  readonly happened: readonly Happened[];
  readonly sandbox: OwnSandbox;
  readonly company: Company;
  readonly redis: ChaosRedis & { readonly prefix: string };
  readonly sender: Sender;
  /** Every worker process that there was, with all of its output. */
  readonly workers: readonly WorkerProcess[];
  readonly lives: readonly Life[];
  readonly person: Person;
  readonly sent: readonly Sent[];
  /** From when on nothing happened any more. */
  readonly quietAt: number;
  /** How long it took until everything due had been rotated since, or was left to a person. */
  readonly quietMs: number;
  /** How often a person had to clear the logins to Finicity. */
  readonly loginsCleared: number;
  /** Who was left to a person after that, and why. */
  readonly leftToAPerson: readonly Row[];
  /** The exit codes of workers that were stopped by SIGTERM. */
  readonly exits: readonly (number | null)[];
  audit(): Promise<Audit>;
}

const START_WITHIN_MS = 120_000;
const POLICY = (rotateEverySeconds: number) => ({
  rotateEvery: `${rotateEverySeconds}s`,
  grace: '1s',
  'finout-api-token': { rotateEvery: '365d' },
  'flinks-auth-secret': { rollbackByMessage: true },
  'finicity-access-key': { validity: '730d', renewBefore: '1d' },
});

/** Tokens and receipts that are prolonged are few, the rest are of the three kinds in equal parts. */
function companyOf({ credentials, rotateEverySeconds }: ChaosOptions): CompanyOptions {
  const few = Math.max(1, Math.round(credentials / 15));
  const perKind = Math.floor((credentials - 2 * few) / 3);
  const extended = credentials - few - 3 * perKind;
  return { perKind, extended, tokens: few, timeout: '2s', defaults: POLICY(rotateEverySeconds) };
}

export async function playChaos(options: ChaosOptions): Promise<Chaos> {
  const { seed, seconds, dense = 1, env = {}, quietSeconds } = options;
  const timeline = timelineOf(seed, seconds, dense);
  const sandbox = await startOwnSandbox(temporaryFolder(), companyOf(options));
  const { company } = sandbox;
  const redis = Object.assign(await startChaosRedis(temporaryFolder()), {
    prefix: `{chaos-${randomUUID().slice(0, 8)}}`,
  });
  const sender = openSender(redis);
  const person = makePerson(sandbox, redis);
  const crew = startCrew({ ...company.env, REDIS_URL: redis.url, BULLMQ_PREFIX: redis.prefix, ...env });
  const run: Run = { sandbox, redis, sender, person, crew, quietMs: quietSeconds * 1_000, happened: [], sent: [] };
  const onCall = person.watchesLogins();
  const quiet = await goThrough(run, timeline, options).finally(onCall.stop);

  company.edit(({ defaults }) => {
    defaults.rotateEvery = '365d';
  });
  const exits = await crew.stop();
  await crew.startOne();
  await everyone(run, company.credentials, (one) => !isUnfinished(one) && !isUnsettled(one), run.quietMs);
  await person.deletesUnstored();
  return {
    ...{ timeline, sandbox, company, redis, sender, person, exits },
    ...quiet,
    loginsCleared: onCall.cleared(),
    ...{ happened: run.happened, sent: run.sent, lives: crew.lives },
    workers: crew.lives.map(({ worker }) => worker),
    audit: () => auditAtRest(sandbox),
  };
}

type Quiet = Pick<Chaos, 'quietAt' | 'quietMs' | 'leftToAPerson'>;

/** First values, then trouble, then quiet until everything due is rotated, and at last what is left for a person. */
async function goThrough(
  run: Run,
  timeline: readonly Happening[],
  { killsInCalm, seed }: ChaosOptions,
): Promise<Quiet> {
  const { crew, person } = run;
  const { credentials, tokens } = run.sandbox.company;
  const hasValue = ({ current }: Holdings): boolean => current !== undefined && !isIntent(current);
  await crew.ready();
  await Promise.all(tokens.map((token) => person.imports(token)));
  await everyone(run, credentials, hasValue, START_WITHIN_MS);

  await play(run, timeline);
  const quietAt = Date.now();
  await crew.ready();
  const leftToAPerson = await rotated(run, credentials, quietAt);
  const quietMs = Date.now() - quietAt;

  const helped = credentials.filter(({ id }) => leftToAPerson.some((row) => row.id === id));
  for (const one of helped) await person.resolves(one);
  await rotated(run, helped, Date.now());
  await killInCalm(run, killsInCalm, seed);
  return { quietAt, quietMs, leftToAPerson };
}

const CALM_PAUSE_MS = 6_000;

async function killInCalm(run: Run, kills: number, seed: number): Promise<void> {
  for (let n = 0; n < kills; n += 1) {
    const lane = picked(WORKERS, ((seed + n) % WORKERS.length) / WORKERS.length);
    await happens(run, { at: 0, lane, what: 'kill', forMs: 0, pick: 0 });
    await sleep(CALM_PAUSE_MS);
    await run.crew.ready();
  }
}
