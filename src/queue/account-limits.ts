import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { ProviderThrottledError } from '../errors';
import type { Log } from '../types';
import { createBreaker } from './breaker';
import { redisFailure } from './connection';
import { createHeldSlots } from './held-slots';
import { createLocalLimits, type Demand } from './local-limits';
import { rateOf } from './rate';
import { createSharedLimits } from './shared-limits';

/** A place in an account's rate and concurrency, over all replicas. */
interface Permit {
  release(): Promise<void>;
}

/** The `CallLimits` of the providers, and the pace of Secrets Manager's writes. */
export interface AccountLimits {
  /**
   * Waits for a place; whoever takes one gives it back.
   * @throws ProviderThrottledError after too long a wait: nothing was sent
   */
  acquire(account: {
    readonly name: string;
    readonly limits: { readonly callsPerSecond: number; readonly concurrency: number };
  }): Promise<Permit>;
  /**
   * Waits until `n` calls may go by a rate alone, like Secrets Manager's 50 writes a second.
   * @throws ProviderThrottledError after too long a wait: nothing was sent
   */
  pace(limit: { readonly name: string; readonly callsPerSecond: number }, n: number): Promise<void>;
}

interface Deps {
  readonly failFast: Redis;
  readonly prefix: string;
  readonly log: Log;
  /** How long a call may wait for its place. */
  readonly waitMs?: number;
}

const WAIT_MS = 30_000;
/** Between two looks for a free slot, at random in [half, whole]: they double up to the second. */
const POLL_MS = { first: 20, longest: 250 };

/**
 * Every call takes its place in this process first, then in Redis, by the same numbers. So a Redis that is away leaves the
 * limits of this process in force, and what is under way is finished.
 */
export function createAccountLimits({ failFast, prefix, log, waitMs = WAIT_MS }: Deps): AccountLimits {
  const local = createLocalLimits();
  const shared = createSharedLimits({ failFast, prefix });
  const held = createHeldSlots(shared);
  const reachable = createBreaker((error) => {
    log.warn({ redis: redisFailure(error) }, 'Calls are limited by this process alone: Redis is away');
  });

  const take = async (demand: Demand): Promise<Permit> => {
    const deadline = performance.now() + waitMs;
    const token = randomUUID();
    const place = await local.take(demand, deadline);
    if (!place.granted) throw tooLong(demand.name, place.waitMs);
    try {
      await share(demand, token, deadline);
    } catch (error) {
      place.undo();
      throw error;
    }
    if (demand.concurrency === undefined) return { release: async () => place.release() };
    const letGo = held.keep(demand.name, token);
    return {
      async release() {
        place.release();
        await letGo();
      },
    };
  };

  const share = async (demand: Demand, token: string, deadline: number): Promise<void> => {
    for (let pause = POLL_MS.first; ; pause = Math.min(pause * 2, POLL_MS.longest)) {
      const taken = await reachable(() => shared.take(demand, token, deadline - performance.now()));
      if (taken === 'away') return;
      if (taken.granted) return sleep(taken.waitMs);
      if (taken.waitMs !== undefined || performance.now() + pause > deadline) throw tooLong(demand.name, taken.waitMs);
      await sleep(pause * (0.5 + Math.random() / 2));
    }
  };

  return {
    acquire: ({ name, limits }) =>
      take({ name, n: 1, rate: rateOf(limits.callsPerSecond), concurrency: limits.concurrency }),
    async pace({ name, callsPerSecond }, n) {
      await take({ name, n, rate: rateOf(callsPerSecond) });
    },
  };
}

function tooLong(name: string, retryAfterMs?: number): ProviderThrottledError {
  return new ProviderThrottledError('No place in our own limit of calls', { account: name }, retryAfterMs);
}
