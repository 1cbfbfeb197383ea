import { setTimeout as sleep } from 'node:timers/promises';
import type { CallLimits } from '../../../src/provider';
import { createAccountLimits } from '../../../src/queue/account-limits';
import type { Connections } from '../../../src/queue/connection';
import { nextTimes, rateOf } from '../../../src/queue/rate';
import { createSharedLimits } from '../../../src/queue/shared-limits';
import { describeWithOwnRedis, startRedis } from '../../support/redis-server';
import { until } from '../../support/until';
import { recordingLog } from './recording-log';
import { connected, sharedRedis } from './support';

const WITHIN = { withinMs: 15_000 };
const PREFIX = '{t}';

function account(name: string, callsPerSecond: number, concurrency = 100) {
  return { name, limits: { callsPerSecond, concurrency } };
}

/** Two workers with connections of their own, as two processes have. */
async function twoWorkers(url: string, prefix = PREFIX, waitMs?: number) {
  const [one, two] = [await connected(url), await connected(url)];
  const limitsOf = ({ failFast }: Connections) =>
    createAccountLimits({ failFast, prefix, log: recordingLog(), ...(waitMs === undefined ? {} : { waitMs }) });
  return { one: limitsOf(one), two: limitsOf(two), redis: one.failFast, kill: () => one.close() };
}

/** Seconds since the call. */
function stopwatch(): () => number {
  const from = performance.now();
  return () => (performance.now() - from) / 1_000;
}

describe('the limits of an account', () => {
  test('the rate is one for all workers', async () => {
    const { url, prefix } = await sharedRedis();
    const { one, two } = await twoWorkers(url, prefix);
    const limited = account('rate', 20);
    const seconds = stopwatch();
    const calls = Array.from({ length: 80 }, async (_, i) => {
      const permit = await (i % 2 ? one : two).acquire(limited);
      const elapsed = seconds();
      await permit.release();
      return elapsed;
    });
    const times = (await Promise.all(calls)).sort((a, b) => a - b);
    // The n-th call never goes before rate * t + burst has room for it.
    for (const [i, time] of times.entries()) expect(i + 1).toBeLessThanOrEqual(20 * time + 20);
  });

  test('so is the number of calls under way', async () => {
    const { url, prefix } = await sharedRedis();
    const { one, two } = await twoWorkers(url, prefix);
    let underWay = 0;
    let most = 0;
    const calls = Array.from({ length: 40 }, async (_, i) => {
      const permit = await (i % 2 ? one : two).acquire(account('concurrency', 1_000, 3));
      most = Math.max(most, ++underWay);
      await sleep(5);
      underWay--;
      await permit.release();
    });
    await Promise.all(calls);
    expect(most).toBe(3);
  });

  test('one account does not hold up another', async () => {
    const { url, prefix } = await sharedRedis();
    const workers = await twoWorkers(url, prefix, 100);
    // What the providers ask for.
    const one: CallLimits = workers.one;
    await one.acquire(account('busy', 100, 1));
    await expect(one.acquire(account('busy', 100, 1))).rejects.toMatchObject({ code: 'provider-throttled' });
    await (await one.acquire(account('idle', 100, 1))).release();
  });

  test('a place given back twice is one place', async () => {
    const { url, prefix } = await sharedRedis();
    const { one } = await twoWorkers(url, prefix, 100);
    const first = await one.acquire(account('twice', 100, 2));
    await one.acquire(account('twice', 100, 2));
    await Promise.all([first.release(), first.release()]);
    await one.acquire(account('twice', 100, 2));
    await expect(one.acquire(account('twice', 100, 2))).rejects.toMatchObject({ code: 'provider-throttled' });
  });

  test('who waits too long is told when to come again, and takes nothing from the rate', async () => {
    const { url, prefix } = await sharedRedis();
    const { one, two } = await twoWorkers(url, prefix, 100);
    await one.acquire(account('slow', 0.1));
    for (let i = 0; i < 3; i++) {
      const refused = two.acquire(account('slow', 0.1));
      await expect(refused).rejects.toMatchObject({ code: 'provider-throttled', retryable: true });
      const { retryAfterMs } = await refused.catch((error) => error);
      expect(retryAfterMs).toBeGreaterThan(0);
      expect(retryAfterMs).toBeLessThanOrEqual(10_000);
    }
  });

  test('several calls are paced at once', async () => {
    const { url, prefix } = await sharedRedis();
    const { one, two } = await twoWorkers(url, prefix);
    const seconds = stopwatch();
    const paces = Array.from({ length: 25 }, async (_, i) => {
      await (i % 2 ? one : two).pace({ name: 'writes', callsPerSecond: 25 }, 3);
      return seconds();
    });
    const times = (await Promise.all(paces)).sort((a, b) => a - b);
    for (const [i, time] of times.entries()) expect((i + 1) * 3).toBeLessThanOrEqual(25 * time + 25);
  });

  test('the rule in Redis is the rule in this process', async () => {
    const { url, prefix } = await sharedRedis();
    const shared = createSharedLimits({ failFast: (await connected(url)).failFast, prefix });
    for (const [n, callsPerSecond] of [
      [1, 1],
      [7, 3],
      [50, 2.5],
      [3, 0.5],
    ] as const) {
      const rate = rateOf(callsPerSecond);
      const taken = await shared.take({ name: `rule-${n}`, n, rate }, 'token', 60_000);
      expect(taken).toEqual({ granted: true, waitMs: nextTimes([], n, 0, rate).at(-1) });
    }
  });

  test('what it keeps in Redis ends by itself', async () => {
    const { url, prefix } = await sharedRedis();
    const { one, redis } = await twoWorkers(url, prefix);
    const permit = await one.acquire(account('ends', 10));
    for (const key of ['rate', 'slots']) expect(await redis.pttl(`${prefix}:${key}:ends`)).toBeGreaterThan(0);
    await permit.release();
    expect(await redis.exists(`${prefix}:slots:ends`)).toBe(0);
  });
});

describeWithOwnRedis('the limits of an account on a Redis that fails', () => {
  test('a killed worker gives its place back', async () => {
    const { url } = await startRedis();
    const { one, two, kill } = await twoWorkers(url);
    await one.acquire(account('a', 100, 1));
    await kill();
    await (await two.acquire(account('a', 100, 1))).release();
  });

  test('FLUSHALL grants one more burst, and the places held are known again', async () => {
    const { url } = await startRedis();
    const { one, two, redis } = await twoWorkers(url);
    const held = await one.acquire(account('held', 100, 1));
    const seconds = stopwatch();
    const calls = Array.from({ length: 60 }, async (_, i) => {
      await (await (i % 2 ? one : two).acquire(account('a', 20))).release();
      return seconds();
    });
    await Promise.race(calls);
    await redis.flushall();
    const times = (await Promise.all(calls)).sort((a, b) => a - b);
    for (const [i, time] of times.entries()) expect(i + 1).toBeLessThanOrEqual(20 * time + 40);

    await until(async () => (await redis.zcard(`${PREFIX}:slots:held`)) === 1, WITHIN);
    const impatient = await twoWorkers(url, PREFIX, 100);
    await expect(impatient.two.acquire(account('held', 100, 1))).rejects.toMatchObject({ code: 'provider-throttled' });
    await held.release();
    await impatient.two.acquire(account('held', 100, 1));
  });

  test('without Redis each process keeps to the same numbers, and with it again all do', async () => {
    const redis = await startRedis();
    const connections = await connected(redis.url);
    const log = recordingLog();
    const limits = createAccountLimits({ failFast: connections.failFast, prefix: PREFIX, log, waitMs: 3_000 });
    await redis.kill();

    const seconds = stopwatch();
    const calls = Array.from({ length: 40 }, async () => {
      const permit = await limits.acquire(account('a', 20, 2));
      await permit.release();
      return seconds();
    });
    const times = (await Promise.all(calls)).sort((a, b) => a - b);
    for (const [i, time] of times.entries()) expect(i + 1).toBeLessThanOrEqual(20 * time + 20);
    expect(log.lines.map(({ message }) => message)).toEqual(['Calls are limited by this process alone: Redis is away']);

    const held = await limits.acquire(account('b', 20, 1));
    await redis.restart();
    await until(async () => (await connections.failFast.zcard(`${PREFIX}:slots:b`)) === 1, WITHIN);
    await held.release();
    const other = await twoWorkers(redis.url);
    await (await other.two.acquire(account('b', 20, 1))).release();
  });

  test('a Redis that does not answer hangs nobody', async () => {
    const redis = await startRedis();
    const { one } = await twoWorkers(redis.url);
    process.kill(redis.pid, 'SIGSTOP');
    const permits = await Promise.all([1, 2, 3].map(() => one.acquire(account('a', 100))));
    process.kill(redis.pid, 'SIGCONT');
    await Promise.all(permits.map((permit) => permit.release()));
  });
});
