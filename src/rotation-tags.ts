import { createHash } from 'node:crypto';
import type { Credential, Instant } from './types';
import type { ValueId } from './version-ids';

// Facts that labels cannot carry (design, section 3). Tags are visible to whoever may list secrets and go to CloudTrail:
// no secret stands in one. AWS takes letters, digits, spaces and `_ . : / = + - @` in a tag.

export const CREDENTIAL_TAG = 'rotation:credential';
const REVOKED = 'rotation:revoked';
const PROMOTED = 'rotation:promoted';
const ADOPTED = 'rotation:adopted';
export const BLOCKED_TAG = 'rotation:blocked';
export const PAUSED_TAG = 'rotation:paused';
export const PROVEN_TAG = 'rotation:proven';
export const LOGIN_OPEN_TAG = 'rotation:login-open';
const COMPROMISED = 'rotation:compromised:';
const SUSPECT = 'rotation:suspected-orphan:';
const UNREVOKED = 'rotation:unrevoked:';
const STILL_ALIVE = 'rotation:still-alive:';
const REVOKING = 'rotation:revoking:';
const UNMAPPED = 'rotation:unmapped:';
export const RETIRED_TAG = 'rotation:retired';
const UNUSED = 'unused';

/** Three version ids of 64 characters fit into the 256 of a tag value. */
export const MOST_REVOKED = 3;

export type Tags = Readonly<Record<string, string>>;

export interface Suspect {
  readonly rotationId: string;
  /** `resolved`: a person has dealt with it; the tag goes when the attempt is no longer the last one. */
  readonly until: Instant | 'never' | 'resolved';
}

export interface RotationTags {
  readonly credential:
    | {
        readonly id: string;
        readonly subject: string;
        /** What was last sent of the entry; absent where nobody wrote it down. */
        readonly parameters?: string;
      }
    | undefined;
  /** Settled versions; more than one only where versions lost their labels to a person's hand. */
  readonly revoked: readonly string[];
  readonly promoted: { readonly version: string; readonly at: Instant } | undefined;
  /** `beside`: the other version of a person's that had a label then. */
  readonly adopted: { readonly version: string; readonly createdAt: Instant; readonly beside?: string } | undefined;
  readonly blocked: string | undefined;
  /** The version of a partner secret that has logged in. */
  readonly proven: string | undefined;
  /** A login with it is under way, or was never ended. */
  readonly loginOpen: boolean;
  /** The account at the vendor that an attempt for this credential found failing, or its own credential refused. */
  readonly paused: { readonly account: string; readonly since: Instant; readonly reason: string } | undefined;
  /** Version id -> when it was said to be compromised; 0 where a person gave no time. */
  readonly compromised: ReadonlyMap<string, Instant>;
  readonly suspects: readonly Suspect[];
  readonly unrevoked: readonly string[];
  readonly stillAlive: readonly string[];
  /** Versions whose revocation was sent and never answered. */
  readonly revoking: readonly string[];
  /** Version id -> why an adopted value is not rotated, and for which mapping of its entry that was found. */
  readonly unmapped: ReadonlyMap<string, { readonly mapping: string; readonly why: string }>;
  readonly retired: Retired | undefined;
}

/** The version that was current, or `none`, when the credential was retired or its grant ended as unused: it counts as dead. */
export interface Retired {
  readonly version: string;
  readonly at: Instant;
  readonly unused: boolean;
}

export const subjectFingerprint = (subject: string): string =>
  createHash('sha256').update(subject).digest('hex').slice(0, 16);

const iso = (at: Instant): string => new Date(at).toISOString();

/** Text that AWS takes as a tag value: other characters become spaces, cut to the 256 that a value may have. */
export const tagText = (text: string): string => text.replace(/[^\p{L}\p{Z}\p{N}_.:/=+\-@]/gu, ' ').slice(0, 256);

export const tag = {
  credential: (c: Credential): Tags => ({ [CREDENTIAL_TAG]: `${c.id} ${subjectFingerprint(c.subject)}` }),
  /** The same, and what was last sent of the entry. */
  sent: (c: Credential, parameters: string): Tags => ({
    [CREDENTIAL_TAG]: `${c.id} ${subjectFingerprint(c.subject)} ${parameters}`,
  }),
  /** @param versions at most MOST_REVOKED, the oldest first: it says how far the history is settled */
  revoked: (...versions: readonly string[]): Tags => ({ [REVOKED]: versions.join(' ') }),
  promoted: (version: string, at: Instant): Tags => ({ [PROMOTED]: `${version} ${iso(at)}` }),
  adopted: (version: string, createdAt: Instant, beside?: string): Tags => ({
    [ADOPTED]: [version, iso(createdAt), beside].filter((word) => word !== undefined).join(' '),
  }),
  blocked: (reason: string): Tags => ({ [BLOCKED_TAG]: tagText(reason) }),
  proven: (version: string): Tags => ({ [PROVEN_TAG]: version }),
  paused: (account: string, since: Instant, reason: string): Tags => ({
    [PAUSED_TAG]: tagText(`${account} ${iso(since)} ${reason}`),
  }),
  compromised: (version: string, at: Instant): Tags => ({ [COMPROMISED + version]: iso(at) }),
  /** @param grant where a grant is known and was never stored, so that a person can revoke it */
  suspect: (rotationId: string, until: Instant | 'never', grant?: string): Tags => ({
    [SUSPECT + rotationId]: tagText(
      `${until === 'never' ? until : iso(until)}${grant === undefined ? '' : ` grant ${grant}`}`,
    ),
  }),
  unrevoked: (version: string, reason: string): Tags => ({ [UNREVOKED + version]: tagText(reason) }),
  stillAlive: (version: string, at: Instant): Tags => ({ [STILL_ALIVE + version]: iso(at) }),
  revoking: (version: string, at: Instant): Tags => ({ [REVOKING + version]: iso(at) }),
  unmapped: (version: string, mapping: string, why: string): Tags => ({
    [UNMAPPED + version]: tagText(`${mapping} ${why}`),
  }),
  retired: ({ version, at, unused }: Retired): Tags => ({
    [RETIRED_TAG]: `${version} ${iso(at)}${unused ? ` ${UNUSED}` : ''}`,
  }),
} as const;

export const unmappedKey = (version: string): string => UNMAPPED + version;
export const revokingKey = (version: string): string => REVOKING + version;
export const unrevokedKey = (version: string): string => UNREVOKED + version;
export const suspectKey = (rotationId: string): string => SUSPECT + rotationId;
/** A person says that the attempt has left nothing, or nothing any more. */
export const resolvedSuspect = (rotationId: string): Tags => ({ [suspectKey(rotationId)]: 'resolved' });

function pair(text: string | undefined): { first: string; at: Instant; rest: string } | undefined {
  if (text === undefined) return undefined;
  const [first = '', time = '', ...rest] = text.split(' ');
  const at = Date.parse(time);
  return Number.isNaN(at) ? undefined : { first, at, rest: rest.join(' ') };
}

function suspect(rotationId: string, value: string): Suspect {
  const word = value.split(' ')[0] ?? '';
  const at = Date.parse(word);
  return { rotationId, until: word === 'resolved' ? 'resolved' : Number.isNaN(at) ? 'never' : at };
}

function unmapped(text = ''): { readonly mapping: string; readonly why: string } {
  const [mapping = '', ...why] = text.split(' ');
  return { mapping, why: why.join(' ') };
}

/** What a person wrote there names no version. */
function retired(text: string | undefined): Retired | undefined {
  if (text === undefined) return undefined;
  const found = pair(text);
  return { version: found?.first ?? '', at: found?.at ?? 0, unused: text.split(' ')[2] === UNUSED };
}

function timeIn(text: string | undefined): Instant {
  const at = Date.parse(text ?? '');
  return Number.isNaN(at) ? 0 : at;
}

/** Is the grant that the attempt may have left still possible, and in nobody's hands? */
export const isOpen = ({ until }: Suspect, now: Instant): boolean =>
  until === 'never' || (until !== 'resolved' && until > now);

export const openSuspects = ({ suspects }: RotationTags, now: Instant): number =>
  suspects.filter((suspect) => isOpen(suspect, now)).length;

export const isListed = ({ suspects }: RotationTags, { rotationId }: ValueId): boolean =>
  suspects.some((suspect) => suspect.rotationId === rotationId);

/** Reads the tags of one secret; what is not ours, or not in our form, is left out. */
export function parseTags(tags: Tags): RotationTags {
  const named = (prefix: string): string[] =>
    Object.keys(tags)
      .filter((key) => key.startsWith(prefix))
      .map((key) => key.slice(prefix.length));
  const [id, subject = '', parameters] = tags[CREDENTIAL_TAG]?.split(' ') ?? [];
  const promoted = pair(tags[PROMOTED]);
  const paused = pair(tags[PAUSED_TAG]);
  const adopted = pair(tags[ADOPTED]);
  return {
    credential: id === undefined ? undefined : { id, subject, ...(parameters === undefined ? {} : { parameters }) },
    revoked: tags[REVOKED]?.split(' ') ?? [],
    promoted: promoted && { version: promoted.first, at: promoted.at },
    adopted: adopted && {
      version: adopted.first,
      createdAt: adopted.at,
      ...(adopted.rest === '' ? {} : { beside: adopted.rest }),
    },
    blocked: tags[BLOCKED_TAG],
    proven: tags[PROVEN_TAG],
    loginOpen: LOGIN_OPEN_TAG in tags,
    paused: paused && { account: paused.first, since: paused.at, reason: paused.rest },
    compromised: new Map(named(COMPROMISED).map((version) => [version, timeIn(tags[COMPROMISED + version])])),
    suspects: named(SUSPECT).map((rotationId) => suspect(rotationId, tags[SUSPECT + rotationId] ?? '')),
    unrevoked: named(UNREVOKED),
    stillAlive: named(STILL_ALIVE),
    revoking: named(REVOKING),
    unmapped: new Map(named(UNMAPPED).map((version) => [version, unmapped(tags[UNMAPPED + version])])),
    retired: retired(tags[RETIRED_TAG]),
  };
}

/**
 * Tags that have outlived what they name: they go with the version's last label, except `unrevoked`, which is for a
 * person. A suspect goes when the grant it may have left must have ended, or when a person has resolved it and its
 * attempt is no longer the last one (while it is, the tag says that the attempt was listed).
 */
export function outlivedTags(
  tags: RotationTags,
  labelled: readonly string[],
  lastAttempt: string | undefined,
  now: Instant,
): string[] {
  const lost = (version: string | undefined): boolean => version !== undefined && !labelled.includes(version);
  const gone = (prefix: string, versions: Iterable<string>): string[] =>
    [...versions].filter(lost).map((version) => prefix + version);
  const over = (suspect: Suspect): boolean =>
    suspect.until === 'resolved' ? suspect.rotationId !== lastAttempt : !isOpen(suspect, now);
  return [
    ...gone(COMPROMISED, tags.compromised.keys()),
    ...gone(STILL_ALIVE, tags.stillAlive),
    ...gone(REVOKING, tags.revoking),
    ...gone(UNMAPPED, tags.unmapped.keys()),
    ...(lost(tags.promoted?.version) ? [PROMOTED] : []),
    ...(lost(tags.adopted?.version) ? [ADOPTED] : []),
    ...tags.suspects.filter(over).map(({ rotationId }) => SUSPECT + rotationId),
  ];
}
