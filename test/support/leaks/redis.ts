import { Redis } from 'ioredis';
import { z } from 'zod';
import { placesInFolder } from './files';
import type { Place } from './place';

/** A Redis that is looked through; `folder`: where it keeps its files, of a server of the test's own. */
export interface SearchedRedis {
  readonly url: string;
  /** Only the keys that begin so; all by default. */
  readonly prefix?: string;
  readonly folder?: string;
}

/** Every key with all that it holds; and the append-only file, which remembers what was removed, and a fresh RDB file. */
export async function placesOfRedis({ url, prefix = '', folder }: SearchedRedis): Promise<readonly Place[]> {
  const redis = new Redis(url);
  try {
    const keys = await placesInRedis(redis, prefix);
    return folder === undefined ? keys : [...keys, ...(await filesOf(redis, folder))];
  } finally {
    redis.disconnect();
  }
}

/** For a server whose files are to be searched: what is compressed, or was rewritten, hides what it once held. */
export const SEARCHABLE = { rdbcompression: 'no', 'auto-aof-rewrite-percentage': '0' } as const;

async function filesOf(redis: Redis, folder: string): Promise<readonly Place[]> {
  for (const [name, wanted] of Object.entries(SEARCHABLE)) {
    const [, found] = z.tuple([z.string(), z.string()]).parse(await redis.call('CONFIG', 'GET', name));
    if (found !== wanted) throw new Error(`the files of Redis cannot be searched: set ${name} to ${wanted}`);
  }
  await redis.save();
  const files = placesInFolder(folder);
  for (const end of ['.rdb', '.aof'])
    if (!files.some(({ where }) => where.endsWith(end))) throw new Error(`Redis has no ${end} file in ${folder}`);
  return files;
}

/** Every key under the prefix with all that it holds. */
export async function placesInRedis(redis: Redis, prefix: string): Promise<readonly Place[]> {
  const places: Place[] = [];
  for await (const keys of redis.scanStream({ match: `${escaped(prefix)}*`, count: 500 })) {
    for (const key of z.array(z.string()).parse(keys)) places.push(await placeOf(redis, key));
  }
  return places;
}

const escaped = (prefix: string): string => prefix.replace(/[\\*?[\]]/g, '\\$&');

async function placeOf(redis: Redis, key: string): Promise<Place> {
  return { where: `Redis key ${key}`, text: [key, ...texts(await contentOf(redis, key))].join('\n') };
}

/** What Redis holds as it is held, without another layer of escapes. */
function texts(content: unknown): string[] {
  if (typeof content === 'object' && content !== null) return Object.entries(content).flat().flatMap(texts);
  return [String(content)];
}

async function contentOf(redis: Redis, key: string): Promise<unknown> {
  const type = await redis.type(key);
  switch (type) {
    case 'string':
      return redis.get(key);
    case 'hash':
      return redis.hgetall(key);
    case 'list':
      return redis.lrange(key, '0', '-1');
    case 'set':
      return redis.smembers(key);
    case 'zset':
      return redis.zrange(key, '0', '-1');
    case 'stream':
      return redis.xrange(key, '-', '+');
    case 'none':
      return null; // it expired while we looked
    default:
      throw new Error(`the search for secrets cannot read a ${type} (key ${key}): teach it`);
  }
}
