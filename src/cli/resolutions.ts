import { UsageError } from '../errors';
import { BLOCKED_TAG, isOpen, resolvedSuspect, type Tags, unrevokedKey } from '../rotation-tags';
import type { Observation } from '../secret-store';
import { situation } from '../situation';
import type { Credential, Instant } from '../types';
import { suspectText } from './status-details';

/** One thing that a person can declare to be dealt with, and what that means. */
export interface Resolution {
  /** The option that names it. */
  readonly option: string;
  readonly what: string;
  /** What the person says by resolving it. */
  readonly means: string;
  readonly write: Tags;
  readonly remove: readonly string[];
}

/** What a credential's tags leave to a person. */
export function resolutionsOf(seen: Observation, now: Instant): readonly Resolution[] {
  const { blocked, suspects, unrevoked } = seen.tags;
  const found: Resolution[] = [];
  if (blocked !== undefined) {
    const means = 'its cause is mended: the worker begins again, and counts failures anew';
    found.push({ option: '--block', what: `blocked: ${blocked}`, means, write: {}, remove: [BLOCKED_TAG] });
  }
  for (const suspect of suspects.filter((one) => isOpen(one, now))) {
    found.push({
      option: `--suspect ${suspect.rotationId}`,
      what: suspectText(suspect, now),
      means: 'the vendor has looked, and there is no grant of it any more: it is no longer waited for',
      write: resolvedSuspect(suspect.rotationId),
      remove: [],
    });
  }
  for (const version of unrevoked) {
    const means = 'it was revoked (a token: deleted) at the vendor by hand, and is forgotten';
    const what = `the grant of version ${version} was not revoked`;
    found.push({ option: `--unrevoked ${version}`, what, means, write: {}, remove: [unrevokedKey(version)] });
  }
  return found;
}

export interface Choice {
  readonly block?: true;
  readonly suspect?: string;
  readonly unrevoked?: string;
}

/** @throws UsageError where what was named is not there */
export function chosen(all: readonly Resolution[], choice: Choice): readonly Resolution[] {
  const wanted = [
    ...(choice.block ? [pick(all, '--block', 'all')] : []),
    ...(choice.suspect === undefined ? [] : [pick(all, '--suspect', choice.suspect)]),
    ...(choice.unrevoked === undefined ? [] : [pick(all, '--unrevoked', choice.unrevoked)]),
  ];
  return wanted.flat();
}

function pick(all: readonly Resolution[], option: string, name: string): readonly Resolution[] {
  const ofKind = all.filter((one) => one.option.split(' ')[0] === option);
  const found = name === 'all' ? ofKind : ofKind.filter((one) => one.option === `${option} ${name}`);
  if (found.length > 0) return found;
  const there = ofKind.length === 0 ? 'there is none.' : `there is: ${ofKind.map((one) => one.option).join(', ')}`;
  throw new UsageError(`There is nothing to resolve for ${option}${name === 'all' ? '' : ' of that name'}; ${there}`);
}

/** What no option clears; what to do instead. */
export function beyondResolving(credential: Credential, seen: Observation | undefined): string | undefined {
  const here = situation(credential, seen);
  switch (here.is) {
    case 'missing':
      return 'the secret does not exist: create it, or write create: true';
    case 'being-deleted':
      return 'the secret is scheduled for deletion: restore it, or remove the entry';
    case 'foreign':
      return `${here.reason}: adopt it (adopt: true), give the entry another secret, or remove what is in the way`;
    case 'doubtful':
      return `${here.reason}: the tag rotation:credential says whose the secret is; put it back (README), or mend the entry`;
    default:
      return undefined;
  }
}
