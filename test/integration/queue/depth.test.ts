import { createAccountQueues } from '../../../src/queue/account-queues';
import { createDepths } from '../../../src/queue/depth';
import { accountQueue } from '../../../src/queue/names';
import { connected, sharedRedis } from './support';

const job = (credential: string) => ({ credential, version: 'none', wish: 'none', reason: 'a test' }) as const;

test('counts the jobs of each queue by state, empty queues too', async () => {
  const { url, prefix } = await sharedRedis();
  const { failFast } = await connected(url);
  const queues = createAccountQueues({ failFast, prefix });
  const depths = createDepths(() => [accountQueue('one'), accountQueue('two')], { failFast, prefix });
  await queues.enqueueRotate('one', job('a'));
  await queues.enqueueRotate('one', job('b'), { delayMs: 60_000 });
  await queues.enqueueRotate('one', job('c'), { delayMs: 60_000 });
  await queues.enqueueRotate('one', { ...job('d'), wish: 'compromised' });

  const read = (await depths.read()).map(({ queue, state, jobs }) => `${queue} ${state} ${jobs}`);

  const empty = ['waiting', 'prioritized', 'delayed', 'active', 'failed'].map((state) => `account-two ${state} 0`);
  const one = ['waiting 1', 'prioritized 1', 'delayed 2', 'active 0', 'failed 0'].map(
    (state) => `account-one ${state}`,
  );
  expect(read).toEqual([...one, ...empty]);
  await Promise.all([depths.close(), queues.close()]);
});
