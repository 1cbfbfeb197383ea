import { Redis } from 'ioredis';
import type { Operation } from '../sandbox/vendor-facts/operations';
import { describeWithOwnRedis, startRedis } from '../support/redis-server';
import { rotator } from '../support/rotator';
import { openScene, type Scene } from '../support/scene';
import { until } from '../support/until';

jest.setTimeout(120_000);

const GENERATE = 'finicity.access-key.generate';
const TOKEN = 'flinks-outbound.token';
const ANSWERS_AGAIN = { msg: 'the account answers again: the pause has ended' };
const calls = ({ sandbox }: Scene, route: Operation): number => sandbox.control.counters().calls[route];
const keys = ({ company }: Scene) => company.credentials.filter(({ kind }) => kind === 'finicity-access-key');
const others = ({ company }: Scene) => company.credentials.filter(({ kind }) => kind !== 'finicity-access-key');
const has = (scene: Scene, credential: Parameters<Scene['holdings']>[0], alarm: string): boolean =>
  scene.holdings(credential).tags[alarm] !== undefined;

/** The failures that count towards the bound of five, as the last tombstone says. */
function failures(scene: Scene, credential: Parameters<Scene['holdings']>[0]): number {
  const { value, givenUp } = scene.holdings(credential);
  const tombstone: unknown = value(givenUp);
  return Number(Reflect.get(Object(tombstone), 'failures'));
}

test.concurrent('a vendor that fails pauses its account: others go on, one at a time tries, nothing of that counts, and it heals by itself', async () => {
  const mastercard = { pauseAfter: 3, pauseFor: '2s' };
  const scene = await openScene({ perKind: 3, accounts: { mastercard }, pattern: '* * * * * *' });
  const worker = await scene.startWorker();
  await scene.finished();
  const before = scene.current();
  const called = calls(scene, GENERATE);
  scene.sandbox.control.addFaults({ kind: 'error-500', route: GENERATE, count: 1_000 });

  const answers = await scene.rotate();
  expect(answers.map(({ outcome }) => outcome)).toEqual(Array(9).fill('accepted'));
  const paused = await worker.logged({ alarm: 'account-paused' });
  expect(paused).toMatchObject({ account: 'mastercard', reason: 'outcome-unknown after 3 failures in a row', nth: 1 });
  await scene.until(() => others(scene).every(({ id }) => scene.current().get(id) !== before.get(id)), 'others go on');
  await scene.until(() => worker.lines({ msg: 'the account stays paused' }).length >= 2, 'two have tried in vain');

  const tries = worker.lines({ step: 'canary', msg: 'the pause is over: one tries' }).length;
  expect(calls(scene, GENERATE) - called).toBeLessThanOrEqual(3 + tries);
  expect(keys(scene).reduce((sum, key) => sum + failures(scene, key), 0)).toBe(2);
  expect(keys(scene).filter((key) => has(scene, key, 'rotation:paused'))).toHaveLength(1);
  expect(worker.lines({ alarm: 'account-paused' })).toHaveLength(1);

  scene.sandbox.control.clearFaults();
  await worker.logged(ANSWERS_AGAIN);
  await scene.finished(before);
  expect(keys(scene).filter((key) => has(scene, key, 'rotation:paused'))).toEqual([]);
  expect(scene.audit()).toMatchObject({ working: 9, violations: [] });
});

describeWithOwnRedis('when the worker’s own credential is refused', () => {
  test.concurrent('its account is paused at once, and stays so when Redis is emptied, also for a worker that starts then', async () => {
    const redis = await startRedis();
    const flush = new Redis(redis.url);
    const scene = await openScene({
      ...{ perKind: 2, redisUrl: redis.url, pattern: '* * * * * *' },
      accounts: { outbound: { pauseFor: '30m' } },
    });
    const recipient = scene.credential('flinks-outbound-recipient');
    const refused = { status: 400, body: '{"error":"invalid_client"}', count: 1_000 } as const;
    scene.sandbox.control.addFaults({ kind: 'answer', route: TOKEN, ...refused });
    const worker = await scene.startWorker();
    await worker.logged({ alarm: 'account-paused', account: 'outbound', reason: 'own-credential-refused' });
    await worker.logged({ alarm: 'own-credential-refused' });
    const tagged = () =>
      scene.company.credentials.filter((one) => has(scene, one, 'rotation:paused')).map(({ kind }) => kind);
    await scene.until(() => tagged().length === 1, 'the pause stands in a tag');
    const logins = calls(scene, TOKEN);

    await flush.flushall();
    await scene.rotate([recipient]);
    const sweeps = () => worker.lines({ step: 'sweep', sweep: 'regenerate-outbound-secrets' }).length;
    const seen = sweeps();
    await scene.until(() => sweeps() > seen + 2, 'sweeps run again');
    await worker.logged({ credential: recipient.id, msg: 'job ended', reason: 'account-paused' });
    expect(calls(scene, TOKEN)).toBe(logins);

    await worker.kill('SIGKILL');
    await flush.flushall();
    await flush.quit();
    const other = await scene.startWorker();
    expect(other.lines({ msg: 'a tag says that the account is paused: so it is' })).toHaveLength(1);
    await scene.rotate([recipient]);
    await other.logged({ credential: recipient.id, msg: 'job ended', reason: 'account-paused' });
    expect(calls(scene, TOKEN)).toBe(logins);
    expect(tagged()).toEqual(['flinks-outbound-recipient']);
  });
});

test.concurrent('a refused credential that was mended: a read with it, then one rotation, then all', async () => {
  const scene = await openScene({ perKind: 2, pattern: '* * * * * *', accounts: { outbound: { pauseFor: '2s' } } });
  const refused = { status: 400, body: '{"error":"invalid_client"}', count: 1_000 } as const;
  scene.sandbox.control.addFaults({ kind: 'answer', route: TOKEN, ...refused });
  const worker = await scene.startWorker();
  await worker.logged({ msg: 'the account stays paused' });
  expect(calls(scene, 'flinks-outbound.regenerate')).toBe(0);

  scene.sandbox.control.clearFaults();
  await worker.logged(ANSWERS_AGAIN);
  await scene.finished();
  expect(scene.audit()).toMatchObject({ working: 6, suspects: 0, violations: [] });
  expect(worker.lines({ alarm: 'account-paused' })).toHaveLength(1);
  expect(worker.lines({ alarm: 'attempt-failed' })).toEqual([]);
});

test.concurrent('an own credential that is not there pauses its account, as the status says; it goes on when it has come', async () => {
  const scene = await openScene({
    ...{ perKind: 2, pattern: '* * * * * *' },
    accounts: {
      sharing: { apiSecret: { secret: 'own/later', key: 'apiSecret' }, pauseFor: '2s' },
      mastercard: { partnerSecret: { secret: 'own/later_partner', key: 'partnerSecret' }, pauseFor: '2s' },
    },
  });
  const { store } = scene.sandbox.secretsManager;
  const move = (from: string, Name: string): void => {
    const { SecretString = '' } = store.GetSecretValue({ SecretId: from });
    store.CreateSecret({ Name, SecretString, ClientRequestToken: Name.padEnd(64, '0') });
  };
  const status = async (...args: string[]) => (await rotator(scene, ['status', ...args])).stdout;
  const worker = await scene.startWorker({ ADMIN_PORT: '0' });
  for (const account of ['sharing', 'mastercard']) {
    await worker.logged({ alarm: 'account-paused', account, reason: 'own-credential-refused' });
  }
  await scene.until(() => keys(scene).some((key) => has(scene, key, 'rotation:paused')), 'the pause stands in a tag');

  const waiting = keys(scene)[0]?.id ?? '';
  expect(await status()).toMatch(new RegExp(`^${waiting} .* paused .*when the account answers again -> mend`, 'm'));
  expect(await status('--problems', '--account', 'outbound')).toMatch(/^0 credentials/);
  const details = await status(waiting);
  expect(details).toMatch(/^state +paused \(account-paused\)$/m);
  expect(details).toMatch(/^paused +account mastercard, .*: own-credential-refused$/m);
  const { port } = await worker.logged({ step: 'admin' });
  const page = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  await until(async () => /credentials{kind="finicity-access-key",state="paused"} 2/.test(await page()), {
    withinMs: 20_000,
    what: () => 'the metrics know that they are paused',
  });

  move('own/flinks_sharing', 'own/later');
  move('own/finicity_partner', 'own/later_partner');
  await scene.finished();
  expect(scene.alarms()).toEqual(expect.not.arrayContaining(['secret-store-refused', 'attempt-failed']));
  await scene.until(() => worker.lines(ANSWERS_AGAIN).length === 2, 'both accounts answer again');
  expect(await status()).not.toContain('paused');
});
