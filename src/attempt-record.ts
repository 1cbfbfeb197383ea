import type { Instant } from './types';

// What our own versions hold where a value would be. Consumers may meet one: on a new secret the first intent is
// AWSCURRENT until the first promotion. So each says in words what it is. No record holds a secret.

const KEY = 'rotation:record';

/**
 * What an attempt does after its intent: `issue` and `renew` call the vendor, then stage its answer; `copy` (a rollback),
 * `choose` and `import` stage a value that is known before. Only an issue can leave a grant that nobody stored.
 */
const CALLS = ['issue', 'renew', 'copy', 'choose', 'import'] as const;
export type AttemptCall = (typeof CALLS)[number];

export interface Intent {
  readonly is: 'intent';
  readonly call: AttemptCall;
  readonly rotationId: string;
  /** The version that the attempt is to replace; on a new secret the intent's own id. */
  readonly base: string;
  /** The id under which the value will be put, or the tombstone in its place. */
  readonly value: string;
  /** Failed attempts since the last promotion, this one not counted. */
  readonly failures: number;
  /** Attempts since then that certainly did nothing, for the growth of the pause. */
  readonly undone: number;
  /** Fingerprint of what the call sends of the entry, where the credential's tag says another: written there after promotion. */
  readonly parameters?: string;
}

export type GivenUpBecause =
  /** The answer was lost: the vendor may have issued a grant. */
  | 'outcome-unknown'
  /** The answer to a renewal was lost: the same is asked for again, and nothing may be left behind. */
  | 'renewal-unknown'
  /** The vendor refused: nothing was issued. */
  | 'refused'
  /** Proven to have done nothing: throttled, not reached, our own credential refused. Not a failed attempt. */
  | 'not-done'
  /** The grant that was to be renewed has ended: another is issued. Not a failed attempt. */
  | 'grant-ended'
  /** Issued, and refused by its provider for good. */
  | 'value-refused'
  /** AWSCURRENT is no longer the version that it was to replace. */
  | 'superseded';

export interface Tombstone {
  readonly is: 'tombstone';
  readonly because: GivenUpBecause;
  readonly base: string;
  readonly failures: number;
  readonly undone: number;
  readonly at: Instant;
  /** Not before this instant; where the vendor said so. */
  readonly retryAt?: Instant;
}

export type AttemptRecord = Intent | Tombstone;

const NOTE = {
  intent: 'No credential here: one is being issued. Read AWSCURRENT again in a few minutes.',
  tombstone: 'No credential here: this rotation was given up.',
} as const;

export const recordText = (record: AttemptRecord): string =>
  JSON.stringify({ [KEY]: record.is, note: NOTE[record.is], ...record });

/** What it means that an attempt ends here without a value: nobody knows what the vendor did, where it was asked. */
export const OUTCOME_LOST: Readonly<Record<AttemptCall, GivenUpBecause>> = {
  issue: 'outcome-unknown',
  renew: 'renewal-unknown',
  copy: 'not-done',
  choose: 'not-done',
  import: 'not-done',
};

const BECAUSE: readonly string[] = [
  'outcome-unknown',
  'renewal-unknown',
  'refused',
  'not-done',
  'grant-ended',
  'value-refused',
  'superseded',
];
const isBecause = (x: unknown): x is GivenUpBecause => typeof x === 'string' && BECAUSE.includes(x);
const callOf = (x: unknown): AttemptCall => CALLS.find((known) => known === x) ?? 'issue';

function fieldsOf(text: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {}; // a person's value; the parser's message quotes it
  }
}

/** The record that a version holds; undefined when it holds a value. */
export function parseRecord(text: string): AttemptRecord | undefined {
  if (!text.includes(`"${KEY}"`)) return undefined;
  const { [KEY]: is, ...o } = fieldsOf(text);
  const word = (key: string): string => (typeof o[key] === 'string' ? o[key] : '');
  const number = (key: string): number => (typeof o[key] === 'number' ? o[key] : 0);
  const counts = { base: word('base'), failures: number('failures'), undone: number('undone') };
  if (is === 'intent') {
    const parameters = word('parameters') === '' ? {} : { parameters: word('parameters') };
    return { is, call: callOf(o.call), rotationId: word('rotationId'), value: word('value'), ...counts, ...parameters };
  }
  if (is !== 'tombstone') return undefined;
  const because = isBecause(o.because) ? o.because : 'outcome-unknown';
  const retry = typeof o.retryAt === 'number' ? { retryAt: o.retryAt } : {};
  return { is, because, at: number('at'), ...counts, ...retry };
}
