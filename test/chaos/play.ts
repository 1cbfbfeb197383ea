import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { NEEDS_A_PERSON } from '../../src/rotation-context';
import { parseVersionId } from '../../src/version-ids';
import { type Audit, audit } from '../support/audit';
import type { Company, CompanyCredential, CompanyOptions } from '../support/company';
import { type Holdings, holdingsOf, isIntent, isUnfinished, isUnsettled } from '../support/holdings';
import { openSender, type Sender } from '../support/sender';
import { temporaryFolder } from '../support/temporary-folder';
import { until } from '../support/until';
import type { WorkerProcess } from '../support/worker-process';
import { type Crew, type Life, startCrew } from './crew';
import { befallDoor } from './door-lane';
import { lastWords } from './last-words';
import { type OwnSandbox, startOwnSandbox } from './own-sandbox';
import { makePerson, type Person, type Row } from './person';
import { befall, type ChaosRedis, startChaosRedis } from './redis-lane';
import { picked, type Sent, send } from './sending';
import { DOORS, type DoorLane, type Happening, type Lane, timelineOf, WORKERS, type WorkerLane } from './timeline';

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

/** One event as it came about: host's time. */
export interface Happened {
  readonly lane: Lane;
  readonly what: string;
  readonly from: number;
  readonly to: number;
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
/** Until all that is under way, or was lost and listed, has come to its end. */
const REST_WITHIN_MS = 60_000;

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
  const { seed, seconds, dense = 1, env = {}, killsInCalm, quietSeconds } = options;
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
  await crew.ready();
  await Promise.all(company.tokens.map((token) => person.imports(token)));
  await everyone(
    run,
    company.credentials,
    ({ current }) => current !== undefined && !isIntent(current),
    START_WITHIN_MS,
  );

  await play(run, timeline);
  const quietAt = Date.now();
  await crew.ready();
  const leftToAPerson = await rotated(run, company.credentials, quietAt);
  const quietMs = Date.now() - quietAt;
  const helped = company.credentials.filter(({ id }) => leftToAPerson.some((row) => row.id === id));
  for (const one of helped) await person.resolves(one);
  const helpedAt = Date.now();
  await rotated(run, helped, helpedAt);
  await killInCalm(run, killsInCalm, seed);
  await onCall.stop();

  company.edit(({ defaults }) => {
    defaults.rotateEvery = '365d';
  });
  const exits = await crew.stop();
  await crew.startOne();
  await everyone(run, company.credentials, (one) => !isUnfinished(one) && !isUnsettled(one), run.quietMs);
  await person.deletesUnstored();
  return {
    ...{ timeline, sandbox, company, redis, sender, person, quietAt, quietMs, leftToAPerson, exits },
    loginsCleared: onCall.cleared(),
    ...{ happened: run.happened, sent: run.sent, lives: crew.lives },
    workers: crew.lives.map(({ worker }) => worker),
    audit: () => auditAtRest(sandbox),
  };
}

/** What was lost as a worker died is healed by sweeps: it has its time; what is left then is a violation. */
async function auditAtRest({ seen, company }: OwnSandbox): Promise<Audit> {
  let found = audit(await seen(), company);
  const look = async (): Promise<boolean> => {
    found = audit(await seen(), company);
    return found.violations.length === 0;
  };
  await until(look, { withinMs: REST_WITHIN_MS, everyMs: 500 }).catch(() => undefined);
  return found;
}

interface Run {
  readonly sandbox: OwnSandbox;
  readonly redis: ChaosRedis;
  readonly sender: Sender;
  readonly person: Person;
  readonly crew: Crew;
  readonly quietMs: number;
  readonly happened: Happened[];
  readonly sent: Sent[];
}

/** Each lane by itself: what befalls Redis does not wait for what befalls a vendor. */
async function play(run: Run, timeline: readonly Happening[]): Promise<void> {
  const from = Date.now();
  const lanes = new Set(timeline.map(({ lane }) => lane));
  await Promise.all(
    [...lanes].map((lane) =>
      playLane(
        run,
        timeline.filter((one) => one.lane === lane),
        from,
      ),
    ),
  );
}

async function playLane(run: Run, events: readonly Happening[], from: number): Promise<void> {
  for (const event of events) {
    await sleep(Math.max(0, from + event.at - Date.now()));
    await happens(run, event);
  }
}

async function happens(run: Run, event: Happening): Promise<void> {
  const { lane, what } = event;
  const from = Date.now();
  await perform(run, event);
  run.happened.push({ lane, what, from, to: Date.now() });
}

const isWorker = (lane: Lane): lane is WorkerLane => WORKERS.some((one) => one === lane);
const isDoor = (lane: Lane): lane is DoorLane => DOORS.some((one) => one === lane);

async function perform(run: Run, event: Happening): Promise<void> {
  const { lane, what, forMs, pick } = event;
  const { sandbox, redis, sender, person, crew } = run;
  if (isWorker(lane)) return crew.kill(lane, forMs);
  if (isDoor(lane)) return befallDoor(sandbox, lane, event);
  if (lane === 'redis') return befall(redis, sender.redis, event);
  if (lane === 'sender') return void run.sent.push(send(sender, sandbox.company, event));
  if (lane === 'person') {
    return person.imports(picked(sandbox.company.tokens, pick), what === 'import' ? undefined : forMs);
  }
  sandbox.process.signal('SIGSTOP');
  await sleep(forMs);
  sandbox.process.signal('SIGCONT');
}

/** Waits until every one of these credentials is as wanted. */
async function everyone(
  { sandbox, crew }: Run,
  credentials: readonly CompanyCredential[],
  isSo: (holdings: Holdings) => boolean,
  withinMs: number,
): Promise<void> {
  let others: readonly string[] = [];
  const look = async (): Promise<boolean> => {
    const seen = await sandbox.seen();
    others = credentials.filter(({ secret }) => !isSo(holdingsOf(seen, secret))).map(({ id }) => id);
    return others.length === 0;
  };
  const what = () => `every credential is so far; not ${others.join(', ')}\n${lastWords(crew.lives, others)}`;
  await until(look, { withinMs, everyMs: 300, what });
}

const isForAPerson = (state: string): boolean => ['suspected', ...NEEDS_A_PERSON].includes(state);

const ASK_AFTER_MS = 10_000;

/** Waits until each of them was rotated since then, or needs a person; gives the latter. */
async function rotated(run: Run, credentials: readonly CompanyCredential[], since: number): Promise<readonly Row[]> {
  const isDone = ({ current }: Holdings): boolean => issuedAt(current) >= since;
  let askAt = Date.now() + ASK_AFTER_MS;
  let left: readonly Row[] = [];
  let others: readonly CompanyCredential[] = credentials;
  const look = async (): Promise<boolean> => {
    const seen = await run.sandbox.seen();
    others = credentials.filter(({ secret }) => !isDone(holdingsOf(seen, secret)));
    if (others.length === 0 || Date.now() < askAt) return others.length === 0;
    askAt = Date.now() + ASK_AFTER_MS;
    const rows = await run.person.status();
    left = rows.filter(({ id, state }) => others.some((one) => one.id === id) && isForAPerson(state));
    return left.length === others.length;
  };
  const what = () => {
    const ids = others.map(({ id }) => id);
    return `everything due is rotated; not ${ids.join(', ')}\n${lastWords(run.crew.lives, ids)}`;
  };
  await until(look, { withinMs: run.quietMs, everyMs: 500, what });
  return left.filter(({ id }) => others.some((one) => one.id === id));
}

function issuedAt(version: string | undefined): number {
  const parsed = version === undefined ? undefined : parseVersionId(version);
  return parsed?.is === 'value' ? parsed.issuedAt : 0;
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
