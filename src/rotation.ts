import { chooseAnother } from './choosing';
import type { Decision, Wish } from './decision';
import { isUnsettled } from './due';
import { countsAfter } from './giving-up';
import { heldBy } from './grants';
import { issueAnother } from './issuing';
import { decideRotation, mayBeDead } from './policy';
import { clearTheWay, dropOutlived } from './revocation';
import { type Context, ended, type Next, type Outcome, waitsForAccount } from './rotation-context';
import type { Observation } from './secret-store';
import { currentName } from './situation';
import { type Settled, whenSettled } from './unfinished';
import { waitsForQuota } from './version-quota';

export interface RotateRequest {
  /** The version that the job is to replace; `none` on a new secret. Another one in its place: done already. */
  readonly version: string;
  readonly wish: Wish;
}

/** What this run has found out by trying. */
interface Memory {
  tried?: { readonly version: string; readonly works: boolean };
}

/** Rotates one credential where it is due, or where the job's wish makes it so; finishes what is unfinished first. */
export async function rotate(context: Context, request: RotateRequest): Promise<Outcome> {
  const memory: Memory = {};
  return whenSettled(context, {
    wish: request.wish,
    creates: request.version === 'none',
    begin: (input) => decide(context, request, memory, input),
  });
}

async function decide(context: Context, request: RotateRequest, memory: Memory, input: Settled): Promise<Next> {
  const decision = decideRotation(input);
  if (decision.state === 'blocked' || !mayBeDead(input)) return begin(context, request, input, decision);
  const waits = await waitsForAccount(context);
  if (waits !== undefined) return waits;
  const dead = await currentIsDead(context, memory, input.seen);
  return begin(context, request, input, decideRotation({ ...input, dead }));
}

/** AWSCURRENT is tried once a run. What its entry cannot read cannot be tried. */
async function currentIsDead(context: Context, memory: Memory, { current }: Observation): Promise<boolean> {
  const { provider, credential, log } = context;
  if (current === undefined) return false;
  if (memory.tried?.version === current.id) return !memory.tried.works;
  const held = await heldBy(context, current.id);
  const works = held.secret === undefined || (await provider.verify(credential, held)) === 'works';
  memory.tried = { version: current.id, works };
  if (!works)
    log.alarm('current-refused', { version: current.id }, 'AWSCURRENT is refused by the vendor: it is replaced');
  return !works;
}

async function begin(
  context: Context,
  request: RotateRequest,
  { seen, lastAttempt }: Settled,
  decision: Decision,
): Promise<Next> {
  if (decision.action !== 'rotate') return rest(context, seen, decision);
  const named = request.version === currentName(seen);
  if (!named && decision.reason !== 'current-is-dead') return { outcome: 'done', reason: 'another-version-is-current' };
  if (context.stopping()) return { outcome: 'waits', reason: 'stopping' };
  const waits = await waitsForAccount(context);
  if (waits !== undefined) return waits;
  if (isUnsettled(seen)) return clearTheWay(context, seen);
  const full = await waitsForQuota(context, seen);
  if (full !== undefined) return full;
  const counts = countsAfter(lastAttempt, seen);
  return context.provider.traits.issuedBy === 'us'
    ? chooseAnother(context, seen, counts)
    : issueAnother(context, seen, counts, lastAttempt);
}

/** Nothing to begin: the tags that have outlived what they name go. */
async function rest(context: Context, seen: Observation, decision: Decision): Promise<Next> {
  await dropOutlived(context, seen);
  return ended(decision);
}
