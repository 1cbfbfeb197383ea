import { readFileSync, writeFileSync } from 'node:fs';
import { openScene, type Scene } from '../support/scene';
import { holdAnswers, issued } from '../support/vendor-calls';
import { startWorkerProcess, type WorkerProcess } from '../support/worker-process';

jest.setTimeout(90_000);

const IN_FORCE = { msg: 'the new manifest is in force' };
const REFUSED = { alarm: 'manifest-refused' };
const RARELY = '0 0 1 1 *';

/** Asks for the manifest to be read anew, and waits until it was judged. */
async function reload(scene: Scene, worker: WorkerProcess): Promise<void> {
  const judged = () => worker.lines(IN_FORCE).length + worker.lines(REFUSED).length;
  const before = judged();
  worker.signal('SIGHUP');
  await scene.until(() => judged() > before, 'the manifest is judged');
}

test.concurrent('a bad manifest is refused with all its errors, the old one stays; a good one follows; what rotates meanwhile is not disturbed', async () => {
  const scene = await openScene({ perKind: 1, timeout: '20s' });
  const worker = await scene.startWorker();
  await scene.finished();
  const before = scene.current();
  holdAnswers(scene.sandbox, 8_000);
  await scene.rotate();
  await scene.until(() => issued(scene.sandbox) === 6, 'every vendor has issued, and holds its answer');
  const { manifestPath } = scene.company;
  const good = readFileSync(manifestPath, 'utf8');
  writeFileSync(manifestPath, good.replace('partner aaaa', 'p1').replace('grace: 2s', 'grace: soon'));

  await reload(scene, worker);
  const [refusal] = worker.lines(REFUSED);
  expect(refusal?.problems).toEqual([expect.stringMatching(/rotation\.yaml:\d+.*grace/), expect.stringMatching(/p1/)]);

  writeFileSync(manifestPath, good);
  scene.company.edit(({ providers }) => {
    for (const account of Object.values(providers)) account.timeout = '21s';
  });
  await reload(scene, worker);
  await worker.logged(IN_FORCE);

  await scene.finished(before);
  expect(scene.audit()).toMatchObject({ working: 3, inGrace: 0, suspects: 0, violations: [] });
  expect(scene.company.credentials.map((one) => scene.holdings(one).answers.length)).toEqual([2, 2, 2]);
  expect(scene.alarms()).toEqual(['manifest-refused']);
  const after = scene.current();
  await scene.rotate();
  await scene.finished(after);
});

test.concurrent('schedules, entries and accounts follow; several signals in a row: the last one wins', async () => {
  const scene = await openScene({ perKind: 2, pattern: RARELY });
  const { company } = scene;
  let all: Record<string, unknown>[] = [];
  company.edit((manifest) => {
    all = manifest.credentials;
    manifest.credentials = all.filter(({ id }) => String(id).endsWith('aaaa'));
  });
  const worker = await scene.startWorker();
  const patterns = async () =>
    Object.fromEntries(
      (await scene.sender.sweeps.getJobSchedulers()).map(({ key, pattern, tz }) => [key, [pattern, tz]]),
    );
  await scene.until(async () => Object.keys(await patterns()).length === 4, 'the schedules stand');

  for (const minute of [1, 2, 3]) {
    company.edit((manifest) => {
      manifest.credentials = all;
      manifest.schedules['reissue-expiring-tokens'] = {
        ...{ pattern: `${minute} 4 * * *`, zone: 'Asia/Tokyo', spread: '0s' },
      };
      const { outbound } = manifest.providers;
      if (outbound !== undefined) manifest.providers['outbound-two'] = { ...outbound };
    });
    worker.signal('SIGHUP');
  }
  await scene.finished();

  await scene.until(
    async () => (await patterns())['reissue-expiring-tokens']?.[0] === '3 4 * * *',
    'the last schedule is in force',
  );
  expect(await patterns()).toMatchObject({
    'reissue-expiring-tokens': ['3 4 * * *', 'Asia/Tokyo'],
    'regenerate-outbound-secrets': [RARELY, 'UTC'],
  });
  expect(worker.lines({ step: 'sweep', trigger: 'reload' }).length).toBeGreaterThanOrEqual(4);
  expect(worker.lines({ alarm: 'invariant' })).toEqual([]);
});

test.concurrent('an entry that disappears is reported once, and revokes nothing; its messages are refused', async () => {
  const scene = await openScene({ perKind: 1 });
  const worker = await scene.startWorker();
  await scene.finished();
  const first = scene.current();
  await scene.rotate();
  await scene.finished(first);
  const gone = scene.credential('flinks-auth-secret');
  const held = scene.holdings(gone);

  scene.company.edit((manifest) => {
    manifest.credentials = manifest.credentials.filter(({ id }) => id !== gone.id);
  });
  await reload(scene, worker);
  const sweeps = () => worker.lines({ step: 'sweep', sweep: 'reissue-expiring-tokens' }).length;
  const before = sweeps();
  await scene.until(() => sweeps() > before + 2, 'sweeps have looked');

  expect(worker.lines({ alarm: 'entry-missing' })).toMatchObject([{ count: 1, ours: 3, credentials: gone.id }]);
  const [answer] = await scene.rotate([gone]);
  expect(answer).toMatchObject({ outcome: 'refused', reason: 'unknown-credential' });
  expect(scene.holdings(gone)).toMatchObject({ current: held.current, tags: held.tags });
  expect(scene.sandbox.control.storedValueWorks(gone.kind, held.value(held.current))).toBe(true);
});

describe('a manifest that has lost too many entries', () => {
  const LOST = /rotation\.yaml: 6 of the 6 secrets .*lostShare is 0\.1.*key-aaaa.*state: retired.*lostShare/;

  test.concurrent('is refused at reload, and at start with exit code 2; with a greater share it is taken', async () => {
    const scene = await openScene({ perKind: 2 });
    const worker = await scene.startWorker();
    await scene.finished();
    scene.company.edit((manifest) => {
      manifest.credentials = [];
    });
    await reload(scene, worker);
    expect(worker.lines(REFUSED)).toMatchObject([{ problems: [expect.stringMatching(LOST)] }]);
    const before = scene.current();
    await scene.rotate();
    await scene.finished(before);
    await worker.kill('SIGTERM');

    const env = { ...scene.company.env, REDIS_URL: scene.redis.url, BULLMQ_PREFIX: scene.redis.prefix };
    const refused = startWorkerProcess(env);
    expect(await refused.exited).toEqual({ code: 2, signal: null });
    expect(refused.stderr()).toMatch(LOST);
    expect(refused.lines({ step: 'sweep' })).toEqual([]);

    scene.company.edit(({ limits }) => {
      limits.lostShare = 1;
    });
    const taken = await scene.startWorker();
    expect(taken.lines({ alarm: 'entry-missing' })).toMatchObject([{ count: 6 }]);
  });

  test.concurrent('is not passed by while Secrets Manager cannot be listed: the start waits, and ends when told to', async () => {
    const scene = await openScene({ perKind: 2 });
    const first = await scene.startWorker();
    await scene.finished();
    await first.kill('SIGTERM');
    scene.company.edit((manifest) => {
      manifest.credentials = [];
    });
    const { faults } = scene.sandbox.secretsManager;
    faults.add({ kind: 'refuse', operation: 'ListSecrets', count: 3 });

    const env = { ...scene.company.env, REDIS_URL: scene.redis.url, BULLMQ_PREFIX: scene.redis.prefix };
    const waiting = startWorkerProcess(env);
    await waiting.logged({ alarm: 'secret-store-refused' });
    waiting.signal('SIGHUP');
    expect(await waiting.exited).toEqual({ code: 2, signal: null });
    expect(waiting.stderr()).toMatch(LOST);

    faults.add({ kind: 'refuse', operation: 'ListSecrets' });
    const stopped = startWorkerProcess(env);
    await stopped.logged({ alarm: 'secret-store-refused' });
    expect(await stopped.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(stopped.lines({ step: 'sweep' })).toEqual([]);
  });
});
