import { createHash, randomBytes } from 'node:crypto';
import type { Instant } from './types';

// Secrets Manager lets the caller choose a version id (ClientRequestToken, 32 to 64 characters), and a version id can be
// created only once. So the id carries what a row in a database would (design, section 3). All of ours have 64 characters.

export interface ValueId {
  readonly is: 'value';
  readonly id: string;
  /** UUIDv7, 32 hex. */
  readonly rotationId: string;
  /** When the attempt began: the time inside the UUIDv7. */
  readonly issuedAt: Instant;
  readonly expiresAt: Instant | undefined;
  readonly baseHash: string;
}

export type VersionId =
  | ValueId
  | { readonly is: 'intent'; readonly id: string }
  | { readonly is: 'try'; readonly id: string }
  | { readonly is: 'foreign'; readonly id: string };

/** AWS answers anything else with a ValidationException. */
export const canBeVersionId = ({ length }: string): boolean => length >= 32 && length <= 64;

const VALUE = /^([0-9a-f]{8}[0-9a-f]{4}7[0-9a-f]{3}[89ab][0-9a-f]{15})-([0-9a-f]{8})-([0-9a-f]{22})$/;
const INTENT = /^intent-[0-9a-f]{57}$/;
const TRY = /^try[1-9]-[0-9a-f]{59}$/;

const sha256 = (text: string, length: number): string =>
  createHash('sha256').update(text).digest('hex').slice(0, length);

/** A UUIDv7 (RFC 9562, section 5.7) without hyphens: 48 bits of milliseconds, then random. */
export function newRotationId(now: Instant): string {
  const random = randomBytes(10);
  const version = (0x7000 | (random.readUInt16BE(0) & 0x0fff)).toString(16);
  const variant = (0x80 | (random.readUInt8(2) & 0x3f)).toString(16);
  return Math.trunc(now).toString(16).padStart(12, '0') + version + variant + random.subarray(3).toString('hex');
}

export const baseHash = (baseVersionId: string): string => sha256(baseVersionId, 22);

/** Eight hex digits hold no later second (the year 2106). */
const LAST_SECOND = 0xffff_ffff;

/** The id of the value (and of the tombstone in its place). The expiry is kept in whole seconds, never later than asked. */
export function valueId(rotationId: string, expiresAt: Instant | undefined, baseVersionId: string): string {
  const seconds = expiresAt === undefined ? 0 : Math.min(Math.floor(expiresAt / 1000), LAST_SECOND);
  return `${rotationId}-${seconds.toString(16).padStart(8, '0')}-${baseHash(baseVersionId)}`;
}

/** @param previous the version before it: what holds AWSPENDING, else AWSCURRENT, else the credential's id */
export const intentId = (previous: string): string => `intent-${sha256(previous, 57)}`;

/** The n-th login with a value that is not proven; created once, so that no two workers spend the same one. */
export const tryId = (valueVersionId: string, n: number): string => `try${n}-${sha256(`${valueVersionId} ${n}`, 59)}`;

export function parseVersionId(id: string): VersionId {
  const value = VALUE.exec(id);
  if (value !== null) {
    const [, rotationId = '', seconds = '', hash = ''] = value;
    const expiry = Number.parseInt(seconds, 16);
    return {
      is: 'value',
      id,
      rotationId,
      issuedAt: Number.parseInt(rotationId.slice(0, 12), 16),
      expiresAt: expiry === 0 ? undefined : expiry * 1000,
      baseHash: hash,
    };
  }
  if (INTENT.test(id)) return { is: 'intent', id };
  return { is: TRY.test(id) ? 'try' : 'foreign', id };
}
