import type { Instant } from '../../src/types';

const MINUTE = 60_000;

/** The most that happened in one minute. */
export function busiestMinute(times: readonly Instant[]): number {
  const counts = new Map<number, number>();
  for (const at of times) {
    const minute = Math.floor(at / MINUTE);
    counts.set(minute, (counts.get(minute) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values());
}

/** The most that came within so long. */
export function mostWithin(times: readonly Instant[], ms: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  let [first, most] = [0, 0];
  for (const [n, at] of sorted.entries()) {
    while ((sorted[first] ?? at) < at - ms) first += 1;
    most = Math.max(most, n - first + 1);
  }
  return most;
}

/**
 * So many in one minute are still by chance, where `mean` a minute are spread without regard to each other: in one of a
 * million runs of so many minutes there would be more (the tail of Poisson's distribution).
 */
export function mostByChance(mean: number, minutes: number): number {
  let [probability, tail, k] = [Math.exp(-mean), 1 - Math.exp(-mean), 0];
  while (tail * minutes > 1e-6 && k < 10_000) {
    k += 1;
    probability *= mean / k;
    tail = Math.max(0, tail - probability);
    if (probability < 1e-18 && k > mean) break;
  }
  return k;
}
