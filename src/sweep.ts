import { type Decision, decideRevocation, decideRotation, hashShare, ownerLimitMs } from './policy';
import type { ProviderTraits } from './provider';
import type { Observation, SecretStore } from './secret-store';
import { currentName } from './situation';
import type { AlarmName, Clock, Credential, Instant, Kind, Log, SweepName } from './types';

export interface SweepPlan {
  readonly name: SweepName;
  readonly kinds: readonly Kind[];
  readonly does: 'rotate' | 'revoke';
}

export interface SweepDeps {
  readonly credentials: readonly Credential[];
  readonly traitsOf: (credential: Credential) => ProviderTraits;
  readonly providerTimeoutMs: (credential: Credential) => number;
  /** Every secret that carries our tag; may lag. */
  readonly fleet: () => AsyncIterable<Observation>;
  readonly store: Pick<SecretStore, 'observe'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly spreadMs: number;
  /** The largest share of its entries that a sweep may find missing and still have created. */
  readonly createShare: number;
  /** Troubles that have been reported, so that each is said once while it lasts. */
  readonly reported: Map<string, string>;
}

/** One thing to do for one credential. */
export interface Due {
  readonly credential: Credential;
  readonly does: 'rotate' | 'revoke';
  /** rotate: the version that is to be replaced, `none` on a new secret; revoke: the version to settle. */
  readonly version: string;
  readonly reason: string;
  readonly delayMs: number;
}

interface Judged {
  readonly credential: Credential;
  readonly seen: Observation | undefined;
  readonly decision: Decision;
}

/** Observes every credential of the plan's kinds and says what is due, soonest expiry first. Writes nothing. */
export async function sweep(plan: SweepPlan, deps: SweepDeps): Promise<readonly Due[]> {
  const credentials = deps.credentials.filter(({ kind }) => plan.kinds.includes(kind));
  const seen = await observeAll(credentials, deps);
  const judged = credentials.map((credential) => judge(plan, deps, credential, seen.get(credential.secretName)));
  for (const one of judged) reportTrouble(deps, one);
  const due = judged.filter(({ decision }) => isWork(plan, decision));
  const allowed = brake(plan, deps, due, credentials.length);
  return allowed.sort(bySoonestExpiry).map((one) => work(plan, deps, one));
}

/** One call per 100 credentials; what the list does not show is asked for one by one. */
async function observeAll(credentials: readonly Credential[], deps: SweepDeps): Promise<Map<string, Observation>> {
  const seen = new Map<string, Observation>();
  if (credentials.length === 0) return seen;
  for await (const observation of deps.fleet()) seen.set(observation.secretName, observation);
  for (const credential of credentials) {
    if (seen.has(credential.secretName)) continue;
    const observation = await deps.store.observe(credential);
    if (observation !== undefined) seen.set(credential.secretName, observation);
  }
  return seen;
}

function judge(plan: SweepPlan, deps: SweepDeps, credential: Credential, seen: Observation | undefined): Judged {
  const input = {
    credential,
    seen,
    traits: deps.traitsOf(credential),
    now: deps.clock.now(),
    ownerLimitMs: ownerLimitMs(deps.providerTimeoutMs(credential)),
  };
  return { credential, seen, decision: plan.does === 'rotate' ? decideRotation(input) : decideRevocation(input) };
}

const isWork = (plan: SweepPlan, { action }: Decision): boolean =>
  plan.does === 'rotate' ? action === 'rotate' || action === 'resume' || action === 'verify' : action === 'settle';

/**
 * Secrets that are missing are created only while they are few: in the wrong account or Region all of them are, and
 * creating them would regenerate everything at the vendors.
 */
function brake(plan: SweepPlan, { createShare, log }: SweepDeps, due: readonly Judged[], entries: number): Judged[] {
  const missing = due.filter(({ seen }) => seen === undefined).length;
  if (missing <= entries * createShare) return [...due];
  const fields = { sweep: plan.name, missing, entries, createShare };
  log.alarm(
    'create-brake',
    fields,
    'too many secrets are missing: none is created. Wrong account or Region? Else raise limits.createShare',
  );
  return due.filter(({ seen }) => seen !== undefined);
}

const expiry = ({ seen }: Judged): Instant =>
  seen?.current?.is === 'value' ? (seen.current.expiresAt ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;

const bySoonestExpiry = (a: Judged, b: Judged): number => (expiry(a) === expiry(b) ? 0 : expiry(a) - expiry(b));

function work(plan: SweepPlan, deps: SweepDeps, one: Judged): Due {
  const { credential, seen, decision } = one;
  const version = plan.does === 'rotate' ? currentName(seen) : (seen?.previous?.id ?? 'none');
  return { credential, does: plan.does, version, reason: decision.reason, delayMs: delay(deps, one) };
}

/** Unfinished work goes first; the rest is spread by a hash of the id, and never over more than half of the time left. */
function delay({ clock, spreadMs }: SweepDeps, one: Judged): number {
  const { action, at } = one.decision;
  if (action === 'resume' || action === 'verify') return Math.max(0, (at ?? 0) - clock.now());
  const left = Math.max(0, expiry(one) - clock.now());
  return Math.round(hashShare(one.credential.id) * Math.min(spreadMs, left / 2));
}

const ALARM_OF: Readonly<Partial<Record<Decision['state'], AlarmName>>> = {
  blocked: 'blocked',
  foreign: 'foreign-secret',
  missing: 'secret-missing',
  'being-deleted': 'secret-deleted',
};

function reportTrouble({ reported, log }: SweepDeps, { credential, decision }: Judged): void {
  const alarm = ALARM_OF[decision.state];
  if (alarm === undefined) return void reported.delete(credential.id);
  if (reported.get(credential.id) === decision.reason) return;
  reported.set(credential.id, decision.reason);
  log.alarm(
    alarm,
    { credential: credential.id, kind: credential.kind, reason: decision.reason },
    'nothing is done with it until a person acts',
  );
}
