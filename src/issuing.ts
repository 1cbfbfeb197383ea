import { attempt, type ValueSource } from './attempt';
import type { AttemptCall, Tombstone } from './attempt-record';
import { expiryOf, isCompromised } from './due';
import type { Counts } from './giving-up';
import { heldBy } from './grants';
import { parametersOf } from './parameters';
import type { PreparedIssue } from './provider';
import { countsAsDead } from './retired';
import type { Context, Next } from './rotation-context';
import type { Observation } from './secret-store';
import { isAbsent } from './situation';
import type { Instant } from './types';

/** Everything that the call needs is gathered before the intent; then one attempt is made. */
export async function issueAnother(
  context: Context,
  seen: Observation,
  counts: Counts,
  lastAttempt: Tombstone | undefined,
): Promise<Next> {
  const { credential, clock } = context;
  const expiresAt = expiryToAsk(credential.policy.validityMs, clock.now());
  const { call, prepared } = await prepare(context, await grantToRenew(context, seen, lastAttempt), expiresAt);
  const source: ValueSource = {
    call,
    expiresAt,
    parameters: parametersOf(credential),
    obtain: async (mayCallUntil) => ({ answer: await prepared.issue(mayCallUntil) }),
  };
  try {
    await context.reserveWrites(3);
    if (context.stopping()) return { outcome: 'waits', reason: 'stopping' };
    return await attempt(context, seen, counts, source);
  } finally {
    await prepared.release();
  }
}

async function prepare(
  { credential, provider }: Context,
  grant: string | undefined,
  expiresAt: Instant | undefined,
): Promise<{ readonly call: AttemptCall; readonly prepared: PreparedIssue }> {
  if (grant === undefined || provider.prepareRenewal === undefined) {
    return { call: 'issue', prepared: await provider.prepare(credential, expiresAt) };
  }
  return { call: 'renew', prepared: await provider.prepareRenewal(credential, grant, expiresAt) };
}

/** The grant of AWSCURRENT, where it is to be prolonged and still lives; what is compromised, or was retired, is replaced. */
async function grantToRenew(
  context: Context,
  seen: Observation,
  last: Tombstone | undefined,
): Promise<string | undefined> {
  const { credential, clock } = context;
  if (credential.policy.renewal !== 'extend' || isAbsent(seen) || isCompromised(seen, seen.current)) return undefined;
  if (countsAsDead(seen)) return undefined;
  if (last?.because === 'grant-ended' && last.base === seen.current?.id) return undefined;
  if ((expiryOf(seen.current) ?? Number.POSITIVE_INFINITY) <= clock.now()) return undefined;
  return (await heldBy(context, seen.current?.id)).grant;
}

const expiryToAsk = (validityMs: number | undefined, now: Instant): Instant | undefined =>
  validityMs === undefined ? undefined : Math.floor((now + validityMs) / 1000) * 1000;
