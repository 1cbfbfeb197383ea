import { setTimeout as sleep } from 'node:timers/promises';
import type { Exclusive } from '../../../src/provider';
import { createExclusive } from '../../../src/queue/exclusive';
import { describeWithOwnRedis, startRedis } from '../../support/redis-server';
import { until } from '../../support/until';
import { connected, sharedRedis } from './support';

const WITHIN = { withinMs: 10_000 };

/** Locks of two workers, and a connection to look at them. */
async function twoWorkers({ url, prefix }: { url: string; prefix: string }, waitMs?: number) {
  const [one, two] = [await connected(url), await connected(url)];
  const deps = { prefix, ...(waitMs === undefined ? {} : { waitMs }) };
  return {
    one: createExclusive({ ...deps, failFast: one.failFast }),
    two: createExclusive({ ...deps, failFast: two.failFast }),
    redis: two.failFast,
    kill: () => one.close(),
  };
}

/** A gate that work waits at. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

describe('the lock', () => {
  test('one holder at a time, over all workers, and each gets its turn', async () => {
    const { one, two } = await twoWorkers(await sharedRedis());
    let inside = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, ++inside);
      await sleep(5);
      inside--;
      return most;
    };
    const results = await Promise.all(Array.from({ length: 12 }, (_, i) => (i % 2 ? one : two)('login', 5_000, work)));
    expect(results).toEqual(Array.from({ length: 12 }, () => 1));
  });

  test('it is held as long as the work runs, however short its time', async () => {
    const { one, two } = await twoWorkers(await sharedRedis(), 3_000);
    const lock: Exclusive = one;
    const { opened, open } = gate();
    const working = lock('login', 1_000, () => opened);
    await expect(two('login', 1_000, async () => 'mine')).rejects.toMatchObject({ code: 'lock-held', retryable: true });
    open();
    await working;
    expect(await two('login', 1_000, async () => 'mine')).toBe('mine');
  });

  test('work that throws gives it back', async () => {
    const { one, two } = await twoWorkers(await sharedRedis(), 0);
    const failing = one('login', 60_000, () => Promise.reject(new Error('refused')));
    await expect(failing).rejects.toThrow('refused');
    expect(await two('login', 60_000, async () => 'mine')).toBe('mine');
  });

  test('other names are other locks', async () => {
    const { one, two } = await twoWorkers(await sharedRedis(), 0);
    expect(await one('a', 60_000, () => two('b', 60_000, async () => 'both'))).toBe('both');
  });

  test('the holder learns that another one took it, and does not take that one its lock away', async () => {
    const shared = await sharedRedis();
    const { one, redis } = await twoWorkers(shared);
    await one('login', 300, async (held) => {
      await redis.set(`${shared.prefix}:lock:login`, 'another');
      await until(() => held.aborted, WITHIN);
    });
    expect(await redis.get(`${shared.prefix}:lock:login`)).toBe('another');
  });

  test('a killed holder loses it', async () => {
    const shared = await sharedRedis();
    const { one, two, redis, kill } = await twoWorkers(shared);
    const { opened, open } = gate();
    const working = one('login', 500, () => opened);
    await until(() => redis.exists(`${shared.prefix}:lock:login`), WITHIN);
    await kill();
    expect(await two('login', 500, async () => 'mine')).toBe('mine');
    open();
    await working;
  });
});

describeWithOwnRedis('the lock on a Redis that fails', () => {
  test('after FLUSHALL the holder takes it again', async () => {
    const { one, two, redis } = await twoWorkers({ url: (await startRedis()).url, prefix: '{t}' }, 0);
    const { opened, open } = gate();
    const working = one('login', 300, () => opened);
    await until(() => redis.exists('{t}:lock:login'), WITHIN);
    await redis.flushall();
    await until(() => redis.exists('{t}:lock:login'), WITHIN);
    await expect(two('login', 300, async () => 'mine')).rejects.toMatchObject({ code: 'lock-held' });
    open();
    await working;
  });

  test('nobody begins without the lock', async () => {
    const redis = await startRedis();
    const { one } = await twoWorkers({ url: redis.url, prefix: '{t}' });
    await redis.stop();
    let begun = false;
    const working = one('login', 300, async () => {
      begun = true;
    });
    await expect(working).rejects.toMatchObject({ code: 'redis-unavailable', retryable: true });
    expect(begun).toBe(false);
    await redis.restart();
    expect(await until(() => one('login', 300, async () => 'mine'), WITHIN)).toBe('mine');
  });

  test('a holder that can no longer renew it learns that, and ends its work without an error', async () => {
    const redis = await startRedis();
    const { one } = await twoWorkers({ url: redis.url, prefix: '{t}' });
    const result = one('login', 300, async (held) => {
      await redis.stop();
      await until(() => held.aborted, WITHIN);
      return 'ended';
    });
    expect(await result).toBe('ended');
  });
});
