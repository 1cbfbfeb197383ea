import { graceEndsAt, graceIsOver, isUnsettled, tooSoon } from './due';
import type { Provider } from './provider';
import { countsAsDead } from './retired';
import { tag } from './rotation-tags';
import type { Observation, SecretStore } from './secret-store';
import { currentName, situation } from './situation';
import type { Clock, Credential, Instant } from './types';
import { whyNotUndone } from './undo';
import { unmapped } from './value-fit';

type Action = 'rotate' | 'revoke' | 'rollback';

/** An on-demand message after its form was checked: which credential, and a wish. Everything else comes from elsewhere. */
export interface RotationRequest {
  readonly action: Action;
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
  readonly provider: Pick<Provider, 'traits'>;
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
  const asked = { ...request, version };
  const verdict = refusedByKind(credential, asked, seen) ?? VERDICTS[request.action](deps, credential, asked, seen);
  if (request.urgency === 'compromised' && endsIts(verdict, seen)) {
    await deps.store.tag(credential, tag.compromised(version, deps.clock.now()));
  }
  return verdict;
}

/** The vendor ends a replaced partner secret by itself, and nobody can do it sooner. */
function refusedByKind({ kind }: Credential, { action, urgency, version }: Asked, seen: Observation | undefined) {
  if (kind !== 'finicity-partner-secret') return undefined;
  const no = (reason: string) => ({ outcome: 'refused', version, reason }) as const;
  if (action === 'rotate' && version === 'none') return no('the first value comes by rotator import');
  if (action === 'rotate' && !(urgency === 'compromised' && isPrevious(seen, version))) return undefined;
  return no('the vendor ends the old one itself, 30 days after the change');
}

/** The tag ends the grace of the version that it names, so it is also for one that has been replaced already. */
const endsIts = ({ outcome, version }: Verdict, seen: Observation | undefined): boolean =>
  version !== 'none' && (outcome === 'accepted' || (outcome === 'done' && isPrevious(seen, version)));

const isPrevious = (seen: Observation | undefined, version: string | undefined): boolean =>
  seen !== undefined && seen.previous?.id === version && isUnsettled(seen);

const concerned = (action: Action, seen: Observation | undefined): string =>
  action === 'revoke' ? (seen?.previous?.id ?? 'none') : currentName(seen);

function mayNotBeTouched(credential: Credential, seen: Observation | undefined): string | undefined {
  if (credential.retired !== undefined) return 'retired: its entry says state: retired';
  const here = situation(credential, seen);
  if (here.is === 'foreign' || here.is === 'doubtful') return here.reason;
  if (here.is === 'being-deleted') return 'secret-scheduled-for-deletion';
  return here.is === 'missing' && !credential.policy.create ? 'secret-missing-and-may-not-be-created' : undefined;
}

type Asked = RotationRequest & { readonly version: string };

function rotateVerdict(
  { clock, provider }: RequestDeps,
  credential: Credential,
  { urgency, version }: Asked,
  seen: Observation | undefined,
): Verdict {
  if (currentName(seen) !== version) {
    const ends = urgency === 'compromised' && isPrevious(seen, version);
    return { outcome: 'done', version, reason: `another-version-is-current${ends ? ', its grace is ended' : ''}` };
  }
  const byHand = provider.traits.issuedBy === 'person' ? onlyAPerson(credential) : undefined;
  if (byHand !== undefined && (urgency === 'normal' || version === 'none'))
    return { outcome: 'refused', version, reason: byHand };
  const now = clock.now();
  const free = seen === undefined || countsAsDead(seen) ? undefined : tooSoon(credential, seen, now, urgency);
  if (free !== undefined) {
    const reason = `inside the minimum interval of ${urgency} requests, until ${iso(free)}`;
    return { outcome: 'refused', version, reason };
  }
  return noted(urgency, version, byHand ?? stopped(credential, seen, now), () => graceHolds(credential, seen, now));
}

const onlyAPerson = ({ id }: Credential): string =>
  `a person has to make a new one in the portal of the vendor: rotator import ${id}`;

/** `compromised` is taken down even where it must wait; `normal` is refused. */
function noted(
  urgency: RotationRequest['urgency'],
  version: string,
  waits: string | undefined,
  holds: () => string | undefined = () => undefined,
): Verdict {
  if (urgency === 'compromised')
    return { outcome: 'accepted', version, reason: waits === undefined ? 'enqueued' : `noted, and ${waits}` };
  const reason = waits ?? holds();
  return reason === undefined
    ? { outcome: 'accepted', version, reason: 'enqueued' }
    : { outcome: 'refused', version, reason };
}

function stopped(credential: Credential, seen: Observation | undefined, now: Instant): string | undefined {
  const { policy } = credential;
  if (seen?.tags.blocked !== undefined) return `blocked: ${seen.tags.blocked}`;
  const misfit = seen === undefined ? undefined : unmapped(credential, seen);
  if (misfit?.outdated === false) return `unmapped: ${misfit.why}`;
  const until = policy.suspendUntil ?? now;
  return until > now ? `suspended until ${iso(until)}` : undefined;
}

/** The grace of a partner secret is the vendor's: no message ends it. */
function graceHolds(credential: Credential, seen: Observation | undefined, now: Instant): string | undefined {
  if (seen === undefined || !isUnsettled(seen) || countsAsDead(seen) || graceIsOver(credential, seen, now))
    return undefined;
  const ends = graceEndsAt(credential, seen, now);
  if (credential.kind === 'finicity-partner-secret' && ends !== 'never')
    return `the version before it is in the vendor's grace until ${iso(ends)}: wait, or urgency compromised`;
  return ends === 'never'
    ? 'the version before it awaits confirmation: send revoke first'
    : `the version before it is in grace until ${iso(ends)}: send revoke, or urgency compromised`;
}

function revokeVerdict(
  { clock }: RequestDeps,
  credential: Credential,
  { urgency, version }: Asked,
  seen: Observation | undefined,
): Verdict {
  if (seen?.previous === undefined || seen.previous.id !== version)
    return { outcome: 'done', version, reason: 'another-version-is-previous' };
  if (!isUnsettled(seen)) return { outcome: 'done', version, reason: 'settled' };
  return noted(urgency, version, stopped(credential, seen, clock.now()));
}

/** Only where the entry's policy lets messages ask for it, and no more often than for a rotation. */
function rollbackVerdict(
  { clock, provider }: RequestDeps,
  credential: Credential,
  { version }: Asked,
  seen: Observation | undefined,
): Verdict {
  const now = clock.now();
  const refused = (reason: string): Verdict => ({ outcome: 'refused', version, reason });
  if (provider.traits.undo !== 'none' && !credential.policy.rollbackByMessage)
    return refused('not by message: its policy lacks rollbackByMessage: true');
  if (currentName(seen) !== version) return { outcome: 'done', version, reason: 'another-version-is-current' };
  const why = stopped(credential, seen, now) ?? whyNotUndone(provider.traits, seen, now);
  if (why !== undefined) return refused(why);
  const free = seen === undefined ? undefined : tooSoon(credential, seen, now, 'normal');
  return free === undefined
    ? { outcome: 'accepted', version, reason: 'enqueued' }
    : refused(`inside the minimum interval of normal requests, until ${iso(free)}`);
}

const VERDICTS: Readonly<Record<Action, typeof rotateVerdict>> = {
  rotate: rotateVerdict,
  revoke: revokeVerdict,
  rollback: rollbackVerdict,
};

const iso = (at: Instant): string => new Date(at).toISOString();
