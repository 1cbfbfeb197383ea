import type { FleetFacts } from '../../../src/fleet-facts';
import { createFleetBoard } from '../../../src/queue/fleet-board';
import { describeWithOwnRedis, startRedis } from '../../support/redis-server';
import { connected, sharedRedis } from './support';

const KIND = 'finicity-access-key';
const FACTS: FleetFacts = {
  observedAt: 1_790_000_000_000,
  states: { fresh: 2, 'in-grace': 1 },
  oldest: 1_780_000_000_000,
  liveGrants: 4,
  suspects: 0,
  unrevoked: 1,
  each: [{ id: 'key/a', issuedAt: 1_780_000_000_000 }, { id: 'key/b' }],
};

/** Two replicas, each with connections of its own. */
async function replicas() {
  const { url, prefix } = await sharedRedis();
  const [one, two] = [await connected(url), await connected(url)];
  const boards = [one, two].map(({ failFast }) => createFleetBoard({ failFast, prefix }));
  return { boards, redis: one.failFast, key: `${prefix}:fleet:${KIND}` };
}

test('what one replica publishes all read, the last word of each kind', async () => {
  const { boards } = await replicas();
  const [mine, other] = boards;
  expect(await other?.read(KIND)).toBeUndefined();
  await mine?.publish(KIND, { ...FACTS, liveGrants: 5 });
  await mine?.publish(KIND, FACTS);
  expect(await other?.read(KIND)).toEqual(FACTS);
  expect(await other?.read('flinks-auth-secret')).toBeUndefined();
});

test('it goes by itself where nobody publishes any more', async () => {
  const { boards, redis, key } = await replicas();
  await boards[0]?.publish(KIND, FACTS);
  expect(await redis.pttl(key)).toBeGreaterThan(0);
});

test.each([
  ['no JSON', 'hello {'],
  ['another shape', JSON.stringify({ ...FACTS, more: 1 })],
  ['a state that is no word', JSON.stringify({ ...FACTS, states: { 'hunter2 "\n': 1 } })],
  ['no number', JSON.stringify({ ...FACTS, liveGrants: '4' })],
])('what somebody else wrote counts as not there: %s', async (_, text) => {
  const { boards, redis, key } = await replicas();
  await redis.set(key, text);
  expect(await boards[0]?.read(KIND)).toBeUndefined();
});

describeWithOwnRedis('without Redis', () => {
  test('it fails at once, in words of our own', async () => {
    const redis = await startRedis();
    const { failFast } = await connected(redis.url);
    const board = createFleetBoard({ failFast, prefix: '{t}' });
    await redis.stop();
    await expect(board.publish(KIND, FACTS)).rejects.toMatchObject({ code: 'redis-unavailable' });
    await expect(board.read(KIND)).rejects.toMatchObject({ code: 'redis-unavailable' });
  });
});
