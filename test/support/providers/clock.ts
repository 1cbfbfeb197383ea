import type { Clock } from '../../../src/types';

/** Real time plus what a test lets pass; sleeping takes none. */
export interface TestClock extends Clock {
  advance(ms: number): void;
}

export function makeTestClock(): TestClock {
  let passedMs = 0;
  return {
    now: () => Date.now() + passedMs,
    monotonic: () => performance.now() + passedMs,
    advance: (ms) => {
      passedMs += ms;
    },
    sleep: async (ms) => {
      passedMs += ms;
    },
  };
}
