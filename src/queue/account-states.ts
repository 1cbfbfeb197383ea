import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { type AccountState, HEALTHY } from '../account-pause';
import { createBreaker } from './breaker';
import { ownKey } from './names';

interface Change {
  readonly before: AccountState;
  readonly after: AccountState;
}

/** What is known of the accounts at the vendors, over all replicas; of this process alone while Redis is away. */
export interface AccountStates {
  read(account: string): Promise<AccountState>;
  /** @param next may be asked again, where another replica was quicker; the same state: nothing is written */
  change(account: string, next: (state: AccountState) => AccountState): Promise<Change>;
}

/** Longer than any pause: what is not touched for so long stands in a tag, or is forgotten. */
const KEEP_MS = 7 * 86_400_000;
/** Each try that is lost was won by another replica. */
const TRIES = 50;
const LOST_PAUSE_MS = 20;

const stateSchema = z.object({
  failures: z.number(),
  pause: z
    .object({
      ...{ since: z.number(), until: z.number(), nth: z.number(), reason: z.string(), secretName: z.string() },
      tried: z.array(z.string()),
      canary: z.object({ run: z.string(), until: z.number() }).exactOptional(),
    })
    .exactOptional(),
  endedAt: z.number().exactOptional(),
});

/** Writes unless another was quicker. KEYS state. ARGV before, after, ttlMs */
const SWAP = `
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
`;

/**
 * A state of this process is kept beside: it goes on alone while Redis is away, and where Redis was emptied what this process
 * knew is put back. An account that is well again has a state as well, so that none is taken for lost.
 */
export function createAccountStates({ failFast, prefix }: { failFast: Redis; prefix: string }): AccountStates {
  const own = new Map<string, AccountState>();
  const reachable = createBreaker(() => undefined); // the limits of calls say it
  const known = (account: string, text: string | null): AccountState => parsed(text) ?? own.get(account) ?? HEALTHY;

  const swapped = async (account: string, next: (state: AccountState) => AccountState): Promise<Change | undefined> => {
    const key = ownKey(prefix, 'pause', account);
    const text = await failFast.get(key);
    const before = known(account, text);
    const after = next(before);
    if (after === before && (text !== null || before.pause === undefined)) return { before, after };
    const done = await failFast.eval(SWAP, 1, key, text ?? '', JSON.stringify(after), KEEP_MS);
    return done === 1 ? { before, after } : undefined;
  };

  const changeNow = async (account: string, next: (state: AccountState) => AccountState): Promise<Change> => {
    for (let n = 0; n < TRIES; n += 1) {
      const done = await reachable(() => swapped(account, next));
      if (done === 'away') break;
      if (done !== undefined) {
        own.set(account, done.after);
        return done;
      }
      await sleep(Math.random() * LOST_PAUSE_MS);
    }
    const before = own.get(account) ?? HEALTHY;
    const after = next(before);
    own.set(account, after);
    return { before, after };
  };

  /** One after the other within this process: only replicas are in each other's way. */
  const turns = new Map<string, Promise<unknown>>();
  const change = (account: string, next: (state: AccountState) => AccountState): Promise<Change> => {
    const turn = (turns.get(account) ?? Promise.resolve()).then(() => changeNow(account, next));
    turns.set(
      account,
      turn.catch(() => undefined),
    );
    return turn;
  };

  return { change, read: async (account) => (await change(account, (state) => state)).after };
}

/** Undefined where there is none, or what somebody else wrote there. */
function parsed(text: string | null): AccountState | undefined {
  if (text === null) return undefined;
  try {
    return stateSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
