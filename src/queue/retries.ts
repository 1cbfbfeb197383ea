import { ProviderThrottledError, RotationError } from '../errors';

/** What becomes of a job whose processor threw. `reason` is safe: BullMQ keeps it in Redis, with the stack. */
export type Verdict =
  | { readonly kind: 'later'; readonly delayMs: number; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string; readonly ours: boolean };

const FIRST_MS = 1_000;
const LONGEST_MS = 300_000;

/**
 * Decided by the error alone, whatever number of attempts the sender gave: what may be tried again is, with no end (the
 * credential's own state bounds what is begun), the rest has failed.
 * @param starts how often the job has been started, this time included; not after its worker died
 */
export function judge(error: unknown, starts: number, random: () => number = Math.random): Verdict {
  if (!(error instanceof RotationError)) return { kind: 'failed', reason: 'internal error', ours: false };
  const reason = `${error.code}: ${error.message}`;
  if (!error.retryable) return { kind: 'failed', reason, ours: true };
  const told = error instanceof ProviderThrottledError ? (error.retryAfterMs ?? 0) : 0;
  return { kind: 'later', delayMs: Math.max(told, backoffMs(starts, random)), reason };
}

/** Doubles from a second to five minutes; at random in [half, whole], so that what failed together does not come together. */
export function backoffMs(starts: number, random: () => number): number {
  const whole = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(starts - 1, 20));
  return Math.round(whole * (0.5 + random() / 2));
}

/** Where an error came from, without its message: that of a stranger's error may hold anything. */
export function frames(error: unknown): string[] {
  if (typeof error !== 'object' || error === null || !('stack' in error)) return [];
  const stack = String(error.stack);
  const message = 'message' in error ? String(error.message) : '';
  const lines = stack.slice(stack.indexOf(message) + message.length).split('\n');
  return lines
    .map((line) => line.trim())
    .filter((line) => /^at .*:\d+:\d+\)?$/.test(line))
    .slice(0, 5);
}
