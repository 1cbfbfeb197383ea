import { join } from 'node:path';
import { type JobsOptions, Queue } from 'bullmq';
import { ProviderRejectedError, ProviderUnavailableError } from '../../../src/errors';
import type { ProcessJob } from '../../../src/queue/process-job';
import { createWorkers } from '../../../src/queue/workers';
import { afterFile } from '../../support/after-file';
import { startNode } from '../../support/processes';
import { describeWithOwnRedis, startRedis } from '../../support/redis-server';
import { until } from '../../support/until';
import { recordingLog } from './recording-log';
import { connected, everythingIn, sharedRedis } from './support';

const WITHIN = { withinMs: 20_000 };
const DONE = { outcome: 'done', reason: 'tested' };
const QUEUE = 'account-a';

/** A queue as any client has it, and processes that work on it. */
async function bench({ url, prefix }: { url: string; prefix: string }) {
  const client = await connected(url);
  const queue = new Queue(QUEUE, { connection: client.patient, prefix });
  queue.on('error', () => {});
  afterFile(() => queue.close());
  const work = async (process: ProcessJob, concurrency = 5) => {
    const { patient } = await connected(url);
    const log = recordingLog();
    const workers = createWorkers({ patient, prefix, log });
    workers.start(QUEUE, concurrency, process);
    const stop = (graceMs: number, deadlineMs: number) => workers.stop({ graceMs, deadlineMs });
    afterFile(async () => void (await stop(0, 1_000)));
    return { stop, log };
  };
  const add = async (options?: JobsOptions) => {
    const { id = '' } = await queue.add('rotate', { credential: 'a' }, options);
    const job = async () => (await queue.getJob(id)) ?? fail(`the job ${id} is gone`);
    const inState = (state: string) => until(async () => (await queue.getJobState(id)) === state, WITHIN);
    return { id, job, inState };
  };
  return { url, prefix, queue, work, add, redis: client.failFast };
}

function fail(message: string): never {
  throw new Error(message);
}

const aborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    const abort = () => reject(new Error(String(signal.reason)));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort);
  });

describe('a job', () => {
  test('leaves its result', async () => {
    const { work, add } = await bench(await sharedRedis());
    await work(async () => DONE);
    const { job, inState } = await add();
    await inState('completed');
    expect((await job()).returnvalue).toEqual(DONE);
  });

  test('is tried again by our own rule after an error that can be retried, whatever attempts its sender gave', async () => {
    const { work, add } = await bench(await sharedRedis());
    const { log } = await work(async (job) => {
      if (job.attemptsStarted < 3) throw new ProviderUnavailableError('no answer');
      return DONE;
    });
    const { job, inState } = await add({ attempts: 1 });
    await inState('completed');
    expect(await job()).toMatchObject({ attemptsStarted: 3, attemptsMade: 1 });
    expect(log.lines.map(({ message }) => message)).toEqual(['The job is tried again', 'The job is tried again']);
  });

  test('fails once after any other error, whatever attempts its sender gave', async () => {
    const { work, add } = await bench(await sharedRedis());
    await work(() => Promise.reject(new ProviderRejectedError('The vendor refused', { status: 400 })));
    const { job, inState } = await add({ attempts: 9, backoff: 1 });
    await inState('failed');
    expect(await job()).toMatchObject({
      attemptsMade: 1,
      failedReason: 'provider-rejected: The vendor refused',
    });
  });

  test('that meets a bug says so without the words of the error, in Redis and in the log', async () => {
    const { work, add, redis, prefix } = await bench(await sharedRedis());
    const secret = 'hunter2-hunter2';
    const { log } = await work(() => Promise.reject(new TypeError(`cannot read ${secret}`, { cause: secret })));
    const { job, inState, id } = await add();
    await inState('failed');
    expect((await job()).failedReason).toBe('internal error');
    expect(log.lines).toMatchObject([{ level: 'alarm', fields: { alarm: 'invariant', queue: QUEUE, job: id } }]);
    expect(JSON.stringify(log.lines)).not.toContain(secret);
    const stored = await everythingIn(redis, prefix);
    expect(stored).toContain('internal error');
    expect(stored).not.toContain(secret);
  });

  test('can put itself away', async () => {
    const { work, add, queue } = await bench(await sharedRedis());
    const at = Date.now() + 3_600_000;
    await work(async (_, { delayUntil }) => delayUntil(at));
    const { job, inState } = await add();
    await inState('delayed');
    const { timestamp, delay, attemptsMade } = await job();
    expect(attemptsMade).toBe(0);
    expect(timestamp + delay).toBeLessThanOrEqual(at);
    expect(await queue.getDelayedCount()).toBe(1);
  });

  test('whose lock was lost is told so, runs again, and its first run writes nothing', async () => {
    const { work, add, redis, prefix } = await bench(await sharedRedis());
    const reasons: unknown[] = [];
    let runs = 0;
    await work(async (_, { signal }) => {
      if (++runs > 1) return DONE;
      await aborted(signal).catch(() => {});
      reasons.push(signal.reason);
      throw new ProviderRejectedError('too late to say');
    });
    const { id, job, inState } = await add();
    await until(() => runs === 1, WITHIN);
    await redis.del(`${prefix}:${QUEUE}:${id}:lock`);
    await inState('completed');
    expect(reasons).toEqual(['lock-lost']);
    expect(await job()).toMatchObject({ returnvalue: DONE, stalledCounter: 1 });
  });

  test('of a worker that is killed runs again at another one', async () => {
    const { work, add, url, prefix } = await bench(await sharedRedis());
    const killed = startNode(join(__dirname, 'holding-worker', 'main.js'), { args: [url, prefix, QUEUE] });
    const { id, job, inState } = await add();
    await killed.waitForLine(`took ${id}`);
    const { log } = await work(async () => DONE);
    await killed.kill('SIGKILL');
    await inState('completed');
    // A crash does not use up an attempt.
    expect(await job()).toMatchObject({ returnvalue: DONE, attemptsMade: 1, stalledCounter: 1 });
    expect(log.lines.map(({ message }) => message)).toEqual(['The job of a dead worker runs again']);
  });
});

test('a job whose workers died rests after its first error no longer than any other', async () => {
  const { work, add, url, prefix } = await bench(await sharedRedis());
  const { id } = await add();
  for (let deaths = 0; deaths < 2; deaths += 1) {
    const killed = startNode(join(__dirname, 'holding-worker', 'main.js'), { args: [url, prefix, QUEUE] });
    await killed.waitForLine(`took ${id}`, WITHIN);
    await killed.kill('SIGKILL');
  }
  const { log } = await work(async () => {
    throw new ProviderUnavailableError('not reached');
  });
  const rests = () => log.lines.filter(({ message }) => message === 'The job is tried again');
  await until(() => rests().length > 0, WITHIN);
  expect(rests()[0]?.fields.delayMs).toBeLessThanOrEqual(1_000);
});

describe('stopping', () => {
  test('leaves to others what has not begun, and what obeys the signal', async () => {
    const { work, add } = await bench(await sharedRedis());
    let begun = 0;
    const first = await work((_, { signal }) => {
      begun++;
      return aborted(signal);
    }, 1);
    const [one, two] = [await add(), await add()];
    await until(() => begun === 1, WITHIN);
    expect(await first.stop(0, 10_000)).toEqual({ stillRunning: 0 });
    expect(begun).toBe(1);
    await work(async () => DONE);
    await Promise.all([one, two].map(({ inState }) => inState('completed')));
    expect(await one.job()).toMatchObject({ attemptsMade: 1, stalledCounter: 0 });
  });

  test('waits for what must not be abandoned', async () => {
    const { work, add } = await bench(await sharedRedis());
    let finish = () => {};
    const issued = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const signals: AbortSignal[] = [];
    const { stop } = await work(async (_, { signal }) => {
      signals.push(signal);
      await issued;
      return DONE;
    });
    const { job, inState } = await add();
    await until(() => signals.length === 1, WITHIN);
    const stopping = stop(0, 10_000);
    await until(() => signals[0]?.aborted, WITHIN);
    expect(await (await job()).getState()).toBe('active');
    finish();
    expect(await stopping).toEqual({ stillRunning: 0 });
    await inState('completed');
  });

  test('gives up at the deadline, and says what still runs', async () => {
    const { work, add } = await bench(await sharedRedis());
    let begun = false;
    let finish = () => {};
    const { stop } = await work(() => {
      begun = true;
      return new Promise((resolve) => {
        finish = () => resolve(DONE);
      });
    });
    await add();
    await until(() => begun, WITHIN);
    expect(await stop(0, 100)).toEqual({ stillRunning: 1 });
    finish();
  });
});

describeWithOwnRedis('workers on a Redis that fails', () => {
  test('go on after FLUSHALL', async () => {
    const { work, add, redis } = await bench({ url: (await startRedis()).url, prefix: '{t}' });
    let finish = () => {};
    const held = new Promise<void>((resolve) => {
      finish = resolve;
    });
    let runs = 0;
    const ended: string[] = [];
    await work(async () => {
      if (++runs > 1) return DONE;
      await held;
      ended.push('finished without Redis knowing of it');
      return DONE;
    });
    await add();
    await until(() => runs === 1, WITHIN);
    await redis.flushall();
    finish();
    await until(() => ended.length === 1, WITHIN);
    await (await add()).inState('completed');
  });

  test('go on when Redis is back, and leave the word on it to the connection', async () => {
    const redis = await startRedis();
    const { work, add } = await bench({ url: redis.url, prefix: '{t}' });
    const { log } = await work(async () => DONE);
    await (await add()).inState('completed');
    await redis.stop();
    await redis.restart();
    const again = await until(() => add(), WITHIN);
    await again.inState('completed');
    expect(log.lines).toEqual([]);
  });

  test('stop also while Redis is away', async () => {
    const redis = await startRedis();
    const { work, add } = await bench({ url: redis.url, prefix: '{t}' });
    let begun = 0;
    const { stop } = await work((_, { signal }) => {
      begun++;
      return aborted(signal);
    });
    await add();
    await until(() => begun === 1, WITHIN);
    await redis.kill();
    expect(await stop(0, 20_000)).toEqual({ stillRunning: 0 });
  });
});
