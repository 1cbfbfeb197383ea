import type { Decision, PolicyInput, Wish } from './decision';
import { isCompromised, isUnsettled, usedUntil } from './due';
import { openSuspects } from './rotation-tags';
import type { Observation } from './secret-store';
import { currentName, type Situation } from './situation';
import type { Credential } from './types';
import { unmapped } from './value-fit';

// Credentials that are to end, and what comes back of them. Pure decisions. The tag `rotation:retired` is written before
// the first revocation and names the version that is current then: from that moment it counts as dead.

type Input = Omit<PolicyInput, 'wish' | 'lastAttempt' | 'dead'>;

/** Its grant is revoked, or may be: the credential was retired, or nobody used it. */
export const countsAsDead = (seen: Observation): boolean => seen.tags.retired?.version === currentName(seen);

const isUnused = (seen: Observation): boolean => countsAsDead(seen) && seen.tags.retired?.unused === true;

/** The tag has done its work: another version has become current. */
export const isOutlived = (seen: Observation): boolean => seen.tags.retired !== undefined && !countsAsDead(seen);

/** Does AWSCURRENT hold a value whose grant nobody has ended yet? */
export const isCurrentUnsettled = ({ current, tags }: Observation): boolean =>
  (current?.is === 'value' || current?.is === 'foreign') && !tags.revoked.includes(current.id);

const isSettled = (seen: Observation): boolean => !isUnsettled(seen) && !isCurrentUnsettled(seen);

const decision = (state: Decision['state'], action: Decision['action'], reason: string): Decision => ({
  state,
  action,
  reason,
});

/** A version that counts as dead is replaced when its credential is active again; an unused one, when somebody asks for it. */
export function whenDead(seen: Observation, wish: Wish | undefined): Decision {
  if (!isUnused(seen)) return decision('due', 'rotate', 'was-retired');
  return wish === 'normal' ? decision('due', 'rotate', 'was-unused') : decision('unused', 'none', 'unused');
}

/** What `state: retired` calls for, and what is left of it; undefined where it has no say. */
export function whenRetired(here: Situation, input: Input): Decision | undefined {
  const { credential, seen } = input;
  if (here.is === 'being-deleted') return seen && whenBeingDeleted(credential, seen);
  if (credential.retired === undefined) return undefined;
  if (here.is === 'missing') return decision('retired', 'none', 'secret-is-gone');
  if (here.is === 'unclaimed') return decision('retired', 'none', 'secret-never-held-a-value');
  return here.is === 'settled' && seen !== undefined ? ending(credential.retired, { ...input, seen }) : undefined;
}

/**
 * Restored where an entry is active again, and where grants live that cannot be read otherwise. A deletion of somebody
 * else's, without the tag, is theirs to call off: nor may our role (iam-policy.json).
 */
function whenBeingDeleted({ id, retired }: Credential, seen: Observation): Decision | undefined {
  if (seen.tags.credential?.id !== id) return undefined;
  if (retired !== undefined && isSettled(seen)) return decision('retired', 'none', 'secret-scheduled-for-deletion');
  const { retired: tagged } = seen.tags;
  if (tagged === undefined || tagged.version === '' || tagged.unused) return undefined;
  if (retired === undefined) return decision('due', 'resume', 'was-retired');
  return retired.deleteSecret
    ? decision('retiring', 'resume', 'scheduled-for-deletion-before-its-grants-ended')
    : undefined;
}

function ending(
  { deleteSecret }: NonNullable<Credential['retired']>,
  input: Input & { readonly seen: Observation },
): Decision {
  const { credential, traits, seen, now } = input;
  const { blocked, unrevoked } = seen.tags;
  if (blocked !== undefined) return decision('blocked', 'none', blocked);
  const suspended = credential.policy.suspendUntil ?? now;
  if (suspended > now) return { ...decision('suspended', 'none', 'suspended'), at: suspended };
  if (!traits.revocable && isUnsettled(seen)) return decision('retiring', 'settle', 'to-be-settled');
  if (!isSettled(seen) || needsTag(seen)) return decision('retiring', 'retire', 'to-be-revoked');
  const left = [
    ...(openSuspects(seen.tags, now) > 0 ? ['suspected-orphans-are-open'] : []),
    ...(unrevoked.length > 0 ? ['grants-are-unrevoked'] : []),
  ].join(' ');
  if (!deleteSecret) return decision('retired', 'none', left === '' ? 'retired' : left);
  return left === '' ? decision('retiring', 'retire', 'to-be-deleted') : decision('retiring', 'none', left);
}

/** Does no tag say yet that AWSCURRENT is dead, and that no message brings it back? */
export const needsTag = (seen: Observation): boolean => !countsAsDead(seen) || isUnused(seen);

/** AWSPREVIOUS is settled: has nobody used AWSCURRENT for too long, or has its ending begun for that reason? */
export function whenUnused(input: Input & { readonly seen: Observation }): Decision | undefined {
  const { credential, traits, seen, now } = input;
  const suspended = credential.policy.suspendUntil ?? now;
  if (!traits.revocable || seen.tags.blocked !== undefined || suspended > now) return undefined;
  if (isUnused(seen)) return decision('unused', isCurrentUnsettled(seen) ? 'retire' : 'none', 'unused');
  if (countsAsDead(seen) || isCompromised(seen, seen.current) || !isCurrentUnsettled(seen)) return undefined;
  if (unmapped(credential, seen) !== undefined) return undefined; // its grant cannot be read yet
  const until = usedUntil(credential, seen);
  return until !== undefined && until <= now ? decision('stale', 'retire', 'unused') : undefined;
}
