import type { CallLimits } from '../../../src/provider';

/** Places in memory: counts them, and waits where the account's concurrency is used up. */
export interface TestLimits extends CallLimits {
  readonly taken: () => number;
  readonly held: () => number;
  /** Makes giving a place back fail, as when Redis is gone. */
  failReleases(): void;
}

export function makeTestLimits(): TestLimits {
  let taken = 0;
  let held = 0;
  let releasesFail = false;
  const waiting: (() => void)[] = [];

  const release = async (): Promise<void> => {
    held -= 1;
    waiting.shift()?.();
    if (releasesFail) throw new Error('redis is gone');
  };

  return {
    async acquire({ limits }) {
      while (held >= limits.concurrency) await new Promise<void>((resolve) => waiting.push(resolve));
      held += 1;
      taken += 1;
      return { release };
    },
    taken: () => taken,
    held: () => held,
    failReleases: () => {
      releasesFail = true;
    },
  };
}
