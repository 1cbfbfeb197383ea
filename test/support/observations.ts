import { parseTags, type Tags, tag } from '../../src/rotation-tags';
import type { Observation } from '../../src/secret-store';
import type { Credential, Instant } from '../../src/types';
import { newRotationId, parseVersionId, type ValueId, valueId } from '../../src/version-ids';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const NOW: Instant = Date.parse('2026-11-21T12:00:00Z');

interface Labels {
  readonly current?: string;
  readonly pending?: string;
  readonly previous?: string;
  readonly givenUp?: string;
}

interface Given extends Labels {
  readonly tags?: Tags;
  readonly lastChangedAt?: Instant;
  readonly lastAccessedOn?: Instant;
  readonly awsRotation?: boolean;
  readonly scheduledForDeletion?: boolean;
}

const parsed = (id: string | undefined) => (id === undefined ? undefined : parseVersionId(id));

/** What DescribeSecret would tell of a secret that carries the tag of this credential. */
export function observed(credential: Credential, given: Given = {}): Observation {
  const { current, pending, previous, givenUp, tags } = given;
  const labelled = [current, pending, previous, givenUp].filter((id) => id !== undefined);
  return {
    secretName: credential.secretName,
    current: parsed(current),
    pending: parsed(pending),
    previous: parsed(previous),
    givenUp,
    labelled: [...new Set(labelled)],
    tags: parseTags(tags ?? tag.credential(credential)),
    awsRotation: given.awsRotation ?? false,
    scheduledForDeletion: given.scheduledForDeletion ?? false,
    lastChangedAt: given.lastChangedAt ?? NOW,
    lastAccessedOn: given.lastAccessedOn,
    seenAt: 0,
  };
}

/** The id of a value that was issued so long ago. */
export const valueAged = (
  ageMs: number,
  base = 'the-version-before-that-this-one-replaced',
  expiresAt?: Instant,
): string => valueId(newRotationId(NOW - ageMs), expiresAt, base);

export function parsedValue(id: string): ValueId {
  const version = parseVersionId(id);
  if (version.is !== 'value') throw new Error(`${id} is no value's id`);
  return version;
}

/** A version id that a person or another program chose. */
export const FOREIGN = '11111111-2222-3333-4444-555555555555';
