// When may somebody log in with the partner secret? Five failures lock the account for good, and who counts them, and
// whether the count ever falls, is unknown (providers.md 3.1; 5, lines 26 and 27; design.md, "Logins that may fail").

import type { LoginLedger } from '../provider';
import type { Instant } from '../types';

/** After a try whose outcome is unknown there is one more with that version, then none. */
export const TRIES_PER_VERSION = 2;

/** Longest from reading the clock for the mark to sending the login. A slower one does not log in. */
export const MARK_WRITE_MS = 10_000;

/** What an open mark may outlive the vendor's time-out by: its writing before the call, its removal after. */
const MARK_MARGIN_MS = 30_000;

export type Permission =
  /** The version has logged in before: a mark before, removed after. */
  | { readonly may: 'log-in'; readonly version: string }
  /** The version is not proven: each login takes a try. */
  | { readonly may: 'try'; readonly version: string }
  | { readonly may: 'wait'; readonly for: 'login' | 'change'; readonly reason: string }
  /** For a person; `unwritten`: not yet in the ledger. */
  | { readonly may: 'stop'; readonly reason: string; readonly unwritten: boolean };

export type SeenLedger = Awaited<ReturnType<LoginLedger['observe']>>;

export function mayLogIn(seen: SeenLedger, now: Instant, vendorTimeoutMs: number): Permission {
  const { blocked, loginOpen, currentVersion, proven, changing } = seen;
  if (blocked !== undefined) return { may: 'stop', reason: blocked, unwritten: false };
  if (loginOpen !== undefined) {
    if (Math.abs(now - loginOpen) <= vendorTimeoutMs + MARK_MARGIN_MS)
      return { may: 'wait', for: 'login', reason: 'a login is under way' };
    const reason = `a login begun at ${new Date(loginOpen).toISOString()} never ended: it counts as refused`;
    return { may: 'stop', reason, unwritten: true };
  }
  // Which of the two is in force is not known before the change is settled (providers.md 5, line 29).
  if (changing) return { may: 'wait', for: 'change', reason: 'the partner secret is being changed' };
  if (currentVersion === undefined) return { may: 'stop', reason: 'no partner secret is stored', unwritten: false };
  return { may: currentVersion === proven ? 'log-in' : 'try', version: currentVersion };
}
