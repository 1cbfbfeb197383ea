import { createHash } from 'node:crypto';
import type { Observation } from './secret-store';
import type { Credential, Instant } from './types';
import type { VersionId } from './version-ids';
import { nextInWindow } from './window';

// When things fall due, from the version ids and tags alone. Pure.

/** Due times are spread over this share of `rotateEvery`, before it, by a hash of the id. */
const SPREAD_SHARE = 0.1;

/** In a window that leaves less before the expiry a sweep may come too late, or what it finds may fail. */
const LEAST_LEFT_MS = 3_600_000;

/** A number in [0, 1) that belongs to the id: it spreads work, and no restart moves it. */
export const hashShare = (id: string): number => createHash('sha256').update(id).digest().readUInt32BE(0) / 2 ** 32;

/** When the version was issued; a value made by a person counts from its creation. */
export function issuedAt(version: VersionId | undefined, { tags }: Observation): Instant | undefined {
  if (version?.is === 'value') return version.issuedAt;
  return version !== undefined && tags.adopted?.version === version.id ? tags.adopted.createdAt : undefined;
}

export const expiryOf = (version: VersionId | undefined): Instant | undefined =>
  version?.is === 'value' ? version.expiresAt : undefined;

export interface DueTime {
  readonly why: 'expires-soon' | 'older-than-allowed';
  /** By age or by expiry, whichever is first. */
  readonly from: Instant;
  /**
   * The same, or when the window opens next. It yields to an expiry that comes first, or too soon after it opens. What falls
   * due and was not met waits for it again.
   */
  readonly at: Instant;
}

/** When AWSCURRENT falls due; undefined when its age is unknown. */
export function dueTime(credential: Credential, seen: Observation, now: Instant): DueTime | undefined {
  const { policy, id } = credential;
  const born = issuedAt(seen.current, seen);
  if (born === undefined) return undefined;
  const byAge = born + policy.rotateEveryMs * (1 - SPREAD_SHARE * hashShare(id));
  const expiry = expiryOf(seen.current) ?? Number.POSITIVE_INFINITY;
  const byExpiry = expiry - policy.renewBeforeMs;
  const from = Math.min(byAge, byExpiry);
  const opens = nextInWindow(policy.window, Math.max(from, now));
  const yieldsFrom = expiry - Math.min(LEAST_LEFT_MS, policy.renewBeforeMs / 2);
  const at = policy.window === undefined || opens >= expiry || opens > yieldsFrom ? from : opens;
  return { why: byExpiry <= byAge ? 'expires-soon' : 'older-than-allowed', from, at };
}

/** LastAccessedDate is a date without time. */
const DAY_MS = 24 * 3_600_000;

/**
 * Until when AWSCURRENT passes for used; undefined where the policy does not ask. Counted from the later of its promotion
 * and the end of the day of the last read. The worker's own reads count too, since nobody can tell them apart.
 */
export function usedUntil({ policy }: Credential, seen: Observation): Instant | undefined {
  const { current, tags, lastAccessedOn } = seen;
  const born = issuedAt(current, seen);
  if (policy.revokeUnusedAfterMs === undefined || born === undefined) return undefined;
  const promoted = tags.promoted?.version === current?.id ? (tags.promoted?.at ?? 0) : 0;
  const read = lastAccessedOn === undefined ? 0 : lastAccessedOn + DAY_MS;
  return Math.max(born, promoted, read) + policy.revokeUnusedAfterMs;
}

/** Is AWSPREVIOUS a version whose grant may still live? One that a rollback was to enable again may, though it was revoked. */
export function isUnsettled({ previous, tags }: Observation): boolean {
  if (previous === undefined || previous.is === 'intent' || previous.is === 'try') return false;
  return !tags.revoked.includes(previous.id) || tags.revoking.includes(previous.id);
}

/** When the grace of AWSPREVIOUS ends by policy; `never`: only a `revoke` message ends it. */
export function graceEnds({ policy }: Credential, seen: Observation): Instant | 'never' {
  if (policy.revokeAfter === 'confirmation') return expiryOf(seen.previous) ?? 'never';
  return replacedAt(seen) + policy.graceMs;
}

/** The replaced grant's last moment by policy: the same, or when the window opens next. */
export function graceEndsAt(credential: Credential, seen: Observation, now: Instant): Instant | 'never' {
  const ends = graceEnds(credential, seen);
  const { window, revokeAfter } = credential.policy;
  if (ends === 'never' || window === undefined || revokeAfter === 'confirmation') return ends;
  return nextInWindow(window, Math.max(ends, now));
}

/** When AWSPREVIOUS was replaced. Where a person moved AWSCURRENT back nobody wrote it down: late, never early. */
function replacedAt(seen: Observation): Instant {
  const { current, previous, tags } = seen;
  if (tags.promoted !== undefined && tags.promoted.version === current?.id) return tags.promoted.at;
  const born = issuedAt(current, seen) ?? seen.lastChangedAt;
  return born < (issuedAt(previous, seen) ?? 0) ? seen.lastChangedAt : born;
}

/** Has the grace of AWSPREVIOUS ended: by time, because it is compromised, or because a message says so? */
export function graceIsOver(credential: Credential, seen: Observation, now: Instant, ended = false): boolean {
  if (ended || isCompromised(seen, seen.previous)) return true;
  const ends = graceEndsAt(credential, seen, now);
  return ends !== 'never' && ends <= now;
}

export const isCompromised = ({ tags }: Observation, version: VersionId | undefined): boolean =>
  version !== undefined && tags.compromised.has(version.id);

/** Until when AWSCURRENT is too young for a request of this urgency: its minimum interval. */
export function tooSoon(
  { policy }: Credential,
  seen: Observation,
  now: Instant,
  urgency: 'normal' | 'compromised',
): Instant | undefined {
  const born = issuedAt(seen.current, seen);
  if (born === undefined) return undefined;
  const free = born + (urgency === 'compromised' ? policy.compromisedMinIntervalMs : policy.minIntervalMs);
  return free > now ? free : undefined;
}
