import { createHash } from 'node:crypto';
import type { Credential, Instant } from '../../src/types';
import type { Promotion } from './company';
import type { Outage, SeenDue } from './fleet';
import { REVOKE_SPREAD_MS, SPREAD_MS, SWEEP_EVERY_MS } from './fleet-manifest';
import { type Span, spansOf, type WallClock, wallClock } from './wall-clock';

// What should have been, by a plain calculation from the entry and the version ids: nothing of src/policy, src/due or src/window.

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** AWS dates its answers in whole seconds, so that is how exactly a worker knows its time. */
const SECOND = 1_000;
/** Calls of a job, and of those before it in the queue. */
const RUNNING_MS = 3 * MINUTE;
/** After an outage: the longest pause (30 min), the longest rest of an attempt (1 h), the longest pause of a job (5 min). */
const RECOVERY_MS = 95 * MINUTE;

export interface Years {
  readonly start: Instant;
  readonly end: Instant;
  readonly outages: readonly Outage[];
}

interface Due {
  /** By age or by expiry. */
  readonly from: Instant;
  /** The same, or when the window is open next. */
  readonly at: Instant;
  readonly expiry: Instant;
}

export interface Oracle {
  /** When this version falls due. */
  due(credential: Credential, version: string, born?: Instant): Due;
  /** What is wrong with the rotations of a credential, in words; nothing is what is hoped for. */
  rotations(credential: Credential, promotions: readonly Promotion[], first: string): string[];
  /** The same of the revocations of what was replaced. */
  revocations(credential: Credential, promotions: readonly Promotion[], revoked: readonly Instant[]): string[];
  /** What a process that has just started, or one beside it, takes for its due time. */
  dueSeen(credential: Credential, seen: SeenDue): string[];
  /** A person is asked for the next value of what they make. */
  reminders(
    credential: Credential,
    promotions: readonly Promotion[],
    first: string,
    asked: readonly Instant[],
  ): string[];
  /** Values that ended before they were replaced. */
  readonly expired: { credential: string; endedMs: number }[];
}

const share = (id: string): number => createHash('sha256').update(id).digest().readUInt32BE() / 4_294_967_296;
/** The time in a UUIDv7, and the expiry that follows it. */
const bornAt = (version: string): Instant => Number.parseInt(version.slice(0, 12), 16);
const expiryIn = (version: string): Instant =>
  Number.parseInt(version.split('-')[1] ?? '', 16) * 1000 || Number.POSITIVE_INFINITY;
const isValue = (version: string): boolean => /^[0-9a-f]{32}-[0-9a-f]{8}-/.test(version);
const iso = (at: Instant): string => (Number.isFinite(at) ? new Date(at).toISOString() : 'never');

/** A window that opens later would leave too little of the time before the end. */
const yieldsAt = ({ policy }: Credential, expiry: Instant): Instant =>
  expiry - Math.min(60 * MINUTE, policy.renewBeforeMs / 2);

export function oracleOf({ start, end, outages }: Years): Oracle {
  const walls = new Map<string, WallClock>();
  const windows = new Map<string, readonly Span[]>();
  const windowOf = ({ policy: { window } }: Credential): readonly Span[] | undefined => {
    if (window === undefined) return undefined;
    const name = JSON.stringify(window);
    const known = windows.get(name);
    if (known !== undefined) return known;
    const wall = walls.get(window.zone) ?? wallClock(window.zone, start - 400 * DAY, end + 400 * DAY);
    walls.set(window.zone, wall);
    const spans = spansOf(window, wall, start - 390 * DAY, end + 390 * DAY);
    windows.set(name, spans);
    return spans;
  };
  const disturbed = new Map<string, readonly Span[]>();
  /** When nothing could be done for it. */
  const outagesOf = ({ id, account }: Credential): readonly Span[] => {
    const concerns = ['workers', 'redis', 'store', account, `credential ${id}`];
    const key = concerns.join(' ');
    const known = disturbed.get(key) ?? merged(outages.filter(({ what }) => concerns.includes(what)));
    disturbed.set(key, known);
    return known;
  };

  /**
   * The end of so much time in which the window was open, and nothing kept anybody from it.
   * @param yieldsFrom a window that opens later is not waited for
   */
  const after = (credential: Credential, from: Instant, ms: number, yieldsFrom = Number.POSITIVE_INFINITY): Instant => {
    const open = windowOf(credential);
    let left = ms;
    let at = from;
    for (let n = open === undefined ? 0 : firstAfter(open, from); ; n += 1) {
      const next = open?.[n];
      if (open !== undefined && next === undefined) return Number.POSITIVE_INFINITY;
      const span =
        next === undefined || next.opens > Math.max(at, yieldsFrom)
          ? { opens: at, closes: Number.POSITIVE_INFINITY }
          : next;
      at = Math.max(at, span.opens);
      for (const outage of outagesOf(credential)) {
        if (outage.closes <= at || outage.opens >= span.closes) continue;
        if (outage.opens - at >= left) return at + left;
        left -= Math.max(0, outage.opens - at);
        at = outage.closes;
      }
      if (span.closes - at >= left) return at + left;
      left -= Math.max(0, span.closes - at);
      at = Math.max(at, span.closes);
    }
  };
  const opensNext = (credential: Credential, at: Instant): Instant => {
    const open = windowOf(credential);
    return open === undefined ? at : Math.max(at, open[firstAfter(open, at)]?.opens ?? Number.POSITIVE_INFINITY);
  };

  const due: Oracle['due'] = (credential, version, born = bornAt(version)) => {
    const { id, policy } = credential;
    const expiry = isValue(version) ? expiryIn(version) : Number.POSITIVE_INFINITY;
    const suspended = policy.suspendUntil ?? 0;
    const from = Math.min(born + policy.rotateEveryMs * (1 - 0.1 * share(id)), expiry - policy.renewBeforeMs);
    const opens = opensNext(credential, Math.max(from, suspended));
    return { from, at: opens <= yieldsAt(credential, expiry) ? opens : Math.max(from, suspended), expiry };
  };

  const expired: Oracle['expired'] = [];
  return {
    due,
    expired,
    rotations(credential, promotions, first) {
      const found: string[] = [];
      let [version, born] = [first, isValue(first) ? bornAt(first) : start];
      const wrong = (text: string, at: Instant): void => {
        const { at: expected, from, expiry } = due(credential, version, born);
        const about = `due ${iso(from)}, at ${iso(expected)}, ends ${iso(expiry)}`;
        found.push(
          `${credential.id} (${credential.kind}) ${text} at ${iso(at)}; ${about} ${JSON.stringify(credential.policy.window ?? '')}`,
        );
      };
      const longest = SWEEP_EVERY_MS + SPREAD_MS + RUNNING_MS;
      for (const { to } of promotions) {
        const begun = bornAt(to);
        if (version !== '' && credential.kind !== 'finout-api-token') {
          const { at, expiry } = due(credential, version, born);
          if (begun < at - SECOND) wrong('rotated early, or twice', begun);
          const late = after(credential, at, longest, yieldsAt(credential, expiry));
          if (begun > late) wrong(`rotated late, after ${iso(late)}`, begun);
          const open = opensNext(credential, begun);
          const nearly = Math.min(open, opensNext(credential, begun + SECOND), opensNext(credential, begun - SECOND));
          if (nearly > begun && nearly <= yieldsAt(credential, expiry)) wrong('rotated outside its window', begun);
          if (begun > expiry && (credential.policy.suspendUntil ?? 0) < expiry) {
            expired.push({ credential: credential.id, endedMs: begun - expiry });
            const suffered = outagesOf(credential).some(({ opens, closes }) => opens < expiry && closes > at);
            if (!suffered || late < expiry) wrong('ended, and no outage was longer than its slack', begun);
          }
        }
        [version, born] = [to, begun];
      }
      const { at, expiry } = due(credential, version, born);
      const late =
        version === ''
          ? after(credential, start, longest)
          : after(credential, at, longest, yieldsAt(credential, expiry));
      if (credential.kind !== 'finout-api-token' && late < end - RECOVERY_MS) wrong('was missed, and is', end);
      return found;
    },
    dueSeen(credential, { version, from, at, seenAt }) {
      const expected = due({ ...credential, policy: withoutSuspension(credential) }, version);
      const moved =
        Math.abs(from - expected.from) > 1 || (seenAt < expected.at - SECOND && Math.abs(at - expected.at) > 1);
      return moved
        ? [
            `${credential.id} was said to fall due ${iso(from)}, at ${iso(at)}; not ${iso(expected.from)}, at ${iso(expected.at)}`,
          ]
        : [];
    },
    reminders(credential, promotions, first, asked) {
      return [first, ...promotions.map(({ to }) => to)].flatMap((version, n) => {
        const { from } = due(credential, version);
        const next = promotions[n]?.at ?? end;
        const late = after(credential, Math.max(from, start), SWEEP_EVERY_MS + RUNNING_MS);
        if (late > next || asked.some((at) => at >= from - SECOND && at <= late)) return [];
        return [`nobody was asked for ${credential.id}, which fell due ${iso(from)}`];
      });
    },
    revocations(credential, promotions, revoked) {
      const { policy, id, kind } = credential;
      const longest = SWEEP_EVERY_MS + RUNNING_MS + (kind === 'finicity-access-key' ? REVOKE_SPREAD_MS : SPREAD_MS);
      return revoked.flatMap((at) => {
        const promotion = promotions.findLast((one) => one.at <= at);
        if (promotion === undefined) return [`${id} was revoked at ${iso(at)}, and nothing had replaced it`];
        if (policy.revokeAfter === 'confirmation') return [];
        const graceEnds = bornAt(promotion.to) + policy.graceMs;
        const problems: string[] = [];
        if (at < graceEnds - SECOND)
          problems.push(`${id} was revoked in its grace, at ${iso(at)}, before ${iso(graceEnds)}`);
        const lost = outages.filter(({ what, from }) => what === 'redis' && from > graceEnds && from < at).length;
        const late = after(credential, Math.max(graceEnds, policy.suspendUntil ?? 0), longest * (1 + lost));
        if (at > late)
          problems.push(`${id} was revoked late, at ${iso(at)}, after ${iso(late)}; grace ended ${iso(graceEnds)}`);
        return problems;
      });
    },
  };
}

function withoutSuspension({ policy: { suspendUntil: _, ...policy } }: Credential): Credential['policy'] {
  return policy;
}

/** The first span that has not closed by then. */
function firstAfter(spans: readonly Span[], at: Instant): number {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((spans[middle]?.closes ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Outages with what follows them, those that overlap as one. */
function merged(outages: readonly Outage[]): Span[] {
  const spans: Span[] = [];
  for (const { from, to } of [...outages].sort((a, b) => a.from - b.from)) {
    const last = spans.at(-1);
    const closes = to + RECOVERY_MS;
    if (last !== undefined && from <= last.closes)
      spans[spans.length - 1] = { opens: last.opens, closes: Math.max(last.closes, closes) };
    else spans.push({ opens: from, closes });
  }
  return spans;
}
