/** At most `count` calls in any `windowMs`. Over a time t that is at most rate * t + count. */
export interface Rate {
  readonly count: number;
  readonly windowMs: number;
}

/** 5 a second: 5 in any 1000 ms. 2.5: 2 in any 800 ms. 0.2: 1 in any 5000 ms. */
export function rateOf(callsPerSecond: number): Rate {
  const count = Math.max(1, Math.floor(callsPerSecond));
  return { count, windowMs: Math.ceil((count / callsPerSecond) * 1_000) };
}

/**
 * The times at which `n` more calls may go, after those of `taken` (ascending; they may lie ahead). The same rule stands
 * in Lua in shared-limits.ts.
 */
export function nextTimes(taken: readonly number[], n: number, now: number, { count, windowMs }: Rate): number[] {
  const all = [...taken];
  for (let i = 0; i < n; i++) {
    const last = all.at(-1) ?? now;
    const leaves = all.at(-count);
    all.push(Math.max(now, last, all.length >= count && leaves !== undefined ? leaves + windowMs : now));
  }
  return all.slice(taken.length);
}
