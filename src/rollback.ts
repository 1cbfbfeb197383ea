import { attempt } from './attempt';
import { chooseAnother } from './choosing';
import type { State } from './decision';
import { expiryOf } from './due';
import { countsAfter } from './giving-up';
import { heldBy, heldIn, REVOKE_WINDOW_MS, readable } from './grants';
import { decideRotation, waitForGrace } from './policy';
import { type Context, ended, type Next, type Outcome, waitsForAccount } from './rotation-context';
import type { Observation } from './secret-store';
import { currentName } from './situation';
import { withGrant } from './stored-value';
import type { StoredValue } from './types';
import { whyNotUndone } from './undo';
import { type Settled, whenSettled } from './unfinished';
import { waitsForQuota } from './version-quota';

export interface RollbackRequest {
  /** The version that is to be undone: AWSCURRENT. Another one in its place: done already. */
  readonly version: string;
}

/**
 * Makes the value of AWSPREVIOUS current again, as a new version with the old content: no label ever goes back. Finishes what
 * is unfinished first. `refused` names why it cannot be; a copy that was begun is finished by whoever finds it.
 */
export async function rollback(context: Context, request: RollbackRequest): Promise<Outcome> {
  let begun = false;
  const begin = async (input: Settled): Promise<Next> => {
    const stop = await whyNot(context, request, input);
    if (stop !== undefined) return stop;
    if (begun) return { outcome: 'failed', reason: 'the-copy-was-given-up' };
    begun = true;
    return copyPrevious(context, input);
  };
  const outcome = await whenSettled(context, { wish: 'none', creates: false, begin });
  if (begun || outcome.outcome !== 'promoted') return outcome;
  return { ...outcome, outcome: 'done', reason: 'what-was-unfinished-is-current-now' };
}

const NOT_TOUCHED: readonly State[] = ['blocked', 'unmapped', 'retiring', 'retired'];

async function whyNot(context: Context, { version }: RollbackRequest, input: Settled): Promise<Next | undefined> {
  const { credential, provider } = context;
  const { seen, now } = input;
  if (currentName(seen) !== version) return { outcome: 'done', reason: 'another-version-is-current' };
  const decision = decideRotation(input);
  if (NOT_TOUCHED.includes(decision.state)) return ended(decision);
  const { suspendUntil } = credential.policy;
  if (suspendUntil !== undefined && suspendUntil > now) {
    return { outcome: 'refused', reason: 'suspended', retryAt: suspendUntil };
  }
  const reason = whyNotUndone(provider.traits, seen, now);
  if (reason !== undefined) return { outcome: 'refused', reason };
  const grace = provider.traits.undo === 'change' ? waitForGrace(input, decision) : undefined;
  if (grace !== undefined) return { ...ended(grace), outcome: 'refused' };
  if (context.stopping()) return { outcome: 'waits', reason: 'stopping' };
  return (await waitsForQuota(context, seen)) ?? waitsForAccount(context);
}

async function copyPrevious(context: Context, { seen, lastAttempt }: Settled): Promise<Next> {
  const { clock, pace, provider } = context;
  const found = await previousValue(context, seen);
  if ('outcome' in found) return found;
  if (provider.traits.undo === 'change') {
    return chooseAnother(context, seen, countsAfter(lastAttempt, seen), found.stored);
  }
  await context.reserveWrites(3);
  return attempt(context, seen, countsAfter(lastAttempt, seen), {
    call: 'copy',
    expiresAt: expiryOf(seen.previous),
    async obtain() {
      // whoever saw the labels before the intent may still be about to revoke what is copied
      if (provider.traits.revocable) await clock.sleep(REVOKE_WINDOW_MS + pace.providerTimeoutMs);
      return { stored: found.stored };
    },
  });
}

const refused = (reason: string): Outcome => ({ outcome: 'refused', reason });

async function previousValue(
  context: Context,
  { current, previous, tags }: Observation,
): Promise<Outcome | { readonly stored: StoredValue }> {
  const { credential, store, provider } = context;
  const content = previous === undefined ? undefined : await store.read(credential, previous.id);
  if (previous === undefined || content?.is !== 'value') return refused('no-value-before-it');
  const told = readable(credential, content.value);
  const tellable = told?.secret !== undefined || provider.traits.undo !== 'change';
  if (told === undefined || !tellable) return refused('the-value-before-it-cannot-be-read');
  const { grant } = heldIn(credential, previous.id, content);
  const revoked = tags.revoked.includes(previous.id) && !tags.unrevoked.includes(previous.id);
  if (grant === undefined && revoked && provider.traits.revocable) return refused('the-value-before-it-was-revoked');
  if (grant === undefined) return { stored: content.value };
  if (grant === (await heldBy(context, current?.id)).grant) return refused('the-value-before-it-holds-the-same-grant');
  // what the entry says of one version's grant concerns no other: the copy holds it itself
  return { stored: told.grant === undefined ? withGrant(credential, content.value, grant) : content.value };
}
