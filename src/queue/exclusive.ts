import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { LockHeldError } from '../errors';
import { orUnavailable } from './connection';
import { ownKey } from './names';

/**
 * One holder at a time over all replicas, while Redis stands. `held` is aborted when that can no longer be said: another
 * one has the lock, or it was not renewed for its whole time.
 * @throws LockHeldError after too long a wait
 * @throws RedisUnavailableError the lock cannot be taken: the work is not begun
 */
export type ExclusiveLock = <T>(name: string, ttlMs: number, work: (held: AbortSignal) => Promise<T>) => Promise<T>;

interface Deps {
  readonly failFast: Redis;
  readonly prefix: string;
  /** How long to wait for the holder to end. */
  readonly waitMs?: number;
}

const WAIT_MS = 10_000;
const POLL_MS = 50;

/** Ours still, or nobody's because Redis was emptied: for the whole time again. KEYS lock. ARGV token, ttlMs */
const RENEW = `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`;

/** KEYS lock. ARGV token */
const RELEASE = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end`;

export function createExclusive({ failFast, prefix, waitMs = WAIT_MS }: Deps): ExclusiveLock {
  return async (name, ttlMs, work) => {
    const key = ownKey(prefix, 'lock', name);
    const token = randomUUID();
    await take(failFast, { key, token, ttlMs, name, deadline: performance.now() + waitMs });
    const renewal = keepRenewing(failFast, { key, token, ttlMs });
    try {
      return await work(renewal.held);
    } finally {
      await renewal.end();
      // Redis away: the lock ends by itself.
      await failFast.eval(RELEASE, 1, key, token).catch(() => {});
    }
  };
}

interface Lock {
  readonly key: string;
  readonly token: string;
  readonly ttlMs: number;
}

async function take(redis: Redis, { key, token, ttlMs, name, deadline }: Lock & { name: string; deadline: number }) {
  for (;;) {
    const set = await orUnavailable(`the lock ${name} cannot be taken`, () => redis.set(key, token, 'PX', ttlMs, 'NX'));
    if (set === 'OK') return;
    if (performance.now() > deadline) throw new LockHeldError('Another worker holds the lock', { lock: name });
    await sleep(POLL_MS * (0.5 + Math.random()));
  }
}

function keepRenewing(redis: Redis, { key, token, ttlMs }: Lock) {
  const lost = new AbortController();
  let renewedAt = performance.now();
  let underWay = Promise.resolve();
  const renew = async () => {
    const asked = performance.now();
    const holds = await redis.eval(RENEW, 1, key, token, ttlMs).catch(() => undefined);
    if (holds === 1) renewedAt = asked;
    if (holds === 0 || performance.now() > renewedAt + ttlMs) lost.abort();
  };
  const timer = setInterval(() => {
    underWay = renew();
  }, ttlMs / 3);
  return {
    held: lost.signal,
    // A renewal that is under way would take the lock again after its release.
    end() {
      clearInterval(timer);
      return underWay;
    },
  };
}
