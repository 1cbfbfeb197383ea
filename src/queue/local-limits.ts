import { setTimeout as sleep } from 'node:timers/promises';
import { nextTimes, type Rate } from './rate';

/** What is asked for: `n` calls by the rate of `name`, and a place among `concurrency` unless that is left out. */
export interface Demand {
  readonly name: string;
  readonly n: number;
  readonly rate: Rate;
  readonly concurrency?: number;
}

export type LocalPlace =
  | {
      readonly granted: true;
      release(): void;
      /** Gives back the calls as well: they were not made. */
      undo(): void;
    }
  /** There was no place until the deadline. `waitMs`: until the rate has room. */
  | { readonly granted: false; readonly waitMs?: number };

interface Account {
  taken: number[];
  held: number;
  /** First come, first served. */
  readonly waiting: ((granted: boolean) => void)[];
}

/** The limits within this process. They hold whatever becomes of Redis, and keep all but a few waiters from polling it. */
export function createLocalLimits(): { take(demand: Demand, deadline: number): Promise<LocalPlace> } {
  const accounts = new Map<string, Account>();
  return {
    async take(demand, deadline) {
      const account = accounts.get(demand.name) ?? { taken: [], held: 0, waiting: [] };
      accounts.set(demand.name, account);
      const { concurrency } = demand;
      if (concurrency !== undefined && !(await enter(account, concurrency, deadline))) return { granted: false };
      const release = once(() => concurrency !== undefined && leave(account));
      const times = book(account, demand);
      const waitMs = Math.ceil((times.at(-1) ?? 0) - performance.now());
      const undo = () => {
        forget(account, times);
        release();
      };
      if (performance.now() + waitMs > deadline) {
        undo();
        return { granted: false, waitMs };
      }
      if (waitMs > 0) await sleep(waitMs);
      return { granted: true, release, undo };
    },
  };
}

function book(account: Account, { n, rate }: Demand): readonly number[] {
  const now = performance.now();
  account.taken = account.taken.filter((time) => time > now - rate.windowMs);
  const times = nextTimes(account.taken, n, now, rate);
  account.taken.push(...times);
  return times;
}

/** Other calls may have the same times; those that have left the window are gone already. */
function forget(account: Account, times: readonly number[]): void {
  for (const time of times) {
    const at = account.taken.indexOf(time);
    if (at !== -1) account.taken.splice(at, 1);
  }
}

async function enter(account: Account, concurrency: number, deadline: number): Promise<boolean> {
  if (account.held < concurrency && account.waiting.length === 0) {
    account.held += 1;
    return true;
  }
  return new Promise((resolve) => {
    const answer = (granted: boolean) => {
      clearTimeout(timer);
      resolve(granted);
    };
    const timer = setTimeout(
      () => {
        account.waiting.splice(account.waiting.indexOf(answer), 1);
        answer(false);
      },
      Math.max(0, deadline - performance.now()),
    );
    account.waiting.push(answer);
  });
}

/** The place goes to the one that has waited longest. */
function leave(account: Account): void {
  const next = account.waiting.shift();
  if (next) next(true);
  else account.held -= 1;
}

function once(action: () => void): () => void {
  let done = false;
  return () => {
    if (!done) action();
    done = true;
  };
}
