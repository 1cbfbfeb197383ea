import { subjectFingerprint } from './rotation-tags';
import type { Observation } from './secret-store';
import type { Credential } from './types';
import { baseHash, type ValueId, type VersionId } from './version-ids';

/** What the labels of a secret say (design, table of section 3). */
export type Situation =
  | { readonly is: 'missing' }
  | { readonly is: 'being-deleted' }
  /** Not ours to touch: reported, left alone. */
  | {
      readonly is: 'foreign';
      readonly reason: 'holds-a-value-of-another' | 'aws-rotation-is-on' | 'pending-version-of-another';
    }
  /** Ours, and somebody has been at what proves it: nothing is issued or revoked. */
  | { readonly is: 'doubtful'; readonly reason: 'tag-removed' | 'tag-of-another-entry' | 'subject-changed' }
  /** An empty secret that nobody has claimed. */
  | { readonly is: 'unclaimed' }
  /** AWSPENDING on an intent: its owner may still act on it, or has died. */
  | { readonly is: 'intent'; readonly version: VersionId }
  | { readonly is: 'staged'; readonly version: ValueId }
  | { readonly is: 'superseded'; readonly version: ValueId }
  /** AWSPENDING is nowhere: a person took it away, perhaps from something unfinished. */
  | { readonly is: 'detached' }
  /** It holds a value of somebody's, and its entry says that it is to be taken as it is. */
  | { readonly is: 'adoptable'; readonly version: VersionId }
  /** A person made a version of their own current; it may be AWSPREVIOUS again by now. */
  | { readonly is: 'hand-made'; readonly version: VersionId }
  | { readonly is: 'settled' };

export function situation(credential: Credential, seen: Observation | undefined): Situation {
  if (seen === undefined) return { is: 'missing' };
  if (seen.scheduledForDeletion) return { is: 'being-deleted' };
  return ownership(credential, seen) ?? handMade(seen) ?? unfinished(seen) ?? { is: 'settled' };
}

function ownership(credential: Credential, seen: Observation): Situation | undefined {
  if (seen.awsRotation) return { is: 'foreign', reason: 'aws-rotation-is-on' };
  const owner = seen.tags.credential;
  if (owner === undefined) {
    if (seen.labelled.length === 0) return { is: 'unclaimed' };
    const ours = [seen.current, seen.pending, seen.previous].some((v) => v !== undefined && v.is !== 'foreign');
    if (ours) return { is: 'doubtful', reason: 'tag-removed' };
    return adoptable(credential, seen) ?? { is: 'foreign', reason: 'holds-a-value-of-another' };
  }
  if (owner.id !== credential.id) return { is: 'doubtful', reason: 'tag-of-another-entry' };
  const same = owner.subject === subjectFingerprint(credential.subject);
  return same ? undefined : { is: 'doubtful', reason: 'subject-changed' };
}

function adoptable({ adopt }: Credential, seen: Observation): Situation | undefined {
  const { current } = seen;
  if (adopt === undefined || current === undefined) return undefined;
  return pendingOfAnother(seen) ?? { is: 'adoptable', version: current };
}

const pendingOfAnother = ({ current, pending }: Observation): Situation | undefined =>
  pending !== undefined && pending.is === 'foreign' && pending.id !== current?.id
    ? { is: 'foreign', reason: 'pending-version-of-another' }
    : undefined;

/** Looked into first: its history may hold attempts and grants that have lost their labels. */
function handMade(seen: Observation): Situation | undefined {
  const { current, previous, tags } = seen;
  const another = pendingOfAnother(seen);
  if (another !== undefined) return another;
  const { version, beside } = tags.adopted ?? {};
  // also one that stood beside: its age is not known, and it would never fall due
  if (current?.is === 'foreign' && current.id !== version) return { is: 'hand-made', version: current };
  if (previous?.is !== 'foreign' || [version, beside, ...tags.revoked].includes(previous.id)) return undefined;
  return { is: 'hand-made', version: previous };
}

function unfinished({ current, pending, previous, givenUp }: Observation): Situation | undefined {
  // on a new secret a person may have taken AWSPENDING from the intent that is AWSCURRENT: it is as unresolved as before
  const open = pending ?? (current?.is === 'intent' ? current : undefined);
  if (open === undefined) return current?.is === 'value' ? { is: 'detached' } : undefined;
  if (open.id === givenUp) return undefined;
  if (open.is === 'intent') return { is: 'intent', version: open };
  return staged(open, current, previous);
}

function staged(
  pending: VersionId,
  current: VersionId | undefined,
  previous: VersionId | undefined,
): Situation | undefined {
  if (pending.id === current?.id || pending.id === previous?.id) return undefined;
  if (pending.is !== 'value') return undefined;
  const isBase = current !== undefined && pending.baseHash === baseHash(current.id);
  return { is: isBase ? 'staged' : 'superseded', version: pending };
}

/** Is a value staged that is neither promoted, undone nor given up? */
export const isChanging = (seen: Observation): boolean => {
  const { pending, current, previous, givenUp } = seen;
  return pending?.is === 'value' && ![current?.id, previous?.id, givenUp].includes(pending.id);
};

/** Has the credential no value yet? On a new secret the intent is AWSCURRENT until the first promotion. */
export const isAbsent = (seen: Observation | undefined): boolean =>
  seen?.current === undefined || seen.current.is === 'intent';

/** How jobs name the version that they are to replace. */
export const currentName = (seen: Observation | undefined): string =>
  seen?.current === undefined || isAbsent(seen) ? 'none' : seen.current.id;
