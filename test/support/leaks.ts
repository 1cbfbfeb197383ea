import type { Redis } from 'ioredis';
import { z } from 'zod';

/** Some text that must hold no secret, and where it stands. */
export interface Place {
  readonly where: string;
  readonly text: string;
}

/**
 * The places that hold one of the values, as it is, escaped for JSON, encoded for a URL, or in base64. The value itself is
 * not told: this is printed.
 */
export function findLeaks(places: readonly Place[], values: readonly string[]): readonly string[] {
  if (values.some((value) => value.length < 6))
    throw new Error('a value this short is found everywhere: mend the seed');
  const forms = [...new Set(values.flatMap(formsOf))];
  return places.filter(({ text }) => forms.some((form) => text.includes(form))).map(({ where }) => where);
}

const formsOf = (value: string): string[] => [
  value,
  JSON.stringify(value).slice(1, -1),
  encodeURIComponent(value),
  ...base64Within(value),
];

/** Base64 of a longer text that holds the value: what it looks like hangs on where in a group of three bytes it begins. */
function base64Within(value: string): string[] {
  return [0, 1, 2].flatMap((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(value)]);
    const whole = bytes.subarray(before === 0 ? 0 : 3, bytes.length - (bytes.length % 3));
    return [whole.toString('base64'), whole.toString('base64url')];
  });
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
