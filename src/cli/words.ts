import type { Decision, State } from '../decision';
import type { Instant } from '../types';

/** `unreadable`: Secrets Manager did not answer for this secret. */
export type Shown = Omit<Decision, 'state'> & { readonly state: State | 'unreadable' };

// How people are told of times and of what comes next.

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

/** Its two largest units: `3d 4h`, `12m`, `5s`. */
export function duration(ms: number): string {
  let left = Math.max(0, ms);
  const parts: string[] = [];
  for (const [name, unit] of UNITS) {
    const count = Math.floor(left / unit);
    left -= count * unit;
    if (count > 0) parts.push(`${count}${name}`);
    if (parts.length > 0 && (parts.length === 2 || count === 0)) break;
  }
  return parts.length === 0 ? '0s' : parts.join(' ');
}

export const iso = (at: Instant): string => new Date(at).toISOString();

/** `in 3d 4h`, `12m ago`, `now`. */
export function relative(at: Instant, now: Instant): string {
  if (Math.abs(at - now) < 1_000) return 'now';
  return at > now ? `in ${duration(at - now)}` : `${duration(now - at)} ago`;
}

/** What the worker does next, and when; a person where only one can. */
export function nextAction({ state, action, reason, at }: Shown, now: Instant): string {
  const when = at === undefined || at <= now ? 'now' : `in ${duration(at - now)}`;
  switch (action) {
    case 'rotate':
      return state === 'absent' ? 'issue the first value' : `rotate ${when}`;
    case 'settle':
      return 'revoke the old one now';
    case 'retire':
      return 'revoke what is left now';
    case 'verify':
      return 'see whether it works';
    case 'resume':
      return resumption(state, when);
    case 'none':
      return waiting(state, reason, at === undefined || at <= now ? '' : ` ${when}`);
  }
}

function resumption(state: Shown['state'], when: string): string {
  if (state === 'staged') return 'promote it now';
  return state === 'in-flight' || state === 'interrupted' ? `take it over ${when}` : 'clear up now';
}

function waiting(state: Shown['state'], reason: string, when: string): string {
  if (state === 'fresh') return when === '' ? 'none' : `rotate${when}`;
  if (state === 'in-grace' && when !== '') return `revoke the old one${when}`;
  return state === 'paused' ? 'when the account answers again' : `${reason}${when}`;
}

/** What a person does about it: a command where there is one. */
export function adviceFor(id: string, { state, reason }: Shown): string {
  if (reason === 'tag-removed') return `put the tag back (README, "When a person is needed")`;
  if (reason === 'previous-awaits-confirmation' || reason === 'awaits-confirmation') return `rotator revoke ${id}`;
  const advice: Readonly<Partial<Record<string, string>>> = {
    blocked: `rotator resolve ${id}`,
    suspected: `rotator resolve ${id}`,
    missing: 'create the secret, or write create: true',
    'being-deleted': 'restore the secret, or remove the entry',
    foreign: 'adopt it, give the entry another secret, or remove what is in the way',
    unmapped: 'map the fields of the value in its entry',
    unused: `rotator rotate ${id}`,
    paused: "mend the worker's own credential of its account; rotator resolve --account NAME where logins are blocked",
    'needs-import': `rotator import ${id}`,
    expiring: `rotator import ${id}`,
    expired: `rotator import ${id}`,
    unreadable: "mend this command's access to the secret",
  };
  return advice[state] ?? `rotator resolve ${id}`;
}
