import { type Job, Queue, Worker } from 'bullmq';
import { SWEEPS_QUEUE } from '../../../src/queue/names';
import { createSchedulers } from '../../../src/queue/schedulers';
import { isOvertaken, type Schedules, schedule } from '../../../src/queue/sweeps';
import { SWEEPS, type SweepName } from '../../../src/types';
import { afterFile } from '../../support/after-file';
import { describeWithOwnRedis, startRedis } from '../../support/redis-server';
import { until } from '../../support/until';
import { recordingLog } from './recording-log';
import { connected, sharedRedis } from './support';

const WITHIN = { withinMs: 10_000 };

const SCHEDULES: Schedules = {
  'regenerate-outbound-secrets': { pattern: '10 3 * * *', tz: 'America/New_York' },
  'reissue-expiring-tokens': { pattern: '20 3 * * *', tz: 'America/New_York' },
  'revoke-stale-flinks-permissions': { pattern: '*/15 * * * *', tz: 'UTC' },
  'revoke-stale-finicity-receipts': { pattern: '40 3 * * 1', tz: 'Europe/Berlin' },
};

/** A queue to look at, and replicas that each watch the schedules. */
async function bench({ url, prefix }: { url: string; prefix: string }) {
  const { patient, failFast } = await connected(url);
  const queue = new Queue(SWEEPS_QUEUE, { connection: patient, prefix, skipMetasUpdate: true });
  afterFile(() => queue.close());
  const log = recordingLog();
  const hurried = { times: 0 };
  const replica = (schedules = SCHEDULES, everyMs = 50) => {
    const hurry = async () => {
      hurried.times += 1;
    };
    const schedulers = createSchedulers({ failFast, prefix, schedules: () => schedules, log, hurry, everyMs });
    afterFile(() => schedulers.close());
    return schedulers;
  };
  const waiting = async () => (await queue.getWaiting()).map(({ name, data }) => `${name} ${data.trigger}`).sort();
  const scheduled = async () =>
    Object.fromEntries((await queue.getJobSchedulers()).map(({ key, pattern, tz }) => [key, { pattern, tz }]));
  /** The scheduler stands, its next run was due then, and there is no job for it. */
  const loseNextRun = async (sweep: SweepName, due: number) => {
    const id = `repeat:${sweep}:${(await queue.getJobScheduler(sweep))?.next}`;
    const key = `${prefix}:${SWEEPS_QUEUE}`;
    await failFast.multi().zrem(`${key}:delayed`, id).del(`${key}:${id}`).zadd(`${key}:repeat`, due, sweep).exec();
  };
  return {
    loseNextRun,
    hurried,
    queue,
    log,
    replica,
    waiting,
    scheduled,
    redis: failFast,
    connection: patient,
    prefix,
  };
}

const each = (trigger: string) => SWEEPS.map((sweep) => `${sweep} ${trigger}`).sort();

describe('the schedules', () => {
  test('the first look puts the four schedulers and starts each sweep once, however many replicas start', async () => {
    const { replica, waiting, scheduled } = await bench(await sharedRedis());
    await Promise.all([replica(), replica(), replica()].map((schedulers) => schedulers.look()));
    expect(await scheduled()).toEqual(SCHEDULES);
    expect(await waiting()).toEqual(each('start'));
  });

  test('a pattern is read in its time zone', async () => {
    const { replica, queue } = await bench(await sharedRedis());
    await replica().look();
    const berlin = await queue.getJobScheduler('revoke-stale-finicity-receipts');
    const next = new Intl.DateTimeFormat('en-GB', {
      timeZone: 'Europe/Berlin',
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
    });
    expect(next.format(berlin?.next)).toBe('Mon 03:40');
  });

  test('a start changes no run that is to come, unless its schedule is another', async () => {
    const { replica, queue } = await bench(await sharedRedis());
    await replica().look();
    const before = (await queue.getDelayed()).map(({ id, timestamp }) => ({ id, timestamp }));
    await replica().look();
    expect((await queue.getDelayed()).map(({ id, timestamp }) => ({ id, timestamp }))).toEqual(before);

    await replica({ ...SCHEDULES, 'reissue-expiring-tokens': { pattern: '30 4 * * *', tz: 'UTC' } }).look();
    expect(await queue.getJobScheduler('reissue-expiring-tokens')).toMatchObject({ pattern: '30 4 * * *', tz: 'UTC' });
    expect(await queue.getDelayedCount()).toBe(SWEEPS.length);
  });

  test('schedulers that are not ours any more go', async () => {
    const { replica, queue, scheduled } = await bench(await sharedRedis());
    await queue.upsertJobScheduler('a-sweep-of-old', { pattern: '0 * * * *' }, { name: 'a-sweep-of-old' });
    await replica().look();
    expect(await scheduled()).toEqual(SCHEDULES);
    expect(await queue.getDelayedCount()).toBe(SWEEPS.length);
  });

  test('a start during a sweep is followed by one more sweep', async () => {
    const { replica, queue, waiting, connection, prefix } = await bench(await sharedRedis());
    await replica().look();
    const worker = new Worker(SWEEPS_QUEUE, null, { connection, prefix });
    afterFile(() => worker.close());
    const running: Job[] = [];
    for (const _ of SWEEPS) {
      const job = await worker.getNextJob('token', { block: false });
      if (job) running.push(job);
    }
    await replica().look();
    await replica().look();
    expect(await waiting()).toEqual([]);
    for (const job of running) await job.moveToCompleted('done', 'token', false);
    expect(await waiting()).toEqual(each('start'));
    expect(await queue.getActiveCount()).toBe(0);
  });

  test('a run that is tried again is overtaken as soon as the next of its schedule has come', async () => {
    const { queue, connection, prefix } = await bench(await sharedRedis());
    const worker = new Worker(SWEEPS_QUEUE, null, { connection, prefix });
    afterFile(() => worker.close());
    const sweep = 'reissue-expiring-tokens';
    const [often, daily] = [{ pattern: '* * * * * *', tz: 'America/New_York' }, SCHEDULES[sweep]];
    await schedule(queue, sweep, often);
    const takes = async (id?: string): Promise<Job> => {
      let taken: Job | undefined;
      const next = async () => {
        taken = await worker.getNextJob('token', { block: false });
        return taken !== undefined && (id === undefined || taken.id === id);
      };
      await until(next, WITHIN);
      return taken as Job;
    };
    const first = await takes();
    const dueAt = first.timestamp + (first.opts.delay ?? 0);
    expect(first.id).toBe(`repeat:${sweep}:${dueAt}`);
    await until(async () => Date.now() > dueAt + 1_000, WITHIN);
    expect(isOvertaken(first, { ...SCHEDULES, [sweep]: often })).toBe(false);
    await first.moveToDelayed(Date.now(), 'token');
    const again = await takes(first.id);
    expect(isOvertaken(again, { ...SCHEDULES, [sweep]: often })).toBe(true);
    expect(isOvertaken(again, { ...SCHEDULES, [sweep]: daily })).toBe(false);
  });

  test('a run that is asked for at a start is overtaken by none', async () => {
    const { replica, connection, prefix } = await bench(await sharedRedis());
    await replica().look();
    const worker = new Worker(SWEEPS_QUEUE, null, { connection, prefix });
    afterFile(() => worker.close());
    const job = (await worker.getNextJob('token', { block: false })) as Job;
    job.attemptsStarted = 2;
    job.timestamp = 0;
    expect(isOvertaken(job, SCHEDULES)).toBe(false);
  });

  test('a scheduler that has stopped is put again and reported, when it has been late for two looks', async () => {
    const { replica, queue, loseNextRun, waiting, log } = await bench(await sharedRedis());
    const schedulers = replica();
    await schedulers.look();
    await queue.drain();
    const past = Date.now() - 61_000;
    await loseNextRun('reissue-expiring-tokens', past);
    await schedulers.look();
    expect(log.lines).toEqual([]);
    await schedulers.look();
    await schedulers.look();
    expect(log.lines).toEqual([
      {
        level: 'alarm',
        message: 'A sweep did not run: it runs now',
        fields: { alarm: 'scheduler-late', sweep: 'reissue-expiring-tokens', next: new Date(past).toISOString() },
      },
    ]);
    expect(await waiting()).toEqual(['reissue-expiring-tokens late']);
    expect((await queue.getJobScheduler('reissue-expiring-tokens'))?.next).toBeGreaterThan(Date.now());
  });

  test('what a host whose clock was a day ahead has scheduled does not wait for a day when that host is gone', async () => {
    const { replica, queue, waiting, log, hurried } = await bench(await sharedRedis());
    const [hostNow, started] = [Date.now, Date.now()];
    const sweep = 'revoke-stale-flinks-permissions';
    let aheadMs = 86_400_000;
    const spied = jest.spyOn(Date, 'now').mockImplementation(() => hostNow() + aheadMs);
    const lookAfter = async (schedulers: ReturnType<typeof replica>, ms: number) => {
      aheadMs = ms;
      await schedulers.look();
    };
    try {
      await lookAfter(replica(), 86_400_000);
      const other = replica();
      await lookAfter(other, 0);
      await queue.drain();
      const quarter = 900_000 - (started % 900_000);
      for (const ms of [0, quarter / 2, quarter]) await lookAfter(other, ms);
      await lookAfter(other, quarter + 50_000);
      expect([hurried.times, log.lines, await waiting()]).toEqual([0, [], []]);
      await lookAfter(other, quarter + 70_000);
      await lookAfter(other, quarter + 73_000);
      expect(hurried.times).toBe(1);
      expect(await waiting()).toEqual([`${sweep} late`]);
      expect(log.lines).toMatchObject([{ level: 'alarm', fields: { alarm: 'scheduler-late', sweep } }]);
      const { next = 0 } = (await queue.getJobScheduler(sweep)) ?? {};
      expect(next - started).toBeLessThan(2 * 900_000 + 73_000);
    } finally {
      spied.mockRestore();
    }
  });
});

describeWithOwnRedis('the schedules on a Redis that fails', () => {
  test('after FLUSHALL they are put back, and each sweep runs once', async () => {
    const { replica, redis, waiting, scheduled, log } = await bench({ url: (await startRedis()).url, prefix: '{t}' });
    for (const schedulers of [replica(), replica()]) {
      await schedulers.look();
      schedulers.watch();
    }
    expect(await waiting()).toEqual(each('start'));
    await redis.flushall();
    await until(async () => Object.keys(await scheduled()).length === SWEEPS.length, WITHIN);
    expect(await scheduled()).toEqual(SCHEDULES);
    expect(await waiting()).toEqual(each('redis-emptied'));
    expect(log.lines.map(({ level }) => level)).toContain('warn');
  });

  test('a watch that begins without Redis begins its work when Redis comes', async () => {
    const redis = await startRedis();
    const { replica, waiting, scheduled } = await bench({ url: redis.url, prefix: '{t}' });
    await redis.stop();
    const schedulers = replica();
    await expect(schedulers.look()).rejects.toMatchObject({ code: 'redis-unavailable' });
    schedulers.watch();
    await redis.restart();
    await until(async () => Object.keys(await scheduled()).length === SWEEPS.length, WITHIN);
    expect(await waiting()).toEqual(each('start'));
    await redis.stop();
    await redis.restart();
    await until(async () => Object.keys(await scheduled()).length === SWEEPS.length, WITHIN);
    expect(await waiting()).toEqual(each('redis-emptied'));
  });
});
