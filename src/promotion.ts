import type { AttemptCall } from './attempt-record';
import { NOT_PERMITTED } from './decision';
import { InvariantError, NotPermittedError, SecretStoreError } from './errors';
import { type Counts, seal } from './giving-up';
import { heldIn } from './grants';
import { listLostRenewals } from './lost-renewals';
import type { GrantFields } from './provider';
import { reinstateCopied } from './reinstating';
import { AGAIN, BY_ANOTHER_WORKER, type Context, type Next } from './rotation-context';
import { tag, unrevokedKey } from './rotation-tags';
import { listSuspect } from './suspects';
import { canBeVersionId, parseVersionId, type ValueId } from './version-ids';

/** Grace counts from the id's time, unless promotion came later than this after it: then from `rotation:promoted`. */
const PROMOTED_LATE_MS = 60_000;
const PROMOTE_TRIES = 3;

export interface Staged {
  readonly id: string;
  /** The version that is current, and that this one replaces. */
  readonly base: string;
  readonly call: AttemptCall;
  readonly held: GrantFields;
  readonly counts: Counts;
  /** What the vendor was sent, where the credential's tag does not say so yet. */
  readonly parameters?: string | undefined;
}

/** Steps 7 and 8: whoever finds a staged value verifies and promotes it. */
export async function verifyAndPromote(context: Context, staged: Staged): Promise<Next> {
  const version = parseVersionId(staged.id);
  if (version.is !== 'value')
    throw new InvariantError('a staged value under an id that is not ours', { version: staged.id });
  await listLostRenewals(context, staged);
  if (staged.call === 'copy') {
    const stop = await reinstateCopied(context, version, staged);
    if (stop !== undefined) return stop;
  }
  const verdict = context.provider.traits.verifiable ? await verify(context, staged.held) : 'unverified';
  context.log.info(
    { step: 'verify', rotation: version.rotationId, reason: verdict },
    'verified as far as the kind allows',
  );
  if (verdict === 'not-permitted') return notPermitted(context, version);
  if (verdict === 'stopping') return { outcome: 'waits', reason: 'stopping' };
  if (verdict === 'refused') return refused(context, version, staged);
  if (context.provider.traits.issuedBy === 'person') await noLongerToDelete(context, staged.held);
  const next = await promote(context, version, staged.base, verdict);
  if (next !== AGAIN && next.outcome === 'promoted') await writeDownParameters(context, staged.parameters);
  return next;
}

async function verify(
  { provider, credential, pace, clock, stopping }: Context,
  held: GrantFields,
): Promise<'verified' | 'refused' | 'not-permitted' | 'stopping'> {
  for (const pause of [...pace.verifyPausesMs, undefined]) {
    const answer = await provider.verify(credential, held).catch(orNotPermitted);
    if (answer === 'works') return 'verified';
    if (answer === 'not-permitted') return answer;
    if (pause === undefined) break;
    if (stopping()) return 'stopping';
    await clock.sleep(pause);
  }
  return 'refused';
}

function orNotPermitted(error: unknown): 'not-permitted' {
  if (error instanceof NotPermittedError) return 'not-permitted';
  throw error;
}

/** It stays staged: a person lets it in and clears the block, or replaces it. The tag keeps sweeps from trying it for ever. */
async function notPermitted({ store, credential, log }: Context, version: ValueId): Promise<Next> {
  await store.tag(credential, tag.blocked(NOT_PERMITTED));
  const message = 'the vendor knows the staged value and does not permit it: it is not promoted until a person acts';
  log.alarm('blocked', { version: version.id, reason: NOT_PERMITTED }, message);
  return { outcome: 'blocked', version: version.id, reason: NOT_PERMITTED };
}

/** A person brings one again that they were asked to delete: it is about to be current. */
async function noLongerToDelete({ store, credential }: Context, { grant }: GrantFields): Promise<void> {
  if (grant === undefined) return;
  const again: string[] = [];
  const { unrevoked = [] } = (await store.observe(credential))?.tags ?? {};
  // the name of those without label at an adoption is none
  for (const version of unrevoked.filter(canBeVersionId)) {
    const { grant: other } = heldIn(credential, version, await store.read(credential, version));
    if (other === grant) again.push(unrevokedKey(version));
  }
  if (again.length > 0) await store.untag(credential, again);
}

/** Refused for good. Where issuing kills the old one, AWSCURRENT may be dead: the open suspect has it verified. */
async function refused(context: Context, version: ValueId, { base, counts, call }: Staged): Promise<Next> {
  if (call === 'issue' && context.provider.traits.replacesInPlace) await listSuspect(context, version);
  return seal(context, version, 'value-refused', base, counts, { call });
}

/** A promote that failed or got no answer is judged by reading the labels, not by the error. */
export async function promote(context: Context, version: ValueId, base: string, reason: string): Promise<Next> {
  const { credential, store, clock, log, pace } = context;
  if (clock.now() - version.issuedAt > PROMOTED_LATE_MS)
    await store.tag(credential, tag.promoted(version.id, clock.now()));
  let unanswered = false;
  for (let n = 0; n < PROMOTE_TRIES; n += 1) {
    const moved = await store.promote(credential, { from: base, to: version.id }).catch((error: unknown) => {
      unanswered = true;
      return unlessRetryable(error);
    });
    const current = moved ? version.id : (await store.observe(credential))?.current?.id;
    if (current === version.id) {
      if (!moved && !unanswered) return { outcome: 'promoted', version: version.id, reason: BY_ANOTHER_WORKER };
      log.info({ step: 'promote', rotation: version.rotationId, version: version.id, reason }, 'AWSCURRENT moved');
      return { outcome: 'promoted', version: version.id, reason };
    }
    if (current !== base) return AGAIN;
    await clock.sleep(pace.betweenPutsMs);
  }
  return { outcome: 'waits', reason: 'promotion-refused', retryAt: clock.now() + PROMOTED_LATE_MS };
}

/** Lost by a crash here, the same is sent once more, which is harmless. */
async function writeDownParameters({ store, credential }: Context, parameters: string | undefined): Promise<void> {
  if (parameters !== undefined) await store.tag(credential, tag.sent(credential, parameters));
}

function unlessRetryable(error: unknown): false {
  if (error instanceof SecretStoreError && error.retryable) return false;
  throw error;
}
