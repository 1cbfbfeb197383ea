import { Redis } from 'ioredis';
import { describeWithOwnRedis, startRedis } from './redis-server.js';

async function ask<T>(url: string, question: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url);
  try {
    return await question(redis);
  } finally {
    redis.disconnect();
  }
}

describeWithOwnRedis('a Redis of our own', () => {
  test('comes back on the same port, empty unless it keeps an append-only file', async () => {
    const forgetful = await startRedis();
    const lasting = await startRedis({ appendonly: true });
    const { port } = forgetful;
    for (const server of [forgetful, lasting]) {
      await ask(server.url, (redis) => redis.set('key', 'value'));
      await server.restart();
    }

    expect(forgetful.port).toBe(port);
    expect(await ask(forgetful.url, (redis) => redis.get('key'))).toBeNull();
    expect(await ask(lasting.url, (redis) => redis.get('key'))).toBe('value');
  });

  test('can be stopped or killed, and started again after that', async () => {
    const server = await startRedis();
    const first = server.pid;

    await server.kill();
    expect(() => process.kill(first, 0)).toThrow('ESRCH');
    await server.restart();
    expect(server.pid).not.toBe(first);
    await server.stop();
    await server.restart();

    expect(await ask(server.url, (redis) => redis.ping())).toBe('PONG');
  });

  test('can stand on a port and in a folder that a test chooses', async () => {
    const first = await startRedis();
    await first.stop();

    const second = await startRedis({ port: first.port });

    expect(second.url).toBe(first.url);
  });
});

test('the Redis of the run is at TEST_REDIS_URL, and our keys have a prefix', async () => {
  const { TEST_REDIS_URL, TEST_REDIS_PREFIX } = process.env;
  if (!TEST_REDIS_URL) throw new Error('TEST_REDIS_URL is not set: run the tests by npm test');

  expect(await ask(TEST_REDIS_URL, (redis) => redis.ping())).toBe('PONG');
  expect(TEST_REDIS_PREFIX).toMatch(/^rotation-test-[0-9a-f]{12}$/);
});
