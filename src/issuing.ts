import { attempt, type ValueSource } from './attempt';
import type { Counts } from './giving-up';
import type { PreparedIssue } from './provider';
import type { Context, Next } from './rotation-context';
import type { Observation } from './secret-store';
import type { Instant } from './types';

/** Everything that the call needs is gathered before the intent; then one attempt is made. */
export async function issueAnother(context: Context, seen: Observation, counts: Counts): Promise<Next> {
  const { credential, clock, provider } = context;
  const expiresAt = expiryToAsk(credential.policy.validityMs, clock.now());
  const prepared = await provider.prepare(credential, expiresAt);
  try {
    await context.reserveWrites(3);
    if (context.stopping()) return { outcome: 'waits', reason: 'stopping' };
    return await attempt(context, seen, counts, sourceOf(prepared, expiresAt));
  } finally {
    await prepared.release();
  }
}

const sourceOf = (prepared: PreparedIssue, expiresAt: Instant | undefined): ValueSource => ({
  call: 'issue',
  expiresAt,
  obtain: async (mayCallUntil) => ({ answer: await prepared.issue(mayCallUntil) }),
});

const expiryToAsk = (validityMs: number | undefined, now: Instant): Instant | undefined =>
  validityMs === undefined ? undefined : Math.floor((now + validityMs) / 1000) * 1000;
