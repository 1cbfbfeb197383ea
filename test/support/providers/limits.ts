import type { CallLimits } from '../../../src/provider';

/** Places in memory: counts them, and waits where the account's concurrency is used up. */
export interface TestLimits extends CallLimits {
  readonly taken: () => number;
  readonly held: () => number;
  /** How giving a place back ends when Redis is gone: with an error, or never. */
  loseRedis(how: 'fail' | 'hang'): void;
}

export function makeTestLimits(): TestLimits {
  let taken = 0;
  let held = 0;
  let lost: 'fail' | 'hang' | undefined;
  const waiting: (() => void)[] = [];

  const release = async (): Promise<void> => {
    held -= 1;
    waiting.shift()?.();
    if (lost === 'fail') throw new Error('redis is gone');
    if (lost === 'hang') await new Promise(() => undefined);
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
    loseRedis: (how) => {
      lost = how;
    },
  };
}
