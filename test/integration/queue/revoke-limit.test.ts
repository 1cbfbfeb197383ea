import { Queue } from 'bullmq';
import { SWEEPS_QUEUE } from '../../../src/queue/names';
import { createRevokeLimit, release } from '../../../src/queue/revoke-limit';
import { afterFile } from '../../support/after-file';
import { connected, sharedRedis } from './support';

const SWEEP = 'revoke-stale-finicity-receipts';
const ids = (count: number, from = 0) => Array.from({ length: count }, (_, n) => `version-${from + n}`);

async function bench() {
  const { url, prefix } = await sharedRedis();
  const { failFast, patient } = await connected(url);
  const queue = new Queue(SWEEPS_QUEUE, { connection: patient, prefix, skipMetasUpdate: true });
  afterFile(() => queue.close());
  const ask = (versions: readonly string[], limit: number) =>
    createRevokeLimit({ failFast, prefix }).ask(SWEEP, versions, limit);
  return { ask, queue, failFast, prefix, release: () => release({ failFast, prefix }, SWEEP) };
}

const GRANTED = { granted: true, released: false };

test('up to the limit all go, over all runs of a day; beyond it none', async () => {
  const { ask } = await bench();
  expect(await ask(ids(6), 10)).toEqual(GRANTED);
  expect(await ask(ids(5, 6), 10)).toEqual({ granted: false, counted: 6, more: 5 });
  expect(await ask(ids(4, 6), 10)).toEqual(GRANTED);
  expect(await ask(ids(1, 10), 10)).toEqual({ granted: false, counted: 10, more: 1 });
});

test('what was let through once counts no further while it waits', async () => {
  const { ask } = await bench();
  expect(await ask(ids(10), 10)).toEqual(GRANTED);
  expect(await ask(ids(10), 10)).toEqual(GRANTED);
  expect(await ask(ids(4), 3)).toEqual(GRANTED);
});

test('after a day it counts no more', async () => {
  const { ask, failFast, prefix } = await bench();
  expect(await ask(ids(10), 10)).toEqual(GRANTED);
  const old = Date.now() - 86_400_001;
  for (const id of ids(10)) await failFast.zadd(`${prefix}:revoked:${SWEEP}`, old, id);
  expect(await ask(ids(10, 10), 10)).toEqual(GRANTED);
});

test('each sweep has a limit of its own', async () => {
  const { ask, failFast, prefix } = await bench();
  await ask(ids(10), 10);
  const other = createRevokeLimit({ failFast, prefix });
  expect(await other.ask('revoke-stale-flinks-permissions', ids(10, 20), 10)).toEqual(GRANTED);
});

test('a release starts a run, and lets one run go on, whoever asks first; then the limit holds again', async () => {
  const bench1 = await bench();
  const { ask, queue } = bench1;
  expect(await ask(ids(50), 10)).toMatchObject({ granted: false });
  await bench1.release();
  expect((await queue.getWaiting()).map(({ name, data }) => [name, data])).toEqual([[SWEEP, { trigger: 'released' }]]);

  const answers = await Promise.all([ask(ids(50), 10), ask(ids(50, 100), 10)]);
  expect(answers.map(({ granted }) => granted).sort()).toEqual([false, true]);
  const [first] = answers;
  expect(first).toEqual({ granted: true, released: true });

  expect(await ask(ids(50), 10)).toEqual(GRANTED);
  expect(await ask(ids(10, 200), 10)).toEqual(GRANTED);
  expect(await ask(ids(1, 300), 10)).toMatchObject({ granted: false, counted: 10 });
});

test('a release that nobody needed is spent by the next run all the same', async () => {
  const { ask, release: letGo } = await bench();
  await letGo();
  expect(await ask([], 10)).toEqual({ granted: true, released: true });
  expect(await ask(ids(11), 10)).toMatchObject({ granted: false });
});

test('100,000 versions are one question', async () => {
  const { ask } = await bench();
  expect(await ask(ids(100_000), 5_000)).toEqual({ granted: false, counted: 0, more: 100_000 });
  expect(await ask(ids(100_000), 100_000)).toEqual(GRANTED);
});
