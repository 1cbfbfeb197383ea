import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { Redis } from 'ioredis';
import { connected, sharedRedis } from '../../integration/queue/support';
import { afterFile } from '../after-file';
import { startNode } from '../processes';
import { describeWithOwnRedis, startRedis } from '../redis-server';
import { temporaryFolder } from '../temporary-folder';
import { type Everything, findLeaks, placesInRedis, type Secret, searchEverything } from '.';
import { FORMS } from './forms';
import { SEARCHABLE } from './redis';

const SECRET = 'synthetic-secret-1';

test('a place that holds a value is named, and the value is not told', () => {
  const places = [
    { where: 'line 1', text: 'all is well' },
    { where: 'line 2', text: `{"detail":"${SECRET}"}` },
  ];
  expect(findLeaks(places, ['another-secret', SECRET])).toEqual(['line 2']);
});

test('values that would be found everywhere are refused', () => {
  expect(() => findLeaks([], ['short'])).toThrow('mend the seed');
});

/** How others write what they print, without a word from our own list of forms. */
const WRITINGS: Readonly<Record<string, (value: string) => string>> = {
  'as it is': (value) => `it is ${value}!`,
  'in JSON': (value) => JSON.stringify({ detail: value }),
  'in JSON within JSON': (value) => JSON.stringify({ data: JSON.stringify({ detail: value }) }),
  'printed by Node': (value) => inspect({ value }),
  'in a path': (value) => `https://vendor.example/${encodeURIComponent(value)}?x=1`,
  'in a path, lower case': (value) => encodeURIComponent(value).replace(/%../g, (code) => code.toLowerCase()),
  'in a whole URL': (value) => encodeURI(`https://vendor.example/a b/${value}`),
  'in a form': (value) => new URLSearchParams({ grant_type: 'x', secret: value, y: '' }).toString(),
  'as user and password': (value) => `Basic ${Buffer.from(`user:${value}`).toString('base64')}`,
  'in base64': (value) => Buffer.from(`${value}yz`).toString('base64'),
  'in base64, 1 byte in': (value) => Buffer.from(`x${value}yz`).toString('base64'),
  'in base64, 2 bytes in': (value) => Buffer.from(`xx${value}yz`).toString('base64'),
  'in base64 for a URL': (value) => Buffer.from(`xxx${value}`).toString('base64url'),
  'in hex': (value) => Buffer.from(value).toString('hex'),
  'in HEX': (value) => Buffer.from(value).toString('hex').toUpperCase(),
  'as the bytes of a Buffer': (value) => inspect(Buffer.from(value)),
  'cut off at its end': (value) => `${value.slice(0, 30)}…`,
  'cut off at its beginning': (value) => `…${value.slice(-30)}`,
};

/** A secret of its own for each way to write it, with every character that somebody escapes. */
const PLANTED = Object.entries(WRITINGS).map(([what, write]) => {
  const value = `Qé"'\\/+= %&!~${randomBytes(16).toString('hex')}`;
  return { what, value, text: write(value) };
});
const secrets: readonly Secret[] = PLANTED;
const EVERY_WRITING = PLANTED.map(({ text }) => text).join('\n');

const found = (leaks: readonly string[]): string[] =>
  PLANTED.map(({ what }) => what).filter((what) => leaks.some((leak) => leak.includes(`: ${what}, `)));

/** A process with these arguments and variables, which waits to be killed. */
async function waiting(args: string[], env: Record<string, string>): Promise<number> {
  const child = startNode('-e', { args: ['console.log("up"); setInterval(() => {}, 1e6)', ...args], env });
  await child.waitForLine('up');
  return child.pid;
}

const fileWith = (name: string, text: string): Everything => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, name), text);
  return { folders: [folder] };
};

const thrown = (plant: (error: Error, text: string) => unknown, text: string): Everything => {
  const error = new Error('all is well');
  return { thrown: [{ where: 'it', error: plant(error, text) ?? error }] };
};
const hidden = (target: object, name: PropertyKey, value: unknown): void =>
  void Object.defineProperty(target, name, { value, enumerable: false });

/** Every kind of place, and what it takes to put something there. */
const READERS: Readonly<Record<string, (text: string) => Everything | Promise<Everything>>> = {
  'a line of a log': (text) => ({ texts: [{ where: 'line 1', text }] }),
  'a label of the metrics': (text) => ({ texts: [{ where: '/metrics', text: `rotation_x{credential="${text}"} 1` }] }),
  'an argument': async (text) => ({ processes: [{ pid: await waiting([text], {}) }] }),
  'the environment': async (text) => ({ processes: [{ pid: await waiting([], { PLANTED: text }) }] }),
  "a child's argument": async (text) => {
    const child = `['-e', 'console.log("up"); process.stdin.resume()', process.env.PLANTED]`;
    const stdio = `['pipe', 'inherit', 'inherit']`; // it ends with its parent
    const start = `require('child_process').spawn(process.execPath, ${child}, { stdio: ${stdio}, env: {} })`;
    const parent = startNode('-e', { args: [start], env: { PLANTED: text } });
    await parent.waitForLine('up');
    return { processes: [{ pid: parent.pid, byDesign: { PLANTED: text } }] };
  },
  'a file': (text) => fileWith('dump', text),
  'a file in a folder': (text) => {
    const everything = fileWith('dump', 'all is well');
    return { folders: [...(everything.folders ?? []), ...(fileWith('dump', text).folders ?? [])] };
  },
  'the message of an error': (text) => thrown((error) => new Error(text, { cause: error }), text),
  'the cause of an error': (text) => thrown(() => new Error('it failed', { cause: new Error(text) }), text),
  'one of several errors': (text) => thrown((error) => new AggregateError([error, new Error(text)]), text),
  'a hidden property of an error': (text) => thrown((error) => hidden(error, '$response', { body: text }), text),
  'a property named by a symbol': (text) => thrown((error) => hidden(error, Symbol('config'), [text]), text),
  'the name of a property': (text) => thrown((error) => hidden(error, 'headers', { [text]: 1 }), text),
  'a getter of a class': (text) => {
    class Careless extends Error {
      get config() {
        return text;
      }
    }
    return thrown(() => new Careless(), text);
  },
  'a Map of an error': (text) => thrown((error) => hidden(error, 'headers', new Map([['x', new Set([text])]])), text),
  // With memory of its own: others share a pool, and who prints one prints the pool.
  'a Buffer of an error': (text) =>
    thrown((error) => hidden(error, 'data', Buffer.alloc(Buffer.byteLength(text), text)), text),
  'a property that says it is nothing': (text) =>
    thrown((error) => hidden(error, 'data', { text, [inspect.custom]: () => '[redacted]', toJSON: () => '' }), text),
  'something thrown that is no error': (text) => ({ thrown: [{ where: 'it', error: { detail: text } }] }),
};

describe.each(Object.entries(READERS))('in %s', (_, plant) => {
  test('a secret is found however it is written', async () => {
    const { leaks, bytes } = await searchEverything(secrets, await plant(EVERY_WRITING));
    expect(found(leaks)).toEqual(Object.keys(WRITINGS));
    expect(bytes).toBeGreaterThanOrEqual(Buffer.byteLength(EVERY_WRITING));
  });

  test('nothing is found where there is nothing', async () => {
    expect((await searchEverything(secrets, await plant('all is well'))).leaks).toEqual([]);
  });
});

test('util.inspect alone shows what is hidden in an error', async () => {
  const everything = thrown((error) => hidden(error, 'config', { [Symbol('auth')]: SECRET }), SECRET);
  const { leaks } = await searchEverything([{ what: 'planted', value: SECRET }], everything);
  expect(leaks).toContain('it, by util.inspect: planted, as it is');
});

test('the name of a file is searched, and a folder within a folder', async () => {
  const { leaks } = await searchEverything([{ what: 'planted', value: SECRET }], fileWith(SECRET, ''));
  expect(leaks).toEqual([expect.stringMatching(/^the name of a file in .*: planted, as it is$/)]);
});

test('a variable that an operator gives is not looked at where it holds what he gave, and else it is', async () => {
  const pid = await waiting([], { GIVEN: SECRET, ANOTHER: SECRET });
  const look = async (byDesign: Record<string, string>) =>
    (await searchEverything([{ what: 'planted', value: SECRET }], { processes: [{ pid, byDesign }] })).leaks;
  const leak = (name: string) => `${name} in the environment of process ${pid}: planted, as it is`;
  expect(await look({ GIVEN: SECRET })).toEqual([leak('ANOTHER')]);
  expect(await look({ GIVEN: `${SECRET}, and more` })).toEqual([leak('GIVEN'), leak('ANOTHER')]);
});

test('thousands of secrets are looked for in one pass', async () => {
  const many = Array.from({ length: 5_000 }, (_, n) => ({
    what: `secret ${n}`,
    value: randomBytes(16).toString('hex'),
  }));
  const noise = randomBytes(4_000_000).toString('hex');
  const text = `${noise}${many[4_321]?.value}${noise}`;
  const { leaks, bytes } = await searchEverything(many, { texts: [{ where: 'here', text }] });
  expect([leaks, bytes]).toEqual([['here: secret 4321, as it is'], 16_000_032]);
});

test('every form of our own is one that somebody writes', () => {
  const used = PLANTED.flatMap(({ value, text }) =>
    Object.entries(FORMS).flatMap(([form, of]) => (of(value).some((one) => text.includes(one)) ? [form] : [])),
  );
  expect(new Set(used)).toEqual(new Set(Object.keys(FORMS)));
});

const TYPES: Readonly<Record<string, (redis: Redis, key: string, text: string) => Promise<unknown>>> = {
  string: (redis, key, text) => redis.set(key, text),
  hash: (redis, key, text) => redis.hset(key, { field: text }),
  list: (redis, key, text) => redis.rpush(key, text),
  set: (redis, key, text) => redis.sadd(key, text),
  zset: (redis, key, text) => redis.zadd(key, 1, text),
  stream: (redis, key, text) => redis.xadd(key, '*', 'field', text),
  name: (redis, key, text) => redis.set(`${key}:${text}`, 'in the name'),
};

test('every type of key in Redis is searched, and no other prefix', async () => {
  const { url, prefix } = await sharedRedis();
  const { failFast: redis } = await connected(url);
  for (const [type, put] of Object.entries(TYPES)) await put(redis, `${prefix}:${type}`, EVERY_WRITING);
  await redis.set(`${prefix}:clean`, 'all is well');
  const { leaks, places } = await searchEverything(secrets, { redis: { url, prefix } });
  expect(places).toBe(Object.keys(TYPES).length + 1);
  for (const type of Object.keys(TYPES)) {
    const ofType = leaks.filter((leak) => leak.startsWith(`Redis key ${prefix}:${type}`));
    expect([type, found(ofType)]).toEqual([type, Object.keys(WRITINGS)]);
  }
  expect(await placesInRedis(redis, `${prefix}:zset`)).toHaveLength(1);
});

describeWithOwnRedis('the files of Redis', () => {
  const opened = async (settings: Readonly<Record<string, string>>) => {
    const folder = temporaryFolder();
    const server = await startRedis({ dir: folder, appendonly: true, settings });
    const redis = new Redis(server.url);
    afterFile(() => redis.disconnect());
    return { redis, searched: { url: server.url, folder } };
  };

  test.each(Object.entries(TYPES))(
    'hold a %s, however it is written; the append-only file also when it is gone',
    async (_, put) => {
      const { redis, searched } = await opened(SEARCHABLE);
      await put(redis, 'here', EVERY_WRITING);
      const files = async (end: RegExp) => {
        const { leaks } = await searchEverything(secrets, { redis: searched });
        return found(leaks.filter((leak) => end.test(leak)));
      };
      expect(await files(/^file \S+\.rdb:/)).toEqual(Object.keys(WRITINGS));
      expect(await files(/^file \S+\.aof:/)).toEqual(Object.keys(WRITINGS));
      await redis.flushall();
      expect(await files(/^Redis key|\.rdb:/)).toEqual([]);
      expect(await files(/^file \S+\.aof:/)).toEqual(Object.keys(WRITINGS));
    },
  );

  test('are refused where they would hide something', async () => {
    const { searched } = await opened({ ...SEARCHABLE, rdbcompression: 'yes' });
    await expect(searchEverything(secrets, { redis: searched })).rejects.toThrow('set rdbcompression to no');
  });
});
