import { connect, type Socket } from 'node:net';
import { Redis } from 'ioredis';
import { ALARMS, SWEEPS } from '../../src/types';
import { type Page, parseExposition } from '../support/exposition';
import { findLeaks } from '../support/leaks';
import { describeWithOwnRedis, startRedis } from '../support/redis-server';
import { openScene, type Scene } from '../support/scene';
import { ISSUED_KINDS } from '../support/traits';
import { startWorkerProcess, type WorkerProcess } from '../support/worker-process';

jest.setTimeout(120_000);

const NEVER = '0 0 0 29 2 *';
const TOKEN = 'SYNTH-admin-token-0123456789';
const ENDED = { code: 0, signal: null };

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** What a caller gets from a worker's admin server. */
async function ask(worker: WorkerProcess, path: string, headers: Record<string, string> = {}): Promise<Answer> {
  const { port } = await worker.logged({ msg: 'the admin server listens' });
  const answer = await fetch(`http://127.0.0.1:${String(port)}${path}`, { headers });
  return { status: answer.status, text: await answer.text() };
}

async function readiness(worker: WorkerProcess): Promise<Record<string, unknown>> {
  const { status, text } = await ask(worker, '/readyz');
  const { ready, checks } = JSON.parse(text);
  return { status, ready, ...checks };
}

const metrics = async (worker: WorkerProcess): Promise<Page> => parseExposition((await ask(worker, '/metrics')).text);

const ok = expect.objectContaining({ ok: true });
const READY = { status: 200, ready: true, process: ok, redis: ok, 'secrets-manager': ok, schedulers: ok };

/** Waits until it says that it is ready, or what is given instead. */
const says = (scene: Scene, worker: WorkerProcess, wanted: object): Promise<void> =>
  scene.until(
    async () => {
      expect(await readiness(worker)).toMatchObject(wanted);
      return true;
    },
    `readiness ${JSON.stringify(wanted)}`,
  );

describeWithOwnRedis('while Redis', () => {
  test.concurrent('is stopped it lives and is not ready; it comes back empty, and the schedules with it', async () => {
    const redis = await startRedis();
    const scene = await openScene({ perKind: 1, redisUrl: redis.url });
    const worker = await scene.startWorker();
    await says(scene, worker, READY);

    await redis.stop();
    await says(scene, worker, {
      ...{ ...READY, status: 503, ready: false },
      redis: { ok: false, reason: expect.stringMatching(/^redis-unavailable: /) },
      schedulers: { ok: false },
    });
    expect(await ask(worker, '/healthz')).toEqual({ status: 200, text: '{"alive":true}' });
    const page = await metrics(worker);
    expect(page.value('rotation_live_grants', { kind: 'flinks-auth-secret' })).toBeUndefined();
    expect(page.value('rotation_alarms_total', { alarm: 'invariant' })).toBe(0);

    await redis.restart();
    await says(scene, worker, READY);
  });

  test.concurrent('has lost its schedules it is not ready, until they are put back', async () => {
    const redis = await startRedis();
    const scene = await openScene({ perKind: 1, redisUrl: redis.url, pattern: NEVER });
    const worker = await scene.startWorker();
    await says(scene, worker, READY);
    await scene.finished();
    const flusher = new Redis(redis.url);

    // A look every three seconds puts them back: one of these questions comes before it.
    await scene.until(async () => {
      await flusher.flushall();
      const { schedulers } = await readiness(worker);
      return JSON.stringify(schedulers).includes(`${SWEEPS[0]} missing`);
    }, 'it says that a schedule is missing');
    flusher.disconnect();

    await says(scene, worker, READY);
    await worker.logged({ msg: 'Redis came back without our schedules: they are put back, and every sweep runs now' });
  });

  test.concurrent('has never been there it lives, and is not ready', async () => {
    const redis = await startRedis();
    const scene = await openScene({ perKind: 1, redisUrl: redis.url });
    await redis.stop();
    const worker = await scene.startWorker();

    expect((await ask(worker, '/healthz')).status).toBe(200);
    await says(scene, worker, { status: 503, ready: false, redis: { ok: false } });

    await redis.restart();
    await says(scene, worker, READY);
  });
});

test.concurrent('while Secrets Manager does not answer it lives and is not ready', async () => {
  const scene = await openScene({ perKind: 1, pattern: NEVER });
  const worker = await scene.startWorker();
  await says(scene, worker, READY);
  await scene.finished();
  const listed = (): number => scene.sandbox.secretsManager.calls.counts().ListSecrets ?? 0;
  const before = listed();
  await Promise.all(Array.from({ length: 50 }, () => readiness(worker)));
  expect(listed() - before).toBeLessThanOrEqual(1);

  await scene.sandbox.secretsManager.close();

  await says(scene, worker, {
    ...{ ...READY, status: 503, ready: false },
    'secrets-manager': { ok: false, reason: 'secret-store: unavailable' },
  });
  expect((await ask(worker, '/healthz')).status).toBe(200);
});

test.concurrent('two rotations of each kind, one of them unhappy, stand in the metrics with their numbers; no secret does', async () => {
  const scene = await openScene({ perKind: 1 });
  const { control, secretsManager } = scene.sandbox;
  const worker = await scene.startWorker({ ADMIN_TOKEN: TOKEN, METRICS_PER_CREDENTIAL: '1' });
  const authorized = { authorization: `Bearer ${TOKEN}` };
  const page = async (): Promise<Page> => parseExposition((await ask(worker, '/metrics', authorized)).text);
  await scene.finished();
  const first = scene.current();
  control.addFaults(
    { kind: 'throttled-429', route: 'finicity.access-key.generate', retryAfter: '1' },
    { kind: 'reset', route: 'flinks-data-sharing.generate', effect: 'done' },
  );
  secretsManager.faults.add({ kind: 'throttle', operation: 'DescribeSecret', secret: 'credentials/*', count: 1 });
  await scene.rotate();
  await scene.finished(first);
  const settled = (seen: Page): boolean =>
    ISSUED_KINDS.every((kind) => seen.value('rotation_settled_total', { kind, grant: 'proven-dead' }) === 1);
  await scene.until(async () => settled(await page()), 'each kind has settled');
  await scene.until(async () => {
    const seen = await page();
    return ISSUED_KINDS.every((kind) => seen.value('rotation_live_grants', { kind }) === 1);
  }, 'a sweep has seen it');
  const seen = await page();

  for (const { id, kind } of scene.company.credentials) {
    expect(seen.value('rotation_rotations_total', { kind, outcome: 'promoted' })).toBe(2);
    expect(seen.value('rotation_rotation_duration_seconds_count', { kind })).toBe(2);
    expect(seen.value('rotation_answer_to_stored_seconds_count', { kind })).toBe(2);
    expect(seen.value('rotation_settled_total', { kind, grant: 'not-proven' })).toBe(0);
    expect(seen.value('rotation_unrevoked_grants', { kind })).toBe(0);
    expect(seen.value('rotation_suspected_orphans', { kind })).toBe(kind === 'flinks-auth-secret' ? 1 : 0);
    expect(seen.value('rotation_credentials', { kind, state: 'fresh' })).toBe(1);
    const age = seen.value('rotation_oldest_age_seconds', { kind }) ?? -1;
    expect(age).toBeGreaterThan(0);
    expect(age).toBeLessThan(120);
    expect(seen.value('rotation_credential_age_seconds', { kind, credential: id })).toBe(age);
  }
  const kind = 'finicity-access-key';
  const left = seen.value('rotation_nearest_expiry_seconds', { kind }) ?? 0;
  expect(Math.round(left / 86_400)).toBe(730);
  expect(seen.value('rotation_credential_expiry_seconds', { kind, credential: 'key-aaaa' })).toBe(left);
  expect(seen.value('rotation_nearest_expiry_seconds', { kind: 'flinks-auth-secret' })).toBeUndefined();
  expect(seen.value('rotation_throttles_total', { by: 'finicity' })).toBe(1);
  expect(seen.value('rotation_throttles_total', { by: 'secrets-manager' })).toBe(1);
  expect(seen.value('rotation_throttles_total', { by: 'flinks-outbound' })).toBe(0);

  const raised = worker.lines().flatMap(({ alarm }) => (alarm === undefined ? [] : [alarm]));
  expect(raised).toContain('suspected-orphan');
  for (const alarm of ALARMS) {
    const times = raised.filter((one) => one === alarm).length;
    expect([alarm, seen.value('rotation_alarms_total', { alarm })]).toEqual([alarm, times]);
  }
  for (const operation of ['CreateSecret', 'PutSecretValue', 'UpdateSecretVersionStage', 'TagResource']) {
    const counted = seen.samples
      .filter(({ name, labels }) => name === 'rotation_secrets_manager_calls_total' && labels.operation === operation)
      .reduce((sum, { value }) => sum + value, 0);
    expect([operation, counted]).toEqual([operation, secretsManager.calls.counts()[operation]]);
  }
  const throttled = { operation: 'DescribeSecret', outcome: 'throttled' };
  expect(seen.value('rotation_secrets_manager_calls_total', throttled)).toBe(1);
  const queues = ['sweeps', 'rotation-requests', 'account-outbound', 'account-sharing', 'account-mastercard'];
  for (const queue of queues) expect(seen.value('rotation_queue_jobs', { queue, state: 'waiting' })).toBe(0);
  expect(seen.value('rotation_queue_jobs', { queue: 'sweeps', state: 'delayed' })).toBeGreaterThan(0);
  expect(seen.value('rotation_process_resident_memory_bytes')).toBeGreaterThan(0);

  const secrets = [...control.secretValues(), ...scene.company.ownSecrets, TOKEN];
  const grants = control.grants().flatMap(({ grantId }) => (grantId === null ? [] : [grantId]));
  const pages = await Promise.all(['/metrics', '/readyz'].map((path) => ask(worker, path, authorized)));
  const places = [...pages, ...(await Promise.all(['/metrics', '/readyz'].map((path) => ask(worker, path))))];
  expect(secrets.length).toBeGreaterThan(8);
  expect(
    findLeaks(
      places.map(({ text }, i) => ({ where: `page ${i}`, text })),
      [...secrets, ...grants],
    ),
  ).toEqual([]);
  expect(findLeaks([{ where: 'the log', text: worker.stdout() + worker.stderr() }], [TOKEN])).toEqual([]);
  expect(places.map(({ status }) => status)).toEqual([200, 200, 401, 401]);
});

test.concurrent('every replica shows what the last sweep of any of them saw; credentials are named by a switch only', async () => {
  const scene = await openScene({ perKind: 2, pattern: NEVER });
  const first = await scene.startWorker();
  await scene.finished();
  // Its start has each sweep run once more, by one of the two.
  const workers = [first, await scene.startWorker()];

  for (const worker of workers) {
    await scene.until(async () => {
      const page = await metrics(worker);
      return ISSUED_KINDS.every((kind) => page.value('rotation_live_grants', { kind }) === 2);
    }, 'both credentials of each kind');
    const { text } = await ask(worker, '/metrics');
    for (const { id } of scene.company.credentials) expect(text).not.toContain(id);
  }
});

describe('SIGTERM', () => {
  test.concurrent('ends it though callers keep their connections, and one does not finish its request', async () => {
    const scene = await openScene({ perKind: 1, pattern: NEVER });
    const worker = await scene.startWorker();
    const { port } = await worker.logged({ msg: 'the admin server listens' });
    const request = 'GET /healthz HTTP/1.1\r\nhost: worker\r\n';
    const callers = await Promise.all([request, `${request}\r\n`].map((text) => openConnection(Number(port), text)));
    expect((await ask(worker, '/healthz')).status).toBe(200);
    await scene.finished();
    expect(callers.map(({ closed }) => closed)).toEqual([false, false]);

    expect(await worker.kill('SIGTERM')).toEqual(ENDED);

    await scene.until(() => callers.every(({ closed }) => closed), 'both connections have ended');
    expect(worker.lines({ msg: 'worker stopped', stillRunning: 0 })).toHaveLength(1);
  });

  test.concurrent('makes it not ready while it waits for a vendor', async () => {
    const scene = await openScene({ perKind: 1, pattern: NEVER, timeout: '20s' });
    scene.sandbox.control.addFaults({
      ...{ kind: 'delay', route: 'flinks-data-sharing.generate', ms: 3_000, hold: 'answer', count: 1 },
    });
    const worker = await scene.startWorker();
    await worker.logged({ step: 'intent', kind: 'flinks-auth-secret' });

    worker.signal('SIGTERM');
    await worker.logged({ msg: 'stopping: no new work' });

    expect(await readiness(worker)).toMatchObject({ status: 503, process: { ok: false, reason: 'stopping' } });
    expect((await ask(worker, '/healthz')).status).toBe(200);
    expect(await worker.exited).toEqual(ENDED);
  });
});

test.concurrent('a port that somebody has is told at the start, with exit code 2', async () => {
  const scene = await openScene({ perKind: 1, pattern: NEVER });
  const { port } = await (await scene.startWorker()).logged({ msg: 'the admin server listens' });

  const second = startWorkerProcess({ ...scene.company.env, REDIS_URL: scene.redis.url, ADMIN_PORT: String(port) });

  expect(await second.exited).toEqual({ code: 2, signal: null });
  expect(second.stderr()).toMatch(`ADMIN_PORT: cannot listen on 127.0.0.1 port ${String(port)} (EADDRINUSE)`);
});

/** A caller's connection, which it never ends itself. */
function openConnection(port: number, text: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(text, () => resolve(socket));
    });
    socket.on('error', reject);
    socket.resume();
  });
}
