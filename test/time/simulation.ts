import { DelayedError, type Job, UnrecoverableError } from 'bullmq';
import { IANAZone } from 'luxon';
import { accountProcessor, sweepProcessor } from '../../jobs/processors';
import type { AccountState } from '../../src/account-pause';
import { ownerLimitMs } from '../../src/decision';
import { dueTime } from '../../src/due';
import { importValue } from '../../src/import';
import type { Manifest } from '../../src/manifest';
import { decideRevocation, decideRotation } from '../../src/policy';
import { SWEEPS_QUEUE } from '../../src/queue/names';
import { nextRun as scheduledAfter } from '../../src/queue/next-run';
import { runJob } from '../../src/queue/process-job';
import { openSuspects, parseTags, resolvedSuspect } from '../../src/rotation-tags';
import { awsTags, secretStore } from '../../src/secrets-manager/secret-store';
import { type AlarmName, type Credential, type Instant, type Log, SWEEPS, type SweepName } from '../../src/types';
import { crashAt } from '../support/gates';
import { TRAITS } from '../support/traits';
import { type Company, foundCompany } from './company';
import { heapBy } from './heap';
import { memoryQueue, type QueuedJob } from './queue';
import type { Random } from './random';
import { type Replica, startReplica } from './replica';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const DUES_AT_START = 25;
/** A run is late after a minute, and looked at every three seconds. */
const WATCH_MS = 66_000;

/** What is done to the fleet at a time, besides what it does itself. */
export interface Disturbance {
  readonly at: Instant;
  run(fleet: Fleet): void | Promise<void>;
}

export interface SeenDue {
  readonly credential: string;
  readonly version: string;
  readonly from: Instant;
  readonly at: Instant;
  readonly seenAt: Instant;
}

/** Something did not answer, or nobody was there. */
export interface Outage {
  /** `workers`, `store`, an account, or one credential, by `credential` and its id. */
  readonly what: string;
  readonly from: Instant;
  readonly to: Instant;
}

export interface Fleet {
  readonly company: Company;
  readonly random: Random;
  readonly outages: Outage[];
  readonly alive: Replica[];
  /** Sweeps that were run, of those the ones over the whole list. */
  readonly ran: { sweeps: number; whole: number; jobs: number; kills: number; starts: number; checkedSweeps: number };
  /** When credentials fall due by policy, as processes saw it that had just started, and those beside them. */
  readonly dues: SeenDue[];
  /** What went wrong on the way. */
  readonly broken: string[];
  now(): Instant;
  start(skewMs: number): Promise<void>;
  /** At once, or with its next job in the midst of it. */
  kill(replica: Replica, inItsJob: boolean): void;
  emptyRedis(): void;
  later(ms: number, run: Disturbance['run']): void;
}

export interface Setting {
  readonly manifest: Manifest;
  readonly start: Instant;
  readonly end: Instant;
  readonly random: Random;
  /** How far the clock of each host is ahead. */
  readonly skewsMs: readonly number[];
  readonly disturbances: (fleet: Fleet) => readonly Disturbance[];
  /** Asked with what nobody has to do: a sweep that is skipped is run all the same, that often. */
  readonly checkEveryMs: number;
}

interface Look {
  readonly at: Instant;
  readonly sweep: SweepName;
  readonly credential: string;
  /** Void when the credential has another by now. */
  readonly turn: number;
}

const QUIET: Log = { info: () => undefined, warn: () => undefined, alarm: () => undefined };

const SWEEPS_OF: Readonly<Record<Credential['kind'], { rotates: SweepName; settles: SweepName }>> = {
  'flinks-outbound-recipient': { rotates: 'regenerate-outbound-secrets', settles: 'revoke-stale-flinks-permissions' },
  'flinks-auth-secret': { rotates: 'reissue-expiring-tokens', settles: 'revoke-stale-flinks-permissions' },
  'finicity-access-key': { rotates: 'reissue-expiring-tokens', settles: 'revoke-stale-finicity-receipts' },
  'finicity-partner-secret': { rotates: 'reissue-expiring-tokens', settles: 'revoke-stale-finicity-receipts' },
  'finout-api-token': { rotates: 'reissue-expiring-tokens', settles: 'reissue-expiring-tokens' },
};

/**
 * Runs a fleet through its years. The clock jumps to the next thing that is due: a job of the queue, a disturbance, or the next
 * sweep in which policy itself, by the `at` of its decisions, may find something; sweeps in between are skipped. That none
 * of them would have found anything is checked now and then, over the whole list.
 */
export async function simulate({
  manifest,
  start,
  end,
  random,
  skewsMs,
  checkEveryMs,
  ...given
}: Setting): Promise<Fleet> {
  const company = foundCompany(manifest, start, random);
  const { world } = company;
  const observer = secretStore(world.client(), world.clock);
  let skewNow = 0;
  const putBack = [
    replaced(Date, 'now', () => world.clock.now() + skewNow),
    replaced(Math, 'random', random.next),
    rememberOffsets(),
  ];

  const queue = memoryQueue(Date.now);
  const states = new Map<string, AccountState>();
  const disturbances = heapBy<Disturbance>(({ at }) => at);
  const looks = new Map(SWEEPS.map((name) => [name, heapBy<Look>(({ at }) => at)]));
  const turns = new Map<string, number>();
  /** The next run of each sweep's job scheduler, by the clock of the host that is furthest ahead. */
  const scheduled = new Map<SweepName, Instant>();
  const asked = new Set<string>();

  const furthest = (): number => Math.max(...fleet.alive.map(({ skewMs }) => skewMs));
  const as = async <T>(replica: Replica, work: () => Promise<T>): Promise<T> => {
    skewNow = replica.skewMs;
    try {
      return await work();
    } finally {
      skewNow = 0;
    }
  };
  const nextRun = (sweep: SweepName, after: Instant): Instant => {
    const { pattern, zone } = manifest.schedules[sweep];
    return scheduledAfter({ pattern, tz: zone }, after);
  };

  /** When the first sweep runs that may find something at that time. */
  const runAt = (sweep: SweepName, at: Instant): Instant => {
    const ahead = furthest();
    const waits = (scheduled.get(sweep) ?? 0) - ahead;
    return waits >= at ? waits : nextRun(sweep, at + ahead - 1) - ahead;
  };

  /** Of the schedulers nothing moves but their next run, whoever is there: as they stand when somebody comes or goes. */
  const keepSchedules = (): void => {
    if (fleet.alive.length === 0) return;
    for (const sweep of SWEEPS) {
      const waits = (scheduled.get(sweep) ?? 0) - furthest();
      if (waits < fleet.now()) scheduled.set(sweep, nextRun(sweep, fleet.now() + furthest()));
    }
  };

  /**
   * As the watch of src/queue/schedulers.ts does (tested there, on a real Redis), by its third look: a run that a host has
   * scheduled whose clock was ahead, and that is gone.
   */
  const putBackIfAhead = (sweep: SweepName): void => {
    const waits = scheduled.get(sweep);
    if (waits === undefined || fleet.alive.length === 0) return;
    const expected = nextRun(sweep, fleet.now() + furthest());
    if (waits <= expected) return;
    later(expected - furthest() - fleet.now() + WATCH_MS, async () => {
      if (scheduled.get(sweep) !== waits || fleet.alive.length === 0 || waits - furthest() <= fleet.now()) return;
      await queue.queues.hurry([]);
      scheduled.delete(sweep);
      queue.addSweep(sweep, 'start');
    });
  };

  const later = (ms: number, run: Disturbance['run']): void => disturbances.push({ at: fleet.now() + ms, run });

  const decisions = async (credential: Credential) => {
    const seen = await observer.observe(credential);
    const { timeoutMs = 0 } = manifest.accounts.get(credential.account) ?? {};
    const traits = TRAITS[credential.kind];
    const input = { credential, traits, seen, now: fleet.now(), ownerLimitMs: ownerLimitMs(timeoutMs) };
    return { seen, rotation: decideRotation(input), revocation: decideRevocation(input) };
  };

  /** When policy itself wants to look at this credential again. */
  const lookAgain = async (credential: Credential): Promise<void> => {
    const { id, kind } = credential;
    const turn = (turns.get(id) ?? 0) + 1;
    turns.set(id, turn);
    const { seen, rotation, revocation } = await decisions(credential);
    const push = (sweep: SweepName, at: Instant | undefined) =>
      at !== undefined && looks.get(sweep)?.push({ at: Math.max(at, fleet.now() + 1), sweep, credential: id, turn });
    const { rotates, settles } = SWEEPS_OF[kind];
    if (!queue.waits(id, 'rotate')) push(rotates, rotation.action === 'none' ? rotation.at : fleet.now());
    if (!queue.waits(id, 'revoke')) push(settles, revocation.action === 'none' ? revocation.at : fleet.now());
    // the sweep that looked first may have been a moment early by its clock
    if (rotation.state === 'expiring' && !asked.has(`for ${company.labelled(credential, 'AWSCURRENT')}`)) {
      asked.add(`for ${company.labelled(credential, 'AWSCURRENT')}`);
      push(rotates, fleet.now());
    }
    if (rotation.state === 'expiring') for (const days of [7, 1]) push(rotates, (rotation.at ?? 0) - days * DAY);
    if (seen !== undefined && openSuspects(seen.tags, fleet.now()) > 0) suspected(credential);
    if (revocation.reason === 'awaits-confirmation') confirmLater(credential);
  };

  /** A person ends what may have been left behind, and says so, within half a day. */
  const suspected = (credential: Credential): void => {
    if (asked.has(`suspect ${credential.id}`)) return;
    asked.add(`suspect ${credential.id}`);
    const from = fleet.now() - HOUR;
    later(random.whole(1, 12) * HOUR, async () => {
      asked.delete(`suspect ${credential.id}`);
      const { secretName: SecretId } = credential;
      const tags = world.aws.DescribeSecret({ SecretId }).Tags ?? [];
      const { suspects } = parseTags(Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value])));
      for (const { rotationId } of suspects)
        world.aws.TagResource({ SecretId, Tags: awsTags(resolvedSuspect(rotationId)) });
      const { live } = company.vendorOf(credential);
      for (const grant of [...live.keys()])
        if (!company.isHeld(credential, grant)) company.vendorOf(credential).ends(grant);
      fleet.outages.push({ what: `credential ${credential.id}`, from, to: fleet.now() });
      await lookAgain(credential);
    });
  };

  /** A partner says that it has the new one, some days later; again, where Redis has lost it. */
  const confirmLater = (credential: Credential): void => {
    if (asked.has(`confirm ${credential.id}`)) return;
    asked.add(`confirm ${credential.id}`);
    later(random.whole(1, 48) * HOUR, async () => {
      asked.delete(`confirm ${credential.id}`);
      const version = company.labelled(credential, 'AWSPREVIOUS');
      if (version === undefined) return;
      const job = { credential: credential.id, version, endGrace: true, reason: 'confirmed' };
      await queue.queues.enqueueRevoke(credential.account, job);
      await lookAgain(credential);
    });
  };

  /** Finout: a person makes another, some days after they were asked. */
  const onAlarm = (name: AlarmName, fields: Readonly<Record<string, unknown>>): void => {
    const credential = manifest.byId.get(String(fields.credential));
    if (name !== 'import-needed' || credential === undefined) return;
    asked.add(`for ${company.labelled(credential, 'AWSCURRENT')}`);
    if (asked.has(`import ${credential.id}`)) return;
    asked.add(`import ${credential.id}`);
    company.reminders.push({ credential: credential.id, at: fleet.now() });
    later(random.whole(1, 20) * DAY, async function imports() {
      if (company.down.size > 0) return later(HOUR, imports);
      asked.delete(`import ${credential.id}`);
      const person = startReplica({ company, queue, states, skewMs: 0, onAlarm });
      const context = person.deps.contextOf(credential, {}, () => false);
      const expiresAt = Math.floor((fleet.now() + credential.policy.rotateEveryMs) / 1000) * 1000;
      await importValue(context, { answer: company.vendorOf(credential).byHand(), expiresAt });
      await lookAgain(credential);
    });
  };

  const lookAtDues = async ({ clock, store }: Replica): Promise<void> => {
    for (let n = 0; n < DUES_AT_START; n += 1) {
      const credential = random.pick(manifest.credentials);
      const seen = await store.observe(credential);
      const due = seen && dueTime(credential, seen, clock.now());
      if (due === undefined || seen?.current?.is !== 'value') continue;
      const { from, at } = due;
      fleet.dues.push({ credential: credential.id, version: seen.current.id, from, at, seenAt: fleet.now() });
    }
  };

  const fleet: Fleet = {
    ...{ company, random, outages: [], alive: [], broken: [], dues: [], later },
    ran: { sweeps: 0, whole: 0, jobs: 0, kills: 0, starts: 0, checkedSweeps: 0 },
    now: world.clock.now,
    async start(skewMs) {
      keepSchedules();
      const replica = startReplica({ company, queue, states, skewMs, onAlarm });
      fleet.ran.starts += 1;
      for (const sweep of SWEEPS) queue.addSweep(sweep, 'start');
      fleet.alive.push(replica);
      // one that gets no answer knows no time, and does nothing either
      const fit = company.down.has('store') ? [] : fleet.alive.filter((one) => !dying.has(one));
      for (const one of fit) await as(one, () => lookAtDues(one));
    },
    kill(replica, inItsJob) {
      if (inItsJob) {
        const crash = crashAt(random.whole(1, 12), random.pick(['before', 'after']));
        replica.gate = crash.gate;
        dying.set(replica, crash.died);
        return;
      }
      keepSchedules();
      const at = fleet.alive.indexOf(replica);
      if (at >= 0) fleet.alive.splice(at, 1);
      for (const sweep of SWEEPS) putBackIfAhead(sweep);
    },
    emptyRedis() {
      queue.clear();
      scheduled.clear();
      states.clear();
      for (const sweep of SWEEPS) queue.addSweep(sweep, 'start');
      fleet.outages.push({ what: 'redis', from: fleet.now(), to: fleet.now() });
    },
  };
  const dying = new Map<Replica, Promise<'died'>>();

  /** Runs one job as a worker does; one that dies leaves it to the others, when its lock has ended. */
  const run = async (job: QueuedJob): Promise<void> => {
    const replica = random.pick(fleet.alive);
    queue.take(job);
    job.starts += 1;
    replica.subset = job.subset;
    const processor = job.queueName === SWEEPS_QUEUE ? sweepProcessor(replica.deps) : accountProcessor(replica.deps);
    let putAway: Instant | undefined;
    const fake = {
      ...{ queueName: job.queueName, name: job.name, data: job.data, id: '1' },
      ...{ attemptsStarted: job.starts, stalledCounter: job.deaths },
      moveToDelayed: async (until: Instant) => {
        putAway = until;
      },
    };
    const signal = new AbortController().signal;
    const log: Log = {
      ...QUIET,
      alarm: (name, fields) => name === 'invariant' && fleet.broken.push(JSON.stringify(fields)),
    };
    const ends = as(replica, () =>
      runJob({ job: fake as unknown as Job, token: 'token', signal }, processor, log),
    ).catch((error: unknown) => {
      if (!(error instanceof DelayedError || error instanceof UnrecoverableError)) throw error;
    });
    const death = dying.get(replica);
    const died = death !== undefined && (await Promise.race([ends.then(() => false), death.then(() => true)]));
    if (!died) await ends;
    skewNow = 0;
    if (died) {
      dying.delete(replica);
      fleet.ran.kills += 1;
      fleet.kill(replica, false);
      later(random.whole(1, 30) * 10_000, () => fleet.start(replica.skewMs));
    }
    if (died) job.deaths += 1;
    if (died) queue.putAway(job, 0);
    else if (putAway !== undefined) queue.putAway(job, putAway);
    else queue.ended(job);
    if (died) world.clock.advance(30_000);
    await afterRun(job, putAway !== undefined || died);
  };

  const afterRun = async (job: QueuedJob, again: boolean): Promise<void> => {
    const sweeps = job.queueName === SWEEPS_QUEUE;
    if (sweeps) {
      fleet.ran.sweeps += 1;
      if (job.subset === undefined) fleet.ran.whole += 1;
      if (!again) for (const id of job.subset ?? []) await lookAgain(credentialOf(id));
      return;
    }
    fleet.ran.jobs += 1;
    if (!again) await lookAgain(credentialOf(String(Reflect.get(job.data, 'credential'))));
  };
  const credentialOf = (id: string): Credential => {
    const found = manifest.byId.get(id);
    if (found === undefined) throw new Error(`no entry ${id}`);
    return found;
  };

  const isCurrent = ({ credential, turn }: Look): boolean => turns.get(credential) === turn;
  const cachedRuns = new Map<SweepName, { look: Look; ahead: number; at: Instant; waits: Instant | undefined }>();
  /** The next sweep of that name in which something may be found. */
  const nextSweep = (sweep: SweepName): Instant => {
    const heap = looks.get(sweep);
    for (let look = heap?.first(); look !== undefined; look = heap?.first()) {
      if (!isCurrent(look)) {
        heap?.pop();
        continue;
      }
      const cached = cachedRuns.get(sweep);
      const waits = scheduled.get(sweep);
      const ahead = furthest();
      if (cached?.look === look && cached.ahead === ahead && cached.waits === waits) return cached.at;
      const at = runAt(sweep, look.at);
      cachedRuns.set(sweep, { look, ahead, at, waits });
      return at;
    }
    return Number.POSITIVE_INFINITY;
  };
  const sweepNow = async (sweep: SweepName, at: Instant): Promise<void> => {
    const heap = looks.get(sweep);
    const subset = new Set<string>();
    for (let look = heap?.first(); look !== undefined && look.at <= at; look = heap?.first()) {
      heap?.pop();
      if (isCurrent(look)) subset.add(look.credential);
    }
    scheduled.delete(sweep);
    await run(queue.addSweep(sweep, 'schedule', subset));
  };

  /** A sweep that is skipped would have found nothing but what waits in the queue already. */
  const checkSkipped = async (): Promise<void> => {
    if (fleet.alive.length === 0 || company.down.size > 0) return;
    for (const sweep of SWEEPS) {
      const found: string[] = [];
      const replica = startReplica({ company, queue, states, skewMs: 0, onAlarm });
      const watching = {
        ...replica.deps,
        queues: {
          ...queue.queues,
          enqueueAll: async (jobs: readonly { job: { credential: string }; action: string }[]) => {
            for (const { job, action } of jobs) if (!queue.waits(job.credential, action)) found.push(job.credential);
            return { enqueued: 0, already: 0 };
          },
        },
      };
      const job = { queueName: SWEEPS_QUEUE, name: sweep, data: { trigger: 'schedule' } } as unknown as Job;
      await sweepProcessor(watching)(job, {
        signal: new AbortController().signal,
        delayUntil: () => {
          throw new Error('a sweep is not put away');
        },
      });
      const overlooked = found.filter((id) => !isAwaited(id));
      if (overlooked.length > 0)
        fleet.broken.push(`${sweep} skipped ${overlooked} at ${new Date(fleet.now()).toISOString()}`);
      fleet.ran.checkedSweeps += 1;
    }
  };
  /** Its next look is a sweep that has not run yet since it fell due. */
  const isAwaited = (id: string): boolean => {
    const { kind } = credentialOf(id);
    const { rotates, settles } = SWEEPS_OF[kind];
    const longest = 40 * MINUTE;
    return [rotates, settles].some((sweep) =>
      looks
        .get(sweep)
        ?.some(
          (look) =>
            look.credential === id && isCurrent(look) && look.at <= fleet.now() && look.at > fleet.now() - longest,
        ),
    );
  };

  for (const skewMs of skewsMs) await fleet.start(skewMs);
  for (const credential of manifest.credentials) await lookAgain(credential);
  for (const disturbance of given.disturbances(fleet)) disturbances.push(disturbance);
  later(checkEveryMs, async function check() {
    await checkSkipped();
    later(checkEveryMs, check);
  });

  for (;;) {
    const people = disturbances.first()?.at ?? Number.POSITIVE_INFINITY;
    const somebody = fleet.alive.length > 0;
    const job = somebody ? queue.first() : undefined;
    const jobs = job === undefined ? Number.POSITIVE_INFINITY : job.score - furthest();
    let [sweep, sweeps]: [SweepName | undefined, Instant] = [undefined, Number.POSITIVE_INFINITY];
    for (const name of somebody ? SWEEPS : []) {
      const at = nextSweep(name);
      if (at < sweeps) [sweep, sweeps] = [name, at];
    }
    const next = Math.max(fleet.now(), Math.min(people, jobs, sweeps));
    if (next > end) break;
    world.clock.advance(next - fleet.now());
    if (people <= next) await disturbances.pop()?.run(fleet);
    else if (job !== undefined && jobs <= next) await run(job);
    else if (sweep !== undefined) await sweepNow(sweep, next);
  }
  if (world.clock.now() < end) world.clock.advance(end - world.clock.now());
  for (const back of putBack) back();
  return fleet;
}

/** jest's own spies remember every call. @returns what puts it back */
function replaced<K extends string>(on: { [name in K]: unknown }, name: K, by: unknown): () => void {
  const before = on[name];
  on[name] = by;
  return () => {
    on[name] = before;
  };
}

/** No clock was set but at a quarter of an hour since 1970: so luxon, of policy and of schedules, need not ask Intl again. */
function rememberOffsets(): () => void {
  const { prototype } = IANAZone;
  const offsetOf = prototype.offset;
  const zones = new Map<string, Map<number, number>>();
  return replaced(prototype, 'offset', function offset(this: IANAZone, at: number) {
    const zone = zones.get(this.name) ?? new Map<number, number>();
    zones.set(this.name, zone);
    const quarter = Math.floor(at / (15 * MINUTE));
    const known = zone.get(quarter) ?? offsetOf.call(this, at);
    zone.set(quarter, known);
    return known;
  });
}
