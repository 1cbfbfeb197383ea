import type { Instant } from '../types';

/** A vendor that asks for more is asked again after a day: a typing error of theirs must not silence an account. */
const LONGEST_MS = 24 * 60 * 60 * 1000;

/** Reads `Retry-After` (RFC 9110, 10.2.3: seconds, or an HTTP date). Undefined where there is none that makes sense. */
export function retryAfterMs(header: string | undefined, now: Instant): number | undefined {
  const text = header?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(text)) return bounded(Number(text) * 1000);
  // Date.parse takes "-5" for a year, and much else: only what begins with a weekday is an HTTP date.
  const at = /^[A-Z][a-z]{2,8}, /.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : bounded(at - now);
}

function bounded(ms: number): number {
  return Math.min(Math.max(Math.ceil(ms), 0), LONGEST_MS);
}
