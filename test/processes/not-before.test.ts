import { Queue } from 'bullmq';
import { accountQueue } from '../../src/queue/names';
import { openScene } from '../support/scene';

jest.setTimeout(60_000);

const SOON_MS = 9_000;
/** The worker's own margin, and what its clock may have learned wrongly of whole seconds. */
const MARGIN_MS = 6_000;

test('a job that a host with another clock hands over too early is put away until its time, and then carried out', async () => {
  const scene = await openScene({ perKind: 1, pattern: '0 0 0 29 2 *' });
  await scene.startWorker();
  await scene.finished();
  const { id } = scene.credential('flinks-auth-secret');
  const version = scene.current().get(id);
  const queue = new Queue(accountQueue('sharing'), { prefix: scene.redis.prefix, connection: scene.sender.redis });
  const notBefore = Date.now() + SOON_MS;
  const job = await queue.add('rotate', { credential: id, version, wish: 'normal', reason: 'a test', notBefore });
  await scene.until(() => job.isDelayed(), 'it is put away');

  await scene.until(() => scene.current().get(id) !== version, 'it is carried out');
  expect(Date.now()).toBeGreaterThan(notBefore - MARGIN_MS);
  expect(scene.audit().violations).toEqual([]);
});
