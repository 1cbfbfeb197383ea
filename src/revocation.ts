import { announcing } from './announcing';
import { DELETED_BY_A_PERSON } from './by-hand';
import { ownerLimitMs } from './decision';
import { askAgain, heldBy, sendRevocation } from './grants';
import { decideRevocation } from './policy';
import type { GrantFields } from './provider';
import { isOutlived } from './retired';
import { retire } from './retirement';
import {
  dropUnrevoked,
  giveBack,
  type Holder,
  judged,
  lookAgain,
  newerHolder,
  type Settled,
  unrevoked,
} from './revocation-answer';
import { AGAIN, type Context, ended, fingerprint, type Next, type Outcome, waitsForAccount } from './rotation-context';
import { outlivedTags, RETIRED_TAG, revokingKey, tag } from './rotation-tags';
import type { Observation } from './secret-store';
import { withPrevious } from './settled-versions';

export interface RevokeRequest {
  /** The version to settle; another one in its place means that it is done. Absent: whatever AWSPREVIOUS holds. */
  readonly version?: string;
  /** A message ended the grace period. */
  readonly graceEnded: boolean;
}

/** Settles AWSPREVIOUS of one credential when its grace is over. At most five calls to Secrets Manager. */
export async function settle(context: Context, request: RevokeRequest): Promise<Outcome> {
  const { credential, clock, provider, pace } = context;
  const seen = await context.store.observe(credential);
  if (seen === undefined) return { outcome: 'done', reason: 'secret-missing' };
  const decision = decideRevocation({
    credential,
    traits: provider.traits,
    seen,
    now: clock.now(),
    ownerLimitMs: ownerLimitMs(pace.providerTimeoutMs),
    graceEnded: request.graceEnded,
  });
  if (decision.action === 'retire') return retire(context);
  if (request.version !== undefined && seen.previous?.id !== request.version) {
    return { outcome: 'done', reason: 'another-version-is-previous' };
  }
  if (decision.action !== 'settle') return ended(decision);
  const waits = await waitsForAccount(context);
  if (waits === AGAIN) return settle(context, request);
  return waits ?? settlePrevious(context, seen);
}

/** Revokes the grant of AWSPREVIOUS, or finds that there is nothing to revoke, and writes it down. */
async function settlePrevious(context: Context, seen: Observation): Promise<Outcome> {
  const { credential, store, log } = context;
  const version = seen.previous?.id;
  if (version === undefined) return { outcome: 'done', reason: 'nothing-to-settle' };
  const found = await settled(context, seen, version);
  if ('outcome' in found) return found;
  if (found.reason === 'revoked') await dropUnrevoked(context, seen, version);
  await store.tag(credential, { ...tag.revoked(...withPrevious(seen)), ...found.write });
  log.info({ step: 'settle', version, reason: found.reason }, 'settled');
  if (seen.tags.revoking.includes(version)) await store.untag(credential, [revokingKey(version)]);
  await dropOutlived(context, seen);
  return { outcome: 'settled', version, reason: found.reason };
}

/** At most two grants of a credential are alive: that of AWSPREVIOUS goes before another value is obtained. */
export async function clearTheWay(context: Context, seen: Observation): Promise<Next> {
  const outcome = await settlePrevious(context, seen);
  return outcome.outcome === 'settled' ? AGAIN : outcome;
}

async function settled(context: Context, seen: Observation, version: string): Promise<Settled | Outcome> {
  const { revocable, issuedBy } = context.provider.traits;
  if (issuedBy === 'us') return ENDED_BY_THE_VENDOR;
  const old = await heldBy(context, version);
  const current = await heldBy(context, seen.current?.id);
  if (context.stopping()) return { outcome: 'waits', reason: 'stopping' };
  if (issuedBy === 'person') return leftToAPerson(context, seen, version, old, current);
  return revocable
    ? revokeGrant(context, seen, version, old, current)
    : tryOldSecret(context, seen, version, old, current);
}

/** The secret that was changed died at once, or at the end of the vendor's own grace: no login is spent on it. */
const ENDED_BY_THE_VENDOR: Settled = { reason: 'ended-by-the-vendor' };

/** Only a person can delete it, and say that it was. The same one imported again is as compromised as it was. */
function leftToAPerson(
  context: Context,
  seen: Observation,
  version: string,
  old: GrantFields,
  current: GrantFields,
): Settled {
  if (old.grant === undefined || old.grant !== current.grant || seen.current === undefined)
    return unrevoked(context, version, DELETED_BY_A_PERSON);
  const compromised = seen.tags.compromised.get(version);
  const write = compromised === undefined ? {} : { write: tag.compromised(seen.current.id, compromised) };
  return { reason: 'grant-is-held-by-current', ...write };
}

/** Flinks Outbound: nothing can be revoked; the old secret must be refused now (providers.md 1.3). */
async function tryOldSecret(
  context: Context,
  seen: Observation,
  version: string,
  old: GrantFields,
  current: GrantFields,
): Promise<Settled> {
  const { credential, provider, log, clock } = context;
  if (old.secret === undefined) return { reason: 'nothing-to-prove' };
  if (old.secret.reveal() === current.secret?.reveal()) return sameAgain(context, seen, version, old);
  if (!credential.policy.proveDead) return { reason: 'not-tried' };
  const answer = await provider.verify(credential, old).catch(() => 'no-answer' as const);
  if (answer !== 'works') return { reason: answer === 'refused' ? 'old-secret-is-dead' : 'old-secret-not-proven-dead' };
  log.alarm('old-secret-still-alive', { version }, 'the replaced secret still works at the vendor');
  return { reason: 'old-secret-still-alive', write: tag.stillAlive(version, clock.now()) };
}

async function revokeGrant(
  context: Context,
  seen: Observation,
  version: string,
  old: GrantFields,
  current: GrantFields,
): Promise<Settled | Outcome> {
  const { grant } = old;
  if (grant === undefined) return unrevoked(context, version, 'no-grant-id-in-the-value');
  if (grant === current.grant) return sharedGrant(context, seen, version, old, current);
  const sent = await sendRevocation(context, seen, version, { ...old, grant }, current);
  if (sent.outcome === 'no-answer' || sent.outcome === 'too-late') return askAgain(context, version, sent.outcome);
  const after = await lookAgain(context, version, sent);
  const holder = await heldMeanwhile(context, seen, after, grant);
  if (holder !== undefined) return giveBack(context, version, grant, holder);
  return judged(context, version, sent, after);
}

/** Did a labelled version come to hold the grant while it was being revoked? Then it was not ours to revoke. */
async function heldMeanwhile(
  context: Context,
  before: Observation,
  after: Observation | undefined,
  grant: string,
): Promise<Holder | undefined> {
  const holder = await newerHolder(context, before, after, grant);
  if (holder !== undefined) return holder;
  // a person may have made the replaced version current again
  return after?.current !== undefined && after.current.id === before.previous?.id ? 'by-hand' : undefined;
}

async function sharedGrant(
  context: Context,
  seen: Observation,
  version: string,
  old: GrantFields,
  current: GrantFields,
): Promise<Settled> {
  const { clock } = context;
  const reason = 'grant-is-held-by-current';
  if (old.secret?.reveal() !== current.secret?.reveal()) return { reason };
  const extended = seen.current !== undefined && (await wasRenewed(context, version, seen.current.id));
  const compromised = seen.tags.compromised.has(version);
  if (extended) return { reason, ...(compromised ? { write: tag.compromised(seen.current.id, clock.now()) } : {}) };
  return sameAgain(context, seen, version, old);
}

function sameAgain({ credential, log }: Context, seen: Observation, version: string, old: GrantFields): Settled {
  if (seen.tags.compromised.has(version)) {
    const grant = old.grant === undefined ? undefined : fingerprint(credential, old.grant);
    const message = 'compromised, and the vendor answered with the same grant';
    log.alarm('compromised-grant-answered-again', { version, grant }, message);
  }
  return { reason: 'provider-did-not-rotate' };
}

/** The receipt was prolonged: its old revision is as good or bad as the new one. */
const wasRenewed = async (context: Context, base: string, version: string): Promise<boolean> =>
  (await announcing(context, base, version))?.call === 'renew';

/** Tags that name a version go with its last label; costs a call only where there is one to drop. */
export async function dropOutlived({ store, credential, clock }: Context, seen: Observation): Promise<void> {
  const last = seen.pending?.is === 'value' ? seen.pending.rotationId : undefined;
  const outlived = outlivedTags(seen.tags, seen.labelled, last, clock.now());
  if (credential.retired === undefined && isOutlived(seen)) outlived.push(RETIRED_TAG);
  if (outlived.length > 0) await store.untag(credential, outlived);
}
