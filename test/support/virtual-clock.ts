import type { Clock } from '../../src/types';

export interface LabClock extends Clock {
  advance(ms: number): void;
}

export interface VirtualClock extends LabClock {
  /** Another that says the same, and goes its own way from now on. */
  fork(): VirtualClock;
}

const BEGINNING = Date.parse('2026-11-21T12:00:00Z');

/** Time that passes only when somebody waits: `sleep` moves it and returns. */
export function virtualClock(start = BEGINNING, passed = 0): VirtualClock {
  let ms = start + passed;
  const advance = (by: number): void => {
    ms += by;
  };
  return {
    now: () => ms,
    monotonic: () => ms - start,
    sleep: async (by) => advance(by),
    advance,
    fork: () => virtualClock(start, ms - start),
  };
}
