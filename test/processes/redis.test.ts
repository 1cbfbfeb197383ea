import { Redis } from 'ioredis';
import { SWEEPS } from '../../src/types';
import { describeWithOwnRedis, startRedis } from '../support/redis-server';
import { openScene, type Scene } from '../support/scene';
import { asked } from '../support/sender';
import { holdAnswers, ISSUES, issued } from '../support/vendor-calls';

jest.setTimeout(90_000);

const HELD_MS = 1_500;

/** A worker whose credentials have their first value, and rotate: every vendor has issued, and holds its answer. */
async function midRotation({ appendonly = false } = {}) {
  const redis = await startRedis({ appendonly });
  const scene = await openScene({ perKind: 1, redisUrl: redis.url, timeout: '5s' });
  const worker = await scene.startWorker();
  await scene.finished();
  const before = scene.current();
  holdAnswers(scene.sandbox, HELD_MS);
  await scene.rotate();
  await scene.until(() => issued(scene.sandbox) === 6, 'every vendor has issued');
  return { redis, scene, worker, before };
}

async function flushAll(url: string): Promise<void> {
  const redis = new Redis(url);
  await redis.flushall();
  await redis.quit();
}

const promoted = (scene: Scene, before: ReadonlyMap<string, string | undefined>): boolean =>
  [...scene.current()].every(([id, version]) => version !== before.get(id));

const schedulers = async ({ sender }: Scene): Promise<string[]> =>
  (await sender.sweeps.getJobSchedulers()).map(({ key }) => key).sort();

/** Each rotation once, at the vendors and in the store. */
function expectOnce(scene: Scene): void {
  expect(scene.audit()).toMatchObject({ working: 3, inGrace: 0, suspects: 0, violations: [] });
  expect(scene.company.credentials.map((one) => scene.holdings(one).answers.length)).toEqual([2, 2, 2]);
  expect(issued(scene.sandbox)).toBe(6);
}

describeWithOwnRedis('in mid-rotation Redis', () => {
  test.concurrent('is emptied: what is under way is finished, schedules come back, each sweep runs, nothing is issued twice', async () => {
    const { redis, scene, worker, before } = await midRotation();
    const sweeps = () => SWEEPS.map((sweep) => worker.lines({ step: 'sweep', sweep }).length);
    await flushAll(redis.url);
    const earlier = sweeps();

    await scene.finished(before);
    await scene.until(async () => (await schedulers(scene)).length === 4, 'the schedules are back');
    await scene.until(() => sweeps().every((runs, i) => runs > (earlier[i] ?? 0)), 'every sweep has run again');

    expect(await schedulers(scene)).toEqual([...SWEEPS].sort());
    expectOnce(scene);
  });

  test.concurrent('is emptied as the worker dies: another one finds what is unfinished by its labels alone', async () => {
    const { redis, scene, worker, before } = await midRotation();
    scene.sandbox.secretsManager.faults.add({ kind: 'hang', operation: 'UpdateSecretVersionStage' });
    await scene.until(
      () => scene.company.credentials.every((one) => scene.holdings(one).answers.length === 2),
      'staged',
    );
    await worker.kill('SIGKILL');
    await flushAll(redis.url);
    scene.sandbox.secretsManager.faults.clear();

    const other = await scene.startWorker();
    await scene.finished(before);

    for (const { id } of scene.company.credentials) await other.logged({ step: 'resume', credential: id });
    expectOnce(scene);
  });

  test.concurrent.each([
    ['with all that it held', true],
    ['empty', false],
  ])(
    'is stopped: what is under way is promoted meanwhile; it comes back %s, and all goes on',
    async (_, appendonly) => {
      const { redis, scene, worker, before } = await midRotation({ appendonly });
      await redis.stop();
      await worker.logged({ msg: 'Redis is away: new work waits' });

      await scene.until(() => promoted(scene, before), 'all are promoted without Redis');
      expect(scene.company.credentials.map((one) => scene.holdings(one).answers.length)).toEqual([2, 2, 2]);
      await redis.restart();
      await worker.logged({ msg: 'Redis is back' });
      await scene.finished(before);

      expectOnce(scene);
      const after = scene.current();
      expect((await scene.rotate()).map(({ outcome }) => outcome)).toEqual(['accepted', 'accepted', 'accepted']);
      await scene.finished(after);
      expect(scene.audit()).toMatchObject({ working: 3, inGrace: 0, suspects: 0, violations: [] });
      expect(worker.lines({ alarm: 'invariant' })).toEqual([]);
    },
  );
});

describeWithOwnRedis('while a message is looked at', () => {
  test.concurrent('Redis is emptied: the message is gone, and nobody takes that for a bug', async () => {
    const redis = await startRedis();
    const scene = await openScene({ perKind: 1, redisUrl: redis.url });
    const worker = await scene.startWorker();
    await scene.finished();
    const { id, secret } = scene.credential('flinks-auth-secret');
    const flushed = new Promise<void>((resolve, reject) => {
      const when = () => {
        scene.sender.redis.flushall().then(() => resolve(), reject);
        return true;
      };
      // Shorter than a job's lock, which would be lost too.
      const fault = { kind: 'delay', operation: 'DescribeSecret', secret, delayMs: 400, count: 1 } as const;
      scene.sandbox.secretsManager.faults.add({ ...fault, when });
    });
    await scene.sender.send('revoke', asked(id));
    await flushed;

    await worker.logged({ msg: 'Redis came back without our schedules: they are put back, and every sweep runs now' });
    expect((await scene.rotate()).map(({ outcome }) => outcome)).toEqual(['accepted', 'accepted', 'accepted']);
    expect(worker.lines({ alarm: 'invariant' })).toEqual([]);
  });
});

test.concurrent('a rotation that failed for good is enqueued again by the next sweep', async () => {
  const scene = await openScene({ perKind: 1, pattern: '* * * * * *' });
  const rejections = ISSUES.map((route) => ({ kind: 'answer', route, status: 400, body: '{}' }) as const);
  const client = {
    kind: 'answer',
    route: 'flinks-outbound.token',
    status: 400,
    body: '{"error":"invalid_client"}',
  } as const;
  scene.sandbox.control.addFaults(...rejections, client);
  const worker = await scene.startWorker();

  await scene.finished();

  expect(worker.lines({ alarm: 'attempt-failed', reason: 'refused' }).map(({ kind }) => kind)).toHaveLength(3);
  await worker.logged({ alarm: 'own-credential-refused' });
  expect(scene.audit()).toMatchObject({ working: 3, suspects: 0, violations: [] });
});
