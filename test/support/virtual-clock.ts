import type { Clock } from '../../src/types';

export interface VirtualClock extends Clock {
  advance(ms: number): void;
}

/** Time that passes only when somebody waits: `sleep` moves it and returns. */
export function virtualClock(start = Date.parse('2026-11-21T12:00:00Z')): VirtualClock {
  let ms = start;
  const advance = (by: number): void => {
    ms += by;
  };
  return {
    now: () => ms,
    monotonic: () => ms - start,
    sleep: async (by) => advance(by),
    advance,
  };
}
