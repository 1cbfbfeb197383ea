import { pausesIn } from './account-pause';
import { troubleWord } from './by-hand';
import { type Decision, ownerLimitMs, type PolicyInput, type State } from './decision';
import { expiryOf, hashShare, isUnsettled } from './due';
import { type FleetDeps, type Found, observeAll } from './fleet';
import type { Observed } from './fleet-facts';
import { decideRevocation, decideRotation, stateOf } from './policy';
import type { ProviderTraits } from './provider';
import { CREDENTIAL_TAG, tag } from './rotation-tags';
import type { Observation } from './secret-store';
import { currentName } from './situation';
import type { AlarmName, Clock, Credential, Instant, Kind, SweepName } from './types';
import { openUntil } from './window';

type Does = 'rotate' | 'revoke';

export interface SweepPlan {
  readonly name: SweepName;
  readonly kinds: readonly Kind[];
  readonly does: Does;
  /** Kinds that no sweep revokes: this one settles them besides. */
  readonly settles?: readonly Kind[];
}

export interface SweepDeps extends FleetDeps {
  readonly credentials: readonly Credential[];
  readonly traitsOf: (credential: Credential) => ProviderTraits;
  readonly providerTimeoutMs: (credential: Credential) => number;
  readonly clock: Clock;
  readonly spreadMs: number;
  readonly look: NonNullable<FleetDeps['look']>;
  /** The largest share of its entries that a sweep may find missing and still have created. */
  readonly createShare: number;
  /** How many grants it may have revoked within a day: a share of its revocable entries, 1 for any number, or so many. */
  readonly revokeShare: number;
  readonly revokeAtLeast: number;
  /** Troubles that have been reported, so that each is said once while it lasts. */
  readonly reported: Map<string, string>;
  /** Hears what a sweep that rotates has seen: each credential is in one of those. */
  readonly onObserved: (plan: SweepPlan, fleet: readonly Observed[]) => Promise<void>;
}

/** One thing to do for one credential. */
export interface Due {
  readonly credential: Credential;
  readonly does: Does;
  /** rotate: the version that is to be replaced, `none` on a new secret; revoke: the version to settle. */
  readonly version: string;
  readonly reason: string;
  readonly delayMs: number;
  /** The version whose grant this would revoke at the vendor, unless it is compromised: it counts towards the limit. */
  readonly revokes: string | undefined;
}

interface Judged {
  readonly does: Does;
  readonly credential: Credential;
  readonly seen: Observation | undefined;
  readonly decision: Decision;
}

/** Observes every credential of the plan's kinds and says what is due, soonest expiry first. Writes nothing. */
export async function sweep(plan: SweepPlan, deps: SweepDeps): Promise<readonly Due[]> {
  const credentials = deps.credentials.filter(({ kind }) => plan.kinds.includes(kind));
  let paused: Pauses = new Map();
  const look: SweepDeps['look'] = async (fleet) => {
    paused = pausesIn(fleet);
    await deps.look(fleet);
  };
  const observed = await observeAll(credentials, { ...deps, look });
  const judged = observed.map((one) => judge(plan.does, deps, one));
  const settling = observed
    .filter(([{ kind }]) => plan.settles?.includes(kind))
    .map((one) => judge('revoke', deps, one));
  if (plan.does === 'rotate') {
    for (const one of judged) reportTrouble(deps, one);
    await deps.onObserved(
      plan,
      observed.map((one) => inItsState(deps, one, paused)),
    );
  }
  const due = [...braked(plan, deps, judged), ...settling].filter(isWork);
  return due.sort((a, b) => expiry(a) - expiry(b)).map((one) => work(deps, one));
}

function judge(does: Does, deps: SweepDeps, [credential, seen]: Found): Judged {
  const input = policyInput(deps, credential, seen);
  return { does, credential, seen, decision: does === 'rotate' ? decideRotation(input) : decideRevocation(input) };
}

type Pauses = ReturnType<typeof pausesIn>;

/** Its jobs are enqueued all the same, paused or not: one of them is to try. */
function inItsState(deps: SweepDeps, [credential, seen]: Found, paused: Pauses): Observed {
  const pausedUntil = paused.has(credential.account) ? ('unknown' as const) : undefined;
  return { credential, seen, state: stateOf({ ...policyInput(deps, credential, seen), pausedUntil }).state };
}

const policyInput = (deps: SweepDeps, credential: Credential, seen: Observation | undefined): PolicyInput => ({
  credential,
  seen,
  traits: deps.traitsOf(credential),
  now: deps.clock.now(),
  ownerLimitMs: ownerLimitMs(deps.providerTimeoutMs(credential)),
});

const isWork = ({ does, decision: { action } }: Judged): boolean =>
  does === 'rotate'
    ? action === 'rotate' || action === 'resume' || action === 'verify'
    : action === 'settle' || action === 'retire';

/** Created by nobody here: it waits for a person's value, or is gone for good. */
const NEEDS_NO_SECRET: readonly State[] = ['needs-import', 'retired'];

/**
 * Secrets that are missing are created only while they are few: in the wrong account or Region all of them are, and
 * creating them would regenerate everything at the vendors.
 */
function braked(plan: SweepPlan, { createShare, log }: SweepDeps, judged: readonly Judged[]): Judged[] {
  const there = judged.filter(({ seen, decision }) => seen !== undefined || NEEDS_NO_SECRET.includes(decision.state));
  const missing = judged.length - there.length;
  if (missing <= judged.length * createShare) return [...judged];
  if (plan.does === 'rotate') {
    const fields = { sweep: plan.name, missing, entries: judged.length, createShare };
    const message = 'too many secrets are missing: none is created. Wrong account or Region? Else raise createShare';
    log.alarm('create-brake', fields, message);
  }
  return there;
}

/** A number, so that two without expiry compare as equal. */
const expiry = ({ seen }: Judged): Instant => expiryOf(seen?.current) ?? Number.MAX_SAFE_INTEGER;

function work(deps: SweepDeps, one: Judged): Due {
  const { does, credential, seen, decision } = one;
  const { reason } = decision;
  const namesCurrent = does === 'rotate' || decision.action === 'retire';
  const version = namesCurrent ? currentName(seen) : (seen?.previous?.id ?? 'none');
  return { credential, does, version, reason, delayMs: delay(deps, one), revokes: revokes(deps, one) };
}

/** A rotation revokes as well, where the version before is not settled; it is not put off beyond an expiry. A retirement counts once. */
function revokes({ traitsOf }: SweepDeps, { does, credential, seen, decision }: Judged): string | undefined {
  const { action, reason } = decision;
  if (!traitsOf(credential).revocable || reason === 'compromised' || seen === undefined) return undefined;
  if (action === 'retire') return reason === 'to-be-deleted' ? undefined : currentName(seen);
  const settles = does === 'revoke' || (action === 'rotate' && reason !== 'expires-soon' && isUnsettled(seen));
  return settles ? seen.previous?.id : undefined;
}

/** So many grants a sweep may have revoked within a day. */
export function mostRevocations(plan: SweepPlan, deps: SweepDeps): number {
  const { credentials, traitsOf, revokeShare, revokeAtLeast } = deps;
  if (revokeShare === 1) return Number.MAX_SAFE_INTEGER;
  const entries = credentials.filter((one) => plan.kinds.includes(one.kind) && traitsOf(one).revocable).length;
  return Math.max(revokeAtLeast, Math.floor(entries * revokeShare));
}

/**
 * Unfinished work goes first, and what is compromised; the rest is spread by a hash of the id, over half of the time that is
 * left before its expiry and the end of its window: what comes too late for that would come too late each time.
 */
function delay({ clock, spreadMs }: SweepDeps, one: Judged): number {
  const { action, reason, at } = one.decision;
  const now = clock.now();
  if (action === 'resume' || action === 'verify') return Math.max(0, (at ?? 0) - now);
  if (reason === 'compromised') return 0;
  const closes = openUntil(one.credential.policy.window, now) ?? Number.MAX_SAFE_INTEGER;
  const left = Math.max(0, Math.min(expiry(one), closes) - now);
  return Math.round(hashShare(one.credential.id) * Math.min(spreadMs, left / 2));
}

const ALARM_OF: Readonly<Partial<Record<Decision['state'], AlarmName>>> = {
  blocked: 'blocked',
  unmapped: 'value-unmapped',
  foreign: 'foreign-secret',
  missing: 'secret-missing',
  'being-deleted': 'secret-deleted',
  'needs-import': 'import-needed',
  expiring: 'import-needed',
  expired: 'import-needed',
};

const LEFT_ALONE = 'nothing is done with it until a person acts';

/** Only by sweeps that rotate: each credential is in one of them, and a sweep that revokes sees other troubles. */
function reportTrouble({ reported, log, clock }: SweepDeps, { credential, seen, decision }: Judged): void {
  const alarm = ALARM_OF[decision.state];
  if (alarm === undefined) return void reported.delete(credential.id);
  const word = troubleWord(decision, clock.now());
  if (reported.get(credential.id) === word) return;
  reported.set(credential.id, word);
  const { state, reason } = decision;
  const fields = { credential: credential.id, kind: credential.kind, state, reason };
  // What a person puts back: nobody else can tell it.
  const owner = reason === 'tag-removed' ? { owner: tag.credential(credential)[CREDENTIAL_TAG] } : {};
  const expiresAt = expiryOf(seen?.current);
  const expires = expiresAt === undefined ? {} : { expires: new Date(expiresAt).toISOString() };
  const message = alarm === 'import-needed' ? `a person makes a new one: rotator import ${credential.id}` : LEFT_ALONE;
  log.alarm(alarm, { ...fields, ...owner, ...expires }, message);
}
