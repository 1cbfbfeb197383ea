import { graceEndsAt, graceIsOver, isUnsettled, tooSoon } from './policy';
import { tag } from './rotation-tags';
import type { Observation, SecretStore } from './secret-store';
import { currentName, situation } from './situation';
import type { Clock, Credential, Instant } from './types';

/** An on-demand message after its form was checked: which credential, and a wish. Everything else comes from elsewhere. */
export interface RotationRequest {
  readonly action: 'rotate' | 'revoke';
  readonly urgency: 'normal' | 'compromised';
  /** The version that it concerns, where the sender or an earlier receipt named it. */
  readonly version?: string | undefined;
}

export type Verdict =
  /** To be enqueued; concerns this version. */
  | { readonly outcome: 'accepted'; readonly version: string; readonly reason: string }
  | { readonly outcome: 'done'; readonly version: string; readonly reason: string }
  | { readonly outcome: 'refused'; readonly version?: string; readonly reason: string };

export interface RequestDeps {
  readonly store: Pick<SecretStore, 'observe' | 'tag'>;
  readonly clock: Clock;
  /** Writes the version into the job before anything else, so that a redelivery cannot concern another one. */
  readonly pin: (version: string) => Promise<void>;
}

/**
 * Decides about one message. `compromised` is written as a tag here, so that the wish survives Redis; `normal` does not.
 * A message is a hint: it can at most ask for a declared credential, no more often than its minimum intervals.
 */
export async function judgeRequest(
  deps: RequestDeps,
  credential: Credential,
  request: RotationRequest,
): Promise<Verdict> {
  const seen = await deps.store.observe(credential);
  const untouchable = mayNotBeTouched(credential, seen);
  if (untouchable !== undefined) return { outcome: 'refused', reason: untouchable };
  const version = request.version ?? concerned(request.action, seen);
  if (request.version === undefined) await deps.pin(version);
  const verdict =
    request.action === 'rotate'
      ? rotateVerdict(deps, credential, request, seen, version)
      : revokeVerdict(seen, version);
  if (verdict.outcome === 'accepted' && request.urgency === 'compromised' && version !== 'none') {
    await deps.store.tag(credential, tag.compromised(version, deps.clock.now()));
  }
  return verdict;
}

const concerned = (action: 'rotate' | 'revoke', seen: Observation | undefined): string =>
  action === 'rotate' ? currentName(seen) : (seen?.previous?.id ?? 'none');

function mayNotBeTouched(credential: Credential, seen: Observation | undefined): string | undefined {
  const here = situation(credential, seen);
  if (here.is === 'foreign' || here.is === 'doubtful') return here.reason;
  if (here.is === 'being-deleted') return 'secret-scheduled-for-deletion';
  return here.is === 'missing' && !credential.policy.create ? 'secret-missing-and-may-not-be-created' : undefined;
}

function rotateVerdict(
  { clock }: RequestDeps,
  credential: Credential,
  { urgency }: RotationRequest,
  seen: Observation | undefined,
  version: string,
): Verdict {
  if (currentName(seen) !== version) return { outcome: 'done', version, reason: 'another-version-is-current' };
  const now = clock.now();
  const blocked = seen?.tags.blocked;
  if (blocked !== undefined && urgency === 'normal')
    return { outcome: 'refused', version, reason: `blocked: ${blocked}` };
  const free = seen === undefined ? undefined : tooSoon(credential, seen, now, urgency);
  if (free !== undefined)
    return {
      outcome: 'refused',
      version,
      reason: `inside the minimum interval of ${urgency} requests, until ${iso(free)}`,
    };
  const held = seen === undefined || urgency === 'compromised' ? undefined : graceHolds(credential, seen, now);
  if (held !== undefined) return { outcome: 'refused', version, reason: held };
  return {
    outcome: 'accepted',
    version,
    reason: blocked === undefined ? 'enqueued' : `noted, and blocked: ${blocked}`,
  };
}

function graceHolds(credential: Credential, seen: Observation, now: Instant): string | undefined {
  if (!isUnsettled(seen) || graceIsOver(credential, seen, now)) return undefined;
  const ends = graceEndsAt(credential, seen);
  return ends === 'never'
    ? 'the version before it awaits confirmation: send revoke first'
    : `the version before it is in grace until ${iso(ends)}: send revoke, or urgency compromised`;
}

function revokeVerdict(seen: Observation | undefined, version: string): Verdict {
  if (seen?.previous === undefined || seen.previous.id !== version) {
    return { outcome: 'done', version, reason: 'another-version-is-previous' };
  }
  return isUnsettled(seen)
    ? { outcome: 'accepted', version, reason: 'enqueued' }
    : { outcome: 'done', version, reason: 'settled' };
}

const iso = (at: Instant): string => new Date(at).toISOString();
