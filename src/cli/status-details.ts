import type { Tombstone } from '../attempt-record';
import { graceEndsAt, isUnsettled } from '../due';
import { isOpen, type Suspect } from '../rotation-tags';
import type { Observation } from '../secret-store';
import type { Instant } from '../types';
import { rowAsJson } from './status-json';
import type { Row } from './status-rows';
import { adviceFor, duration, iso, nextAction, relative } from './words';

// One credential in full: labels and tags in words. No value is read but the tombstone of an attempt that was given up,
// and no grant id is told.

export interface Details {
  readonly row: Row;
  readonly lastAttempt: Tombstone | undefined;
}

/** When the grace of AWSPREVIOUS ends; undefined where there is none to end. */
function graceEnd({ credential, seen }: Row, now: Instant): Instant | 'never' | undefined {
  return seen === undefined || !isUnsettled(seen) ? undefined : graceEndsAt(credential, seen, now);
}

export function detailsAsJson({ row, lastAttempt }: Details, now: Instant) {
  const { seen } = row;
  const ends = graceEnd(row, now);
  return {
    ...rowAsJson(row),
    versions: {
      current: seen?.current?.id ?? null,
      previous: seen?.previous?.id ?? null,
      pending: seen?.pending?.id ?? null,
      givenUp: seen?.givenUp ?? null,
    },
    graceEndsAt: typeof ends === 'number' ? iso(ends) : (ends ?? null),
    lastAttempt: lastAttempt === undefined ? null : attemptAsJson(lastAttempt),
    suspects: (seen?.tags.suspects ?? []).map(({ rotationId, until }) => ({
      rotation: rotationId,
      until: typeof until === 'number' ? iso(until) : until,
    })),
    unrevoked: seen?.tags.unrevoked ?? [],
    stillAlive: seen?.tags.stillAlive ?? [],
    compromised: [...(seen?.tags.compromised.keys() ?? [])],
    blocked: seen?.tags.blocked ?? null,
  };
}

const attemptAsJson = ({ because, at, failures, retryAt }: Tombstone) => ({
  because,
  at: iso(at),
  failures,
  notBefore: retryAt === undefined ? null : iso(retryAt),
});

type Line = readonly [string, string];

/** For people; `now` in the words of AWS's clock. */
export function detailsAsText(details: Details, now: Instant): string {
  const { row } = details;
  const lines: Line[] = [
    ['credential', row.credential.id],
    ['kind', `${row.credential.kind}, account ${row.credential.account}`],
    ['secret', row.credential.secretName],
    ['state', `${row.decision.state} (${row.decision.reason})`],
    ['next', nextAction(row.decision, now)],
    ...paused(row, now),
    ...ages(row, now),
    ...versions(row.seen),
    ...grace(row, now),
    ...attempts(details, now),
    ...(row.seen === undefined ? [] : troubles(row.seen, now)),
    ...(row.needsAPerson ? [['do', adviceFor(row.credential.id, row.decision)] as const] : []),
  ];
  const widest = Math.max(...lines.map(([name]) => name.length));
  return lines.map(([name, text]) => `${name.padEnd(widest)}  ${text}`).join('\n');
}

const paused = ({ pause, credential: { account } }: Row, now: Instant): Line[] =>
  pause === undefined ? [] : [['paused', `account ${account}, ${relative(pause.since, now)}: ${pause.reason}`]];

function ages({ issuedAt, expiresAt }: Row, now: Instant): Line[] {
  return [
    ['age', issuedAt === undefined ? 'none' : `${duration(now - issuedAt)}, since ${iso(issuedAt)}`],
    ['expires', expiresAt === undefined ? 'not that we know' : `${relative(expiresAt, now)}, at ${iso(expiresAt)}`],
  ];
}

function versions(seen: Observation | undefined): Line[] {
  if (seen === undefined) return [];
  const { current, previous, pending } = seen;
  const named: [string, string | undefined][] = [
    ['AWSCURRENT', current?.id],
    ['AWSPREVIOUS', previous?.id],
    ['AWSPENDING', pending?.id],
  ];
  return named.flatMap(([label, id]): Line[] => (id === undefined ? [] : [[label, id]]));
}

function grace(row: Row, now: Instant): Line[] {
  const ends = graceEnd(row, now);
  if (ends === undefined) return [];
  const text =
    ends === 'never'
      ? `lives until rotator revoke ${row.credential.id}`
      : `ends ${relative(ends, now)}, at ${iso(ends)}`;
  return [['old one', text]];
}

function attempts({ row, lastAttempt }: Details, now: Instant): Line[] {
  if (lastAttempt === undefined) return [['last', row.lastOutcome]];
  const { because, at, failures } = lastAttempt;
  return [['last', `given up ${relative(at, now)} (${because}); ${failures} failed since the last success`]];
}

/** What a person may have to look into; `resolve` says what to do with each. */
function troubles({ tags }: Observation, now: Instant): Line[] {
  const lines: Line[] = [];
  if (tags.blocked !== undefined) lines.push(['blocked', tags.blocked]);
  for (const suspect of tags.suspects) lines.push(['suspect', suspectText(suspect, now)]);
  for (const version of tags.unrevoked) lines.push(['unrevoked', `the grant of version ${version}`]);
  for (const version of tags.stillAlive) lines.push(['still alive', `the replaced secret of version ${version}`]);
  for (const version of tags.compromised.keys()) lines.push(['compromised', `version ${version}`]);
  return lines;
}

export function suspectText({ rotationId, until }: Suspect, now: Instant): string {
  if (until === 'resolved') return `attempt ${rotationId}: resolved by a person`;
  if (until === 'never') return `attempt ${rotationId}: may have left a grant that never ends`;
  const ends = isOpen({ rotationId, until }, now) ? `ends ${relative(until, now)}` : 'has ended';
  return `attempt ${rotationId}: may have left a grant, which ${ends}, at ${iso(until)}`;
}
