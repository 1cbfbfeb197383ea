import { parseVersionId } from '../../src/version-ids';
import type { Move } from '../sandbox/secrets-manager/shelf';
import type { CompanyCredential } from '../support/company';
import type { LogLine } from '../support/worker-process';
import type { Life } from './crew';
import { recordsOf } from './records';
import type { Happened } from './run';
import type { Seen } from './seen';

// How soon is gone on with what a worker left that was killed. Counted from its SIGKILL, or from the moment when a worker
// runs again, where none did; until another one says in its log what it does about it.

/** `staged`: a value that is not yet current; `intent`: nobody knows what the vendor did. */
export type Remainder = 'staged' | 'intent';

export interface Resumption {
  readonly credential: string;
  readonly remainder: Remainder;
  readonly killedAt: number;
  /** Undefined: nobody went on with it until the end of the run. */
  readonly afterMs: number | undefined;
  /** Neither Redis nor the store nor a vendor was in trouble from the kill on, nor was another worker killed. */
  readonly calm: boolean;
}

interface Evidence {
  readonly seen: Seen;
  readonly credentials: readonly CompanyCredential[];
  readonly lives: readonly Life[];
  readonly happened: readonly Happened[];
}

export function resumptionsOf(evidence: Evidence): readonly Resumption[] {
  return evidence.lives.flatMap((life) => (life.killedAt === undefined ? [] : leftBy(evidence, life, life.killedAt)));
}

function leftBy({ seen, credentials, lives, happened }: Evidence, life: Life, killedAt: number): Resumption[] {
  const owned = new Set(life.worker.lines({ step: 'intent' }).map(({ rotation }) => rotation));
  const others = lives.filter((one) => one !== life);
  const runsFrom = Math.max(killedAt, earliest(others.map((one) => startOf(one, killedAt))) ?? killedAt);
  return credentials.flatMap((credential) => {
    const moves = seen.moves.filter(({ secret }) => secret === credential.secret);
    const pending = unfinishedAt(moves, killedAt);
    if (pending === undefined) return [];
    const rotation = rotationOf(seen, credential, pending);
    if (rotation === undefined || !owned.has(rotation)) return [];
    if (others.some(({ worker }) => hasTakenOver(goingOn(worker.lines({ rotation })), killedAt))) return [];
    const resumedAt = earliest(others.map(({ worker }) => loggedAt(goingOn(worker.lines({ rotation })), killedAt)));
    const left = moves.some(({ at, label, from, to }) => at >= killedAt && leaves(label, from, to, pending));
    if (resumedAt === undefined && left) return []; // its own last call was under way
    const calm = !happened.some((one) => disturbs(one, killedAt, resumedAt ?? Number.POSITIVE_INFINITY));
    const remainder = parseVersionId(pending).is === 'intent' ? 'intent' : 'staged';
    const afterMs = resumedAt === undefined ? undefined : Math.max(0, resumedAt - runsFrom);
    return { credential: credential.id, remainder, killedAt, afterMs, calm };
  });
}

/** What AWSPENDING was on, where somebody had to go on with it. */
function unfinishedAt(moves: readonly Move[], at: number): string | undefined {
  const labels = new Map<string, string | undefined>();
  for (const move of moves) if (move.at <= at) labels.set(move.label, move.to);
  const pending = labels.get('AWSPENDING');
  const settled = ['AWSCURRENT', 'AWSPREVIOUS', 'ROTATION_GIVEN_UP'].map((label) => labels.get(label));
  return settled.includes(pending) ? undefined : pending;
}

const GOING_ON: readonly unknown[] = ['resume', 'give-up', 'promote'];
const goingOn = (lines: readonly LogLine[]): readonly LogLine[] => lines.filter(({ step }) => GOING_ON.includes(step));

/** Another one was at it already, and lived or died with it by itself. */
const hasTakenOver = (lines: readonly LogLine[], killedAt: number): boolean =>
  lines.some(({ time }) => Date.parse(String(time)) < killedAt);

const leaves = (label: string, from: string | undefined, to: string | undefined, pending: string): boolean =>
  (label === 'AWSPENDING' && from === pending) || (label === 'AWSCURRENT' && to === pending);

function rotationOf(seen: Seen, credential: CompanyCredential, pending: string): string | undefined {
  const parsed = parseVersionId(pending);
  if (parsed.is === 'value') return parsed.rotationId;
  return recordsOf(seen, credential).intents.find(({ id }) => id === pending)?.rotationId;
}

/** When a worker that is alive then or later took work. */
function startOf({ worker, killedAt }: Life, at: number): number | undefined {
  if (killedAt !== undefined && killedAt <= at) return undefined;
  return loggedAt(worker.lines({ msg: 'worker started' }), 0);
}

const loggedAt = (lines: readonly LogLine[], from: number): number | undefined =>
  earliest(lines.map(({ time }) => Date.parse(String(time))).filter((at) => at >= from));

function earliest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** Trouble that began before goes on to trouble: clients wait to try again, accounts are paused. */
const AFTERMATH_MS = 5_000;

function disturbs({ lane, what, from, to }: Happened, killedAt: number, resumedAt: number): boolean {
  if (lane === 'sender' || lane === 'person') return false;
  if (what === 'kill') return from > killedAt && from < resumedAt;
  return to + AFTERMATH_MS > killedAt && from < resumedAt;
}

export interface Distribution {
  readonly n: number;
  readonly p50: number;
  readonly p90: number;
  readonly max: number;
}

/** In milliseconds; those that nobody went on with count as longer than all others. */
export function distributionOf(resumptions: readonly Resumption[]): Distribution {
  const sorted = resumptions.map(({ afterMs }) => afterMs ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { n: sorted.length, p50: at(0.5), p90: at(0.9), max: at(1) };
}
