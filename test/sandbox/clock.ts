/** The vendors' clock: real time plus an offset, so that a test can let 30 days pass without waiting. */
export interface Clock {
  now(): number;
  advance(ms: number): void;
  reset(): void;
}

export function makeClock(): Clock {
  let offsetMs = 0;
  return {
    now: () => Date.now() + offsetMs,
    advance: (ms) => {
      offsetMs += ms;
    },
    reset: () => {
      offsetMs = 0;
    },
  };
}

export const iso = (time: number): string => new Date(time).toISOString();
