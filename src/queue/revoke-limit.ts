import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { SweepName } from '../types';
import { orUnavailable } from './connection';
import { ownKey, SWEEPS_QUEUE } from './names';
import { openProducer } from './producer';
import { runNow } from './sweeps';

/** May the versions that a sweep has found be revoked now? */
type Leave =
  | { readonly granted: true; readonly released: boolean }
  /** `counted`: so many others were let through in the last 24 h; `more`: so many would come on top. */
  | { readonly granted: false; readonly counted: number; readonly more: number };

export interface RevokeLimit {
  /**
   * All of them or none. Each counts once in 24 h, from when it was first let through; what was let through by then, and
   * waits or was not done, counts no further. Takes the release of this sweep, if there is one: by then all go.
   * @throws RedisUnavailableError
   */
  ask(sweep: SweepName, versions: readonly string[], limit: number): Promise<Leave>;
}

const DAY_MS = 86_400_000;
/** A release that no run has taken is void after this. */
const RELEASE_MS = 3_600_000;

/**
 * One step, atomic, by Redis's clock. KEYS counted, released, wish. ARGV dayMs, limit, versions...
 * Answers { granted, released, counted, more }
 */
const ASK = `
local day, limit = tonumber(ARGV[1]), tonumber(ARGV[2])
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - day)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - day)

local function note(key, versions)
  for _, version in ipairs(versions) do redis.call('ZADD', key, now, version) end
  redis.call('PEXPIRE', key, day)
end

if redis.call('DEL', KEYS[3]) == 1 then
  local all = {}
  for i = 3, #ARGV do all[#all + 1] = ARGV[i] end
  redis.call('DEL', KEYS[1])
  note(KEYS[2], all)
  return { 1, 1, 0, #all }
end

local more = {}
for i = 3, #ARGV do
  if not redis.call('ZSCORE', KEYS[1], ARGV[i]) and not redis.call('ZSCORE', KEYS[2], ARGV[i]) then
    more[#more + 1] = ARGV[i]
  end
end
local counted = redis.call('ZCARD', KEYS[1])
if #more > 0 and counted + #more > limit then return { 0, 0, counted, #more } end
note(KEYS[1], more)
return { 1, 0, counted, #more }
`;

const answer = z.tuple([z.number(), z.number(), z.number(), z.number()]);

interface Deps {
  readonly failFast: Redis;
  readonly prefix: string;
}

const wishKey = (prefix: string, sweep: SweepName): string => ownKey(prefix, 'release', sweep);

export function createRevokeLimit({ failFast, prefix }: Deps): RevokeLimit {
  return {
    async ask(sweep, versions, limit) {
      const keys = [ownKey(prefix, 'revoked', sweep), ownKey(prefix, 'let-go', sweep), wishKey(prefix, sweep)];
      const ask = () => failFast.call('EVAL', [ASK, keys.length, ...keys, DAY_MS, limit, ...versions]);
      const said = await orUnavailable('the limit of revocations was not asked', ask);
      const [granted, released, counted, more] = answer.parse(said);
      return granted === 1 ? { granted: true, released: released === 1 } : { granted: false, counted, more };
    },
  };
}

/**
 * `rotator release`: the next run of that sweep, which is started now, goes on beyond the limit, once. Two replicas cannot
 * both take it.
 * @throws RedisUnavailableError
 */
export async function release({ failFast, prefix }: Deps, sweep: SweepName): Promise<void> {
  const queue = openProducer(SWEEPS_QUEUE, { failFast, prefix });
  try {
    await orUnavailable(`${sweep} was not released`, async () => {
      await failFast.set(wishKey(prefix, sweep), '1', 'PX', RELEASE_MS);
      await runNow(queue, [sweep], 'released');
    });
  } finally {
    await queue.close();
  }
}
