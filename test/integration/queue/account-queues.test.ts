import { Queue, UnrecoverableError, Worker } from 'bullmq';
import { type AccountJob, type AccountQueues, createAccountQueues } from '../../../src/queue/account-queues';
import type { Connections } from '../../../src/queue/connection';
import { createHousekeeping } from '../../../src/queue/housekeeping';
import type { RotateJob } from '../../../src/queue/messages';
import { accountQueue } from '../../../src/queue/names';
import { KEEP_COMPLETED } from '../../../src/queue/retention';
import { afterFile } from '../../support/after-file';
import { describeWithOwnRedis, startRedis } from '../../support/redis-server';
import { until } from '../../support/until';
import { connected, sharedRedis } from './support';

const VERSION = '0'.repeat(32);
const WITHIN = { withinMs: 10_000 };

function rotate(credential: string, over: Partial<RotateJob> = {}): RotateJob {
  return { credential, version: VERSION, wish: 'none', reason: 'due', ...over };
}

function sweep(size: number, account: string): AccountJob[] {
  return Array.from({ length: size }, (_, i) => ({ account, action: 'rotate', job: rotate(`credential-${i}`) }));
}

/** What stands in an account's queue, with a worker at hand that takes its jobs by hand. */
async function bench(connections: Connections, prefix: string, account: string) {
  const connection = connections.patient;
  // A Queue with options of its own would set the bound on events back to BullMQ's default.
  const queue = new Queue(accountQueue(account), { connection, prefix, skipMetasUpdate: true });
  const worker = new Worker(accountQueue(account), null, { connection, prefix });
  const close = () => Promise.all([queue.close(), worker.close()]);
  afterFile(async () => void (await close()));
  await worker.waitUntilReady();
  const take = async () => {
    const job = await worker.getNextJob('token', { block: false });
    if (!job) throw new Error('nothing waits');
    return job;
  };
  return { queue, worker, take, close };
}

describe('an account queue', () => {
  let connections: Connections;
  let prefix: string;
  let queues: AccountQueues;

  beforeAll(async () => {
    const redis = await sharedRedis();
    prefix = redis.prefix;
    connections = await connected(redis.url);
    queues = createAccountQueues({ failFast: connections.failFast, prefix });
  });
  afterAll(() => queues.close());

  test('overlapping sweeps enqueue nothing twice', async () => {
    const overlapping = [sweep(2_500, 'overlap'), sweep(2_500, 'overlap'), sweep(2_500, 'overlap')];
    const counts = await Promise.all(overlapping.map((jobs) => queues.enqueueAll(jobs)));
    expect(counts.reduce((sum, { enqueued }) => sum + enqueued, 0)).toBe(2_500);
    expect(counts.reduce((sum, { already }) => sum + already, 0)).toBe(5_000);
    const { queue, close } = await bench(connections, prefix, 'overlap');
    expect(await queue.getJobCounts('prioritized', 'waiting')).toEqual({ prioritized: 2_500, waiting: 0 });
    await close();
  });

  test('what a sweep enqueues goes to the queue of its account, in its order', async () => {
    const jobs = ['c', 'a', 'b'].flatMap((id): AccountJob[] => [
      { account: 'order-1', action: 'rotate', job: rotate(id) },
      {
        account: 'order-2',
        action: 'revoke',
        job: { credential: id, version: VERSION, endGrace: false, reason: 'stale' },
      },
    ]);
    expect(await queues.enqueueAll(jobs)).toEqual({ enqueued: 6, already: 0 });
    for (const account of ['order-1', 'order-2']) {
      const { take, close } = await bench(connections, prefix, account);
      const taken = [await take(), await take(), await take()];
      expect(taken.map((job) => job.data.credential)).toEqual(['c', 'a', 'b']);
      expect(taken.map((job) => job.name)).toEqual(
        Array.from({ length: 3 }, () => (account === 'order-1' ? 'rotate' : 'revoke')),
      );
      await close();
    }
  });

  test('another version, another action and another wish are other jobs', async () => {
    const enqueue = (over: Partial<RotateJob>) => queues.enqueueRotate('others', rotate('a', over));
    expect(await enqueue({})).toBe('enqueued');
    expect(await enqueue({ reason: 'another reason' })).toBe('already');
    expect(await enqueue({ version: '1'.repeat(32) })).toBe('enqueued');
    expect(await enqueue({ wish: 'normal', requestedBy: 'ada' })).toBe('enqueued');
    expect(await enqueue({ wish: 'compromised', requestedBy: 'ada' })).toBe('enqueued');
    const revoke = { credential: 'a', version: VERSION, endGrace: false, reason: 'stale' };
    expect(await queues.enqueueRevoke('others', revoke)).toBe('enqueued');
    expect(await queues.enqueueRevoke('others', revoke)).toBe('already');
    expect(await queues.enqueueRevoke('others', { ...revoke, endGrace: true })).toBe('enqueued');
    const rollback = { credential: 'a', version: VERSION, reason: 'asked' };
    expect(await queues.enqueueRollback('others', rollback)).toBe('enqueued');
    expect(await queues.enqueueRollback('others', rollback)).toBe('already');
  });

  test('an equal job is not added while one is spread, runs, or backs off; after success or failure for good it is', async () => {
    const { queue, take, close } = await bench(connections, prefix, 'held');
    const enqueue = (delayMs = 0) => queues.enqueueRotate('held', rotate('a'), { delayMs });

    expect(await enqueue(3_600_000)).toBe('enqueued');
    expect(await enqueue()).toBe('already');
    const [spread] = await queue.getDelayed();
    await spread?.promote();
    const job = await take();
    expect(await enqueue()).toBe('already');
    await job.moveToDelayed(Date.now() + 3_600_000, 'token');
    expect(await enqueue()).toBe('already');
    await job.promote();
    const again = await take();
    await again.moveToFailed(new UnrecoverableError('no'), 'token', false);
    expect(await enqueue()).toBe('enqueued');
    const next = await take();
    await next.moveToCompleted({ outcome: 'done' }, 'token', false);
    expect(await enqueue()).toBe('enqueued');
    await close();
  });

  test('a compromised one overtakes all, a request overtakes sweeps', async () => {
    await queues.enqueueAll(sweep(3, 'order'));
    await queues.enqueueRotate('order', rotate('credential-1', { wish: 'normal' }));
    await queues.enqueueRotate('order', rotate('credential-2', { wish: 'compromised' }));
    await queues.enqueueRotate('order', rotate('credential-0', { wish: 'compromised' }));
    const { take, close } = await bench(connections, prefix, 'order');
    const order: string[] = [];
    for (let i = 0; i < 4; i++) {
      const { data } = await take();
      order.push(`${data.wish} ${data.credential}`);
    }
    expect(order).toEqual([
      'compromised credential-0',
      'compromised credential-2',
      'normal credential-1',
      'none credential-0',
    ]);
    await close();
  });

  test('finished jobs stay up to a count, whatever their sender wished', async () => {
    const { queue, close } = await bench(connections, prefix, 'bounded');
    const worker = new Worker(queue.name, async () => 'done', {
      connection: connections.patient,
      prefix,
      concurrency: 50,
    });
    await queues.enqueueAll(sweep(KEEP_COMPLETED.count + 500, 'bounded'));
    await until(async () => (await queue.getJobCountByTypes('prioritized', 'active')) === 0, WITHIN);
    expect(await queue.getCompletedCount()).toBe(KEEP_COMPLETED.count);

    await queue.addBulk(
      Array.from({ length: 50 }, () => ({ name: 'rotate', data: {}, opts: { removeOnComplete: false } })),
    );
    await until(async () => (await queue.getCompletedCount()) === KEEP_COMPLETED.count + 50, WITHIN);
    const housekeeping = createHousekeeping([queue.name], { failFast: connections.failFast, prefix });
    housekeeping.start();
    await until(async () => (await queue.getCompletedCount()) === KEEP_COMPLETED.count, WITHIN);
    await housekeeping.stop();
    expect(await connections.failFast.xlen(`${prefix}:${queue.name}:events`)).toBeLessThan(1_500);
    await Promise.all([worker.close(), close()]);
  });
});

describeWithOwnRedis('an account queue on a Redis that fails', () => {
  test('FLUSHALL frees everything', async () => {
    const redis = await startRedis();
    const connections = await connected(redis.url);
    const queues = createAccountQueues({ failFast: connections.failFast, prefix: '{t}' });
    expect(await queues.enqueueRotate('a', rotate('a'))).toBe('enqueued');
    await connections.failFast.flushall();
    expect(await queues.enqueueRotate('a', rotate('a'))).toBe('enqueued');
    await queues.close();
  });

  test('enqueueing fails at once while Redis is away, and works when it is back', async () => {
    const redis = await startRedis();
    const connections = await connected(redis.url);
    const queues = createAccountQueues({ failFast: connections.failFast, prefix: '{t}' });
    await queues.enqueueRotate('known', rotate('a'));
    await redis.stop();
    for (const account of ['known', 'new']) {
      await expect(queues.enqueueRotate(account, rotate('a'))).rejects.toMatchObject({
        code: 'redis-unavailable',
        retryable: true,
      });
    }
    await redis.restart();
    for (const account of ['known', 'new']) {
      expect(await until(() => queues.enqueueRotate(account, rotate('a')), WITHIN)).toBe('enqueued');
    }
    await queues.close();
  });
});
