import { OutcomeUnknownError, ProviderProtocolError, StoredValueError } from './errors';
import { decideRevocation, ownerLimitMs } from './policy';
import type { GrantFields, Revocation } from './provider';
import { type Context, fingerprint, type Outcome } from './rotation-context';
import { outlivedTags, type Tags, tag } from './rotation-tags';
import type { Observation } from './secret-store';
import { grantFields } from './stored-value';
import type { Credential } from './types';

/** A revocation is sent only this soon after the labels were read, by the monotonic clock. */
const REVOKE_WINDOW_MS = 5_000;
/** Another worker that has just revoked writes it down within this time. */
const OTHERS_MARK_MS = 3_000;

export interface RevokeRequest {
  /** The version to settle; another one in its place means that it is done. Absent: whatever AWSPREVIOUS holds. */
  readonly version?: string;
  /** A message ended the grace period. */
  readonly graceEnded: boolean;
}

/** Settles AWSPREVIOUS of one credential when its grace is over. At most five calls to Secrets Manager. */
export async function settle(context: Context, request: RevokeRequest): Promise<Outcome> {
  const { credential, clock, provider } = context;
  const seen = await context.store.observe(credential);
  if (seen === undefined) return { outcome: 'done', reason: 'secret-missing' };
  if (request.version !== undefined && seen.previous?.id !== request.version) {
    return { outcome: 'done', reason: 'another-version-is-previous' };
  }
  const decision = decideRevocation({
    credential,
    traits: provider.traits,
    seen,
    now: clock.now(),
    ownerLimitMs: ownerLimitMs(context.pace.providerTimeoutMs),
    graceEnded: request.graceEnded,
  });
  if (decision.action !== 'settle') {
    const outcome = decision.state === 'blocked' ? 'blocked' : decision.state === 'fresh' ? 'done' : 'waits';
    return { outcome, reason: decision.reason, ...(decision.at === undefined ? {} : { retryAt: decision.at }) };
  }
  return settlePrevious(context, seen);
}

/** Revokes the grant of AWSPREVIOUS, or finds that there is nothing to revoke, and writes it down. */
export async function settlePrevious(context: Context, seen: Observation): Promise<Outcome> {
  const { credential, provider, store, log } = context;
  const version = seen.previous?.id;
  if (version === undefined) return { outcome: 'done', reason: 'nothing-to-settle' };
  const old = await heldBy(context, version);
  const current = await heldBy(context, seen.current?.id);
  if (context.stopping()) return { outcome: 'waits', reason: 'stopping' };
  const found = provider.traits.revocable
    ? await revokeGrant(context, seen, old, current)
    : await tryOldSecret(context, version, old, current);
  if ('outcome' in found) return found;
  await store.tag(credential, { ...tag.revoked(version), ...found.write });
  log.info({ step: 'settle', version, reason: found.reason }, 'settled');
  await dropOutlived(context, seen);
  return { outcome: 'settled', version, reason: found.reason };
}

interface Settled {
  readonly reason: string;
  readonly write?: Tags;
}

/** What a version says about its grant; empty when it holds no value that its entry can read. */
export async function heldBy({ store, credential }: Context, version: string | undefined): Promise<GrantFields> {
  const content = version === undefined ? undefined : await store.read(credential, version);
  if (content?.is !== 'value') return {};
  try {
    return grantFields(credential, content.value);
  } catch (error) {
    if (error instanceof StoredValueError) return {};
    throw error;
  }
}

/** Flinks Outbound: nothing can be revoked; the old secret must be refused now (providers.md 1.3). */
async function tryOldSecret(
  context: Context,
  version: string,
  old: GrantFields,
  current: GrantFields,
): Promise<Settled> {
  const { credential, provider, log, clock } = context;
  if (old.secret === undefined) return { reason: 'nothing-to-prove' };
  if (old.secret.reveal() === current.secret?.reveal()) return { reason: 'provider-did-not-rotate' };
  if (!credential.policy.proveDead) return { reason: 'not-tried' };
  const answer = await provider.verify(credential, old).catch(() => 'no-answer' as const);
  if (answer !== 'works') return { reason: answer === 'refused' ? 'old-secret-is-dead' : 'old-secret-not-proven-dead' };
  log.alarm('old-secret-still-alive', { version }, 'the replaced secret still works at the vendor');
  return { reason: 'old-secret-still-alive', write: tag.stillAlive(version, clock.now()) };
}

async function revokeGrant(
  context: Context,
  seen: Observation,
  old: GrantFields,
  current: GrantFields,
): Promise<Settled | Outcome> {
  const version = seen.previous?.id ?? '';
  const { grant } = old;
  if (grant === undefined) return unrevoked(context, version, 'no-grant-id-in-the-value');
  if (grant === current.grant) return sharedGrant(context, seen, old, current);
  const revocation = await sendRevocation(context, seen, version, { ...old, grant }, current);
  if (revocation.outcome === 'no-answer' || revocation.outcome === 'too-late') {
    const retryAt = context.clock.now() + firstPause(context.credential);
    return { outcome: 'waits', version, reason: revocation.outcome, retryAt };
  }
  const after = await lookAgain(context, version, revocation);
  if (await heldMeanwhile(context, seen, after, grant)) {
    return hitCurrent(context, version, await reinstate(context, grant));
  }
  switch (revocation.outcome) {
    case 'revoked':
      return { reason: 'revoked' };
    case 'not-revoked':
      if (after?.tags.revoked === version) return { reason: 'revoked-by-another-worker' };
      return unrevoked(context, version, revocation.reason);
    case 'hit-current':
      return hitCurrent(context, version, revocation.reinstated);
  }
}

export const firstPause = ({ policy }: Credential): number => policy.retryAfterMs[0] ?? 0;

type Sent = Revocation | { readonly outcome: 'no-answer' } | { readonly outcome: 'too-late' };

/**
 * Asks the vendor once. It is sent only within seconds of the reading of the labels; one without an answer is written
 * down, so that the vendor's refusal to repeat it can be understood.
 */
export async function sendRevocation(
  context: Context,
  seen: Observation,
  version: string,
  old: GrantFields & { readonly grant: string },
  current: GrantFields,
): Promise<Sent> {
  const { credential, provider, store, clock, log } = context;
  const from = clock.monotonic();
  if (from - seen.seenAt > REVOKE_WINDOW_MS) return { outcome: 'too-late' };
  const said = (reason: string): void => {
    const grant = fingerprint(credential, old.grant);
    const durationMs = Math.round(clock.monotonic() - from);
    log.info({ step: 'revoke', version, grant, durationMs, reason }, 'asked the vendor to revoke');
  };
  try {
    const repeated = seen.tags.revoking.includes(version);
    const revocation = await provider.revoke(credential, old, { current, repeated });
    said(revocation.outcome);
    return revocation;
  } catch (error) {
    if (!(error instanceof OutcomeUnknownError || error instanceof ProviderProtocolError)) throw error;
    said(error.code);
    await store.tag(credential, tag.revoking(version, clock.now()));
    return { outcome: 'no-answer' };
  }
}

async function lookAgain(context: Context, version: string, revocation: Revocation): Promise<Observation | undefined> {
  const after = await context.store.observe(context.credential);
  if (revocation.outcome !== 'not-revoked' || after?.tags.revoked === version) return after;
  await context.clock.sleep(OTHERS_MARK_MS);
  return context.store.observe(context.credential);
}

/** Did a labelled version come to hold the grant while it was being revoked? Then it was not ours to revoke. */
async function heldMeanwhile(
  context: Context,
  before: Observation,
  after: Observation | undefined,
  grant: string,
): Promise<boolean> {
  const known = [before.previous?.id, before.current?.id, before.pending?.id];
  for (const version of [after?.current?.id, after?.pending?.id]) {
    if (version === undefined || known.includes(version)) continue;
    if ((await heldBy(context, version)).grant === grant) return true;
  }
  // a person may have made the replaced version current again
  return after?.current !== undefined && after.current.id === before.previous?.id;
}

const reinstate = ({ provider, credential }: Context, grant: string): Promise<boolean> =>
  provider.reinstate(credential, grant).catch(() => false);

export async function hitCurrent(
  { store, credential, log }: Context,
  version: string,
  reinstated: boolean,
): Promise<Outcome> {
  const reason = reinstated ? 'revocation hit AWSCURRENT and was undone' : 'revocation hit AWSCURRENT: it may be dead';
  await store.tag(credential, tag.blocked(reason));
  log.alarm('revocation-hit-current', { version, reinstated }, reason);
  return { outcome: 'blocked', version, reason };
}

function sharedGrant({ log, credential }: Context, seen: Observation, old: GrantFields, current: GrantFields): Settled {
  const version = seen.previous?.id ?? '';
  const sameSecret = old.secret?.reveal() === current.secret?.reveal();
  if (sameSecret && seen.tags.compromised.includes(version)) {
    const grant = old.grant === undefined ? undefined : fingerprint(credential, old.grant);
    log.alarm(
      'compromised-grant-answered-again',
      { version, grant },
      'compromised, and the vendor answered with the same grant',
    );
  }
  return { reason: sameSecret ? 'provider-did-not-rotate' : 'grant-is-held-by-current' };
}

function unrevoked({ log }: Context, version: string, reason: string): Settled {
  log.alarm('grant-unrevoked', { version, reason }, 'a grant that we cannot revoke: a person has to');
  return { reason: 'unrevoked', write: tag.unrevoked(version, reason) };
}

/** Tags that name a version go with its last label; costs a call only where there is one to drop. */
export async function dropOutlived({ store, credential, clock }: Context, seen: Observation): Promise<void> {
  const last = seen.pending?.is === 'value' ? seen.pending.rotationId : undefined;
  const outlived = outlivedTags(seen.tags, seen.labelled, last, clock.now());
  if (outlived.length > 0) await store.untag(credential, outlived);
}
