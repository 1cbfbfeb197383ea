import { BY_ANOTHER_WORKER } from '../rotation-context';
import { ALARMS, KINDS, type Kind, type Log, VENDOR_OF } from '../types';
import type { Meters } from './meters';

// The algorithm knows no metrics: it says each step to its Log, in named fields, and this listens.

type Fields = Readonly<Record<string, unknown>>;

/** How a rotate job ends; `error`: it threw, and is tried again or failed. */
const OUTCOMES = ['promoted', 'done', 'waits', 'blocked', 'failed', 'error'];
const ROLLED_BACK = [...OUTCOMES, 'refused'];
const FATES = ['proven-dead', 'not-proven', 'nothing-to-revoke'] as const;

/** What the reason of a settling says of the replaced grant; whatever stands in neither list is not proven. */
const PROVEN_DEAD = ['revoked', 'revoked-by-another-worker', 'old-secret-is-dead'];
const NOTHING_TO_REVOKE = [
  'nothing-to-prove',
  'provider-did-not-rotate',
  'grant-is-held-by-current',
  'ended-by-the-vendor',
];

/** So that a rate can be reckoned from the first one on. */
export function beginAtZero({ alarms, rotations, rollbacks, settled, throttles }: Meters): void {
  for (const alarm of ALARMS) alarms.inc({ alarm }, 0);
  for (const kind of KINDS) {
    for (const outcome of OUTCOMES) rotations.inc({ kind, outcome }, 0);
    for (const outcome of ROLLED_BACK) rollbacks.inc({ kind, outcome }, 0);
    for (const grant of FATES) settled.inc({ kind, grant }, 0);
  }
  for (const by of ['secrets-manager', 'our-own-limit', ...Object.values(VENDOR_OF)]) throttles.inc({ by }, 0);
}

/** The same log, listened to. @param bound the fields that each of its lines carries */
export function listeningLog(meters: Meters, log: Log, bound: Fields = {}): Log {
  const kind = KINDS.find((known) => known === bound.kind);
  const listen = (fields: Fields): void => {
    if (kind !== undefined) hear(meters, kind, fields);
  };
  return {
    info(fields, message) {
      listen(fields);
      log.info(fields, message);
    },
    warn(fields, message) {
      listen(fields);
      log.warn(fields, message);
    },
    alarm(name, fields, message) {
      meters.alarms.inc({ alarm: name });
      log.alarm(name, fields, message);
    },
  };
}

function hear(meters: Meters, kind: Kind, fields: Fields): void {
  if (fields.step === 'rotate') rotated(meters, kind, fields);
  if (fields.step === 'rollback') meters.rollbacks.inc({ kind, outcome: oneOf(ROLLED_BACK, fields.outcome) });
  if (fields.step === 'settle') meters.settled.inc({ kind, grant: fateOf(fields.reason) });
  if (fields.step === 'stage' && isAnswered(fields.call)) observe(meters.answerToStored, kind, fields.storedMs);
  if (fields.error === 'provider-throttled' || fields.code === 'provider-throttled') {
    // Only what was sent to the vendor has a route.
    meters.throttles.inc({ by: fields.route === undefined ? 'our-own-limit' : VENDOR_OF[kind] });
  }
}

/** Two workers may find the same value promoted: it is counted by the one that did it. */
function rotated({ rotations, duration }: Meters, kind: Kind, { outcome, reason, durationMs }: Fields): void {
  const ended = reason === BY_ANOTHER_WORKER ? 'done' : oneOf(OUTCOMES, outcome);
  rotations.inc({ kind, outcome: ended });
  if (ended === 'promoted') observe(duration, kind, durationMs);
}

const oneOf = (known: readonly string[], outcome: unknown): string => known.find((one) => one === outcome) ?? 'error';

/** The other calls stage what is known before. */
const isAnswered = (call: unknown): boolean => call === 'issue' || call === 'renew';

function observe(histogram: Meters['duration'], kind: Kind, ms: unknown): void {
  if (typeof ms === 'number') histogram.observe({ kind }, ms / 1_000);
}

function fateOf(reason: unknown): (typeof FATES)[number] {
  const word = String(reason);
  if (PROVEN_DEAD.includes(word)) return 'proven-dead';
  return NOTHING_TO_REVOKE.includes(word) ? 'nothing-to-revoke' : 'not-proven';
}
