import { connected, sharedRedis } from '../integration/queue/support';
import { findLeaks, placesInRedis } from './leaks';

const SECRET = 'synthetic-secret-1';

test('a place that holds a value is named, and the value is not told', () => {
  const places = [
    { where: 'line 1', text: 'all is well' },
    { where: 'line 2', text: `{"detail":"${SECRET}"}` },
  ];
  expect(findLeaks(places, ['another-secret', SECRET])).toEqual(['line 2']);
});

const ODD = 'synth"etic\\secret/+ 1';

test.each([
  ['as it is', ODD],
  ['escaped for JSON', JSON.stringify({ detail: ODD })],
  ['encoded for a URL', `https://vendor.example/${encodeURIComponent(ODD)}?x=1`],
  ...[0, 1, 2, 3].map((before) => [
    `in base64, ${before} bytes in`,
    Buffer.from(`${'x'.repeat(before)}${ODD}yz`).toString('base64'),
  ]),
  ['in base64 for a URL', Buffer.from(`user:${ODD}`).toString('base64url')],
])('a value is found %s', (_, text = '') => {
  expect(findLeaks([{ where: 'here', text }], [ODD])).toEqual(['here']);
});

test('values that would be found everywhere are refused', () => {
  expect(() => findLeaks([], ['x'])).toThrow('mend the seed');
});

test('every type of key in Redis is searched, and no other prefix', async () => {
  const { url, prefix } = await sharedRedis();
  const { failFast: redis } = await connected(url);
  await redis.set(`${prefix}:string`, SECRET);
  await redis.hset(`${prefix}:hash`, { field: SECRET });
  await redis.rpush(`${prefix}:list`, SECRET);
  await redis.sadd(`${prefix}:set`, SECRET);
  await redis.zadd(`${prefix}:zset`, 1, SECRET);
  await redis.xadd(`${prefix}:stream`, '*', 'field', SECRET);
  await redis.set(`${prefix}:${SECRET}`, 'in the name');
  await redis.set(`${prefix}:clean`, 'all is well');
  const places = await placesInRedis(redis, prefix);
  expect(places).toHaveLength(8);
  expect(findLeaks(places, [SECRET])).toHaveLength(7);
  expect(await placesInRedis(redis, `${prefix}:zset`)).toHaveLength(1);
});
