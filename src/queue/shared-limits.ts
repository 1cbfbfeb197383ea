import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { Demand } from './local-limits';
import { ownKey } from './names';

/** A place whose holder was killed is free again after this. */
const SLOT_MS = 6_000;

/**
 * One round trip, atomic, by Redis's clock. The numbers travel with each call, so that the limits are in force on a Redis
 * that was just emptied. A place in the rate is a time, which may lie ahead: whoever gets it sleeps until then, in order.
 * KEYS rate, slots. ARGV n, count, windowMs, maxWaitMs, concurrency (0: none), slotMs, token
 * Answers { granted, waitMs }; not granted and -1: no slot is free; not granted and more: the rate is taken for so long.
 */
const TAKE = `
local n, count, window, maxWait = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local concurrency, slotMs, token = tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7]
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)

if concurrency > 0 then
  redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
  if redis.call('ZCARD', KEYS[2]) >= concurrency then return { 0, -1 } end
end

redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
local all = {}
local taken = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
for i = 2, #taken, 2 do all[#all + 1] = tonumber(taken[i]) end
local before = #all
for i = 1, n do
  local at = math.max(now, all[#all] or now)
  if #all >= count then at = math.max(at, all[#all - count + 1] + window) end
  all[#all + 1] = at
end
local last = all[#all]
if last - now > maxWait then return { 0, last - now } end

for i = before + 1, #all do redis.call('ZADD', KEYS[1], all[i], token .. ':' .. i) end
redis.call('PEXPIRE', KEYS[1], last - now + window)
if concurrency > 0 then
  redis.call('ZADD', KEYS[2], last + slotMs, token)
  redis.call('PEXPIRE', KEYS[2], math.max(last - now + slotMs, redis.call('PTTL', KEYS[2])))
end
return { 1, last - now }
`;

/** Says again that the slot is held; also on a Redis that was emptied meanwhile. KEYS slots. ARGV slotMs, token */
const HOLD = `
local t = redis.call('TIME')
redis.call('ZADD', KEYS[1], 'GT', t[1] * 1000 + math.floor(t[2] / 1000) + ARGV[1], ARGV[2])
redis.call('PEXPIRE', KEYS[1], math.max(tonumber(ARGV[1]), redis.call('PTTL', KEYS[1])))
`;

const answer = z.tuple([z.number(), z.number()]);

export type Taken = { readonly granted: true; readonly waitMs: number } | { readonly granted: false; waitMs?: number };

/** The limits over all replicas: what Redis knows of them. Every call rejects at once, or in seconds, when it is away. */
export function createSharedLimits({ failFast, prefix }: { failFast: Redis; prefix: string }) {
  const slots = (name: string) => ownKey(prefix, 'slots', name);
  return {
    renewEveryMs: SLOT_MS / 3,
    async take({ name, n, rate, concurrency }: Demand, token: string, maxWaitMs: number): Promise<Taken> {
      const numbers = [n, rate.count, rate.windowMs, Math.floor(maxWaitMs), concurrency ?? 0, SLOT_MS, token];
      const keys = [ownKey(prefix, 'rate', name), slots(name)];
      const [granted, waitMs] = answer.parse(await failFast.eval(TAKE, 2, ...keys, ...numbers));
      if (granted === 1) return { granted: true, waitMs };
      return waitMs < 0 ? { granted: false } : { granted: false, waitMs };
    },
    async hold(name: string, token: string): Promise<void> {
      await failFast.eval(HOLD, 1, slots(name), SLOT_MS, token);
    },
    async release(name: string, token: string): Promise<void> {
      await failFast.zrem(slots(name), token);
    },
  };
}
