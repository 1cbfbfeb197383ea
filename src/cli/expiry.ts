import { DateTime } from 'luxon';
import { UsageError } from '../errors';
import type { Instant, Kind } from '../types';

const FORMS =
  'an ISO date like 2027-06-30 (its beginning, UTC), a time with its zone like 2027-06-30T12:00:00Z, or never';

/** Nobody tells us when these end but the person who made them. */
const MUST_BE_TOLD: readonly Kind[] = ['finout-api-token'];

/**
 * When an imported value ends, in whole seconds; undefined: never, or not known. The text is not repeated: it may be a
 * value in the wrong place.
 * @throws UsageError
 */
export function expiryOf(kind: Kind, text: string | undefined, now: Instant): Instant | undefined {
  if (text === undefined) {
    if (!MUST_BE_TOLD.includes(kind)) return undefined;
    throw new UsageError(`--expires is missing: nobody else tells when a ${kind} ends. Write ${FORMS}.`);
  }
  if (text === 'never') return undefined;
  const at = /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d))?$/.test(text)
    ? DateTime.fromISO(text, { zone: 'utc' })
    : undefined;
  if (at === undefined || !at.isValid) throw new UsageError(`--expires cannot be read: write ${FORMS}.`);
  if (at.toMillis() <= now) throw new UsageError('--expires lies in the past: a value that has ended is of no use.');
  return Math.floor(at.toMillis() / 1_000) * 1_000;
}
