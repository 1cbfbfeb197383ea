import { type Decision, nothing, type PolicyInput } from './decision';
import { dueTime, expiryOf, isCompromised } from './due';
import { countsAsDead } from './retired';
import { isAbsent } from './situation';
import type { Instant } from './types';

// Kinds whose secret a person makes in the vendor's portal (traits: issuedBy `person`). We never issue one: we ask for it,
// ahead of time, and take it by `rotator import`. Pure.

/** Why `unrevoked` is written of them. */
export const DELETED_BY_A_PERSON = 'made by a person: a person has to delete it in the portal of the vendor';

/** Why a person is asked for a new one; `at` is when the one there is ends, or since when it is too old. */
export function decideImport({ credential, seen, now }: PolicyInput): Decision {
  if (seen?.tags.blocked !== undefined) return nothing('blocked', seen.tags.blocked);
  if (seen === undefined || isAbsent(seen)) return nothing('needs-import', 'first-value-comes-by-import');
  if (isCompromised(seen, seen.current)) return nothing('needs-import', 'compromised');
  if (countsAsDead(seen)) return nothing('needs-import', 'was-retired');
  const expiry = expiryOf(seen.current);
  if (expiry !== undefined && expiry <= now) return nothing('expired', 'expired', expiry);
  const due = dueTime(credential, seen, now);
  if (due === undefined || due.from > now) return nothing('fresh', 'young', due?.from);
  const endsSoon = expiry !== undefined && expiry - credential.policy.renewBeforeMs <= now;
  return nothing('expiring', endsSoon ? 'expires-soon' : 'older-than-allowed', expiry ?? due.from);
}

const DAY_MS = 86_400_000;
/** Days before the end at which a person is asked again. */
const AGAIN_DAYS = [1, 7];

/** Changes with the state, its reason, and each time when a person is to be asked again. */
export function troubleWord({ state, reason, at }: Decision, now: Instant): string {
  if (state !== 'expiring' || at === undefined) return `${state} ${reason}`;
  const passed = AGAIN_DAYS.find((days) => at > now && at - now <= days * DAY_MS);
  return `${state} ${reason} ${passed ?? ''}`;
}
