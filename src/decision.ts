import type { Tombstone } from './attempt-record';
import type { ProviderTraits } from './provider';
import type { Observation } from './secret-store';
import type { Credential, Instant } from './types';

// What policy answers, and what it is asked with. The same reason stands in the log, the job's result and the status.

export type Wish = 'none' | 'normal' | 'compromised';

export const STATES = [
  'missing',
  'absent',
  'fresh',
  'due',
  'in-flight',
  'interrupted',
  'staged',
  'superseded',
  'in-grace',
  'stale',
  'suspended',
  'paused',
  'suspected',
  'blocked',
  'needs-import',
  'expiring',
  'expired',
  'foreign',
  'unmapped',
  'unused',
  'retiring',
  'retired',
  'being-deleted',
] as const;
export type State = (typeof STATES)[number];

export interface Decision {
  readonly state: State;
  readonly action: 'none' | 'rotate' | 'resume' | 'verify' | 'settle' | 'retire';
  readonly reason: string;
  /** When the action falls due, or when to look again; absent: now, or not before something changes. */
  readonly at?: Instant;
}

export const MOST_FAILURES = 5;
/** Why a staged value that the vendor knows and does not let in is left alone until a person has looked. */
export const NOT_PERMITTED = 'valid-but-not-permitted';
/** An intent may lead to the issue call only while it is this young, by the monotonic clock. */
export const ISSUE_WINDOW_MS = 5_000;
const OWNER_MARGIN_MS = 5_000;

/** The longest that the owner of an intent can still act on it: the last call begins within the window, and ends. */
export const ownerLimitMs = (providerTimeoutMs: number): number =>
  ISSUE_WINDOW_MS + providerTimeoutMs + OWNER_MARGIN_MS;

export interface PolicyInput {
  readonly credential: Credential;
  readonly traits: ProviderTraits;
  readonly seen: Observation | undefined;
  readonly now: Instant;
  readonly ownerLimitMs: number;
  readonly wish?: Wish;
  /** The last attempt's tombstone, when AWSPENDING is on one and it has been read. */
  readonly lastAttempt?: Tombstone | undefined;
  /** The account at the vendor is paused, and tried again then. */
  readonly pausedUntil?: PausedUntil | undefined;
  /** AWSCURRENT was tried just now: refused by the vendor, it is healed, due or not. Absent: not tried. */
  readonly dead?: boolean;
}

/** A tag says only that it is paused. */
export type PausedUntil = Instant | 'unknown';

export const nothing = (state: State, reason: string, at?: Instant): Decision => ({
  state,
  action: 'none',
  reason,
  ...(at === undefined ? {} : { at }),
});

/** Nothing is begun at a vendor that fails, or refuses the worker's own credential. */
export const paused = (until: PausedUntil): Decision =>
  nothing('paused', 'account-paused', until === 'unknown' ? undefined : until);
