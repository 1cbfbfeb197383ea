import { tryOnce } from './attempt';
import type { Tombstone } from './attempt-record';
import { InvariantError } from './errors';
import { type Counts, listSuspect, takeOver } from './giving-up';
import { lookThroughHistory } from './hand-made';
import {
  type Decision,
  decideRotation,
  isUnsettled,
  MOST_FAILURES,
  openSuspects,
  ownerLimitMs,
  type Wish,
} from './policy';
import { dropSuperseded, resumeStaged } from './recovery';
import { dropOutlived, heldBy, settlePrevious } from './revocation';
import { AGAIN, type Context, type Next, type Outcome } from './rotation-context';
import { tag } from './rotation-tags';
import type { Observation } from './secret-store';
import { currentName, isAbsent, situation } from './situation';

const MOST_PASSES = 40;
const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
/** Secrets Manager keeps about 100 versions of the last 24 h and refuses more: an attempt does not begin at this many. */
const MOST_VERSIONS_A_DAY = 60;

export interface RotateRequest {
  /** The version that the job is to replace; `none` on a new secret. Another one in its place: done already. */
  readonly version: string;
  readonly wish: Wish;
}

interface Memory {
  /** AWSCURRENT was verified in this run; `heal`: it is dead, and replaced whether due or not. */
  verified?: 'works' | 'refused';
}

/**
 * Rotates, resumes or recovers one credential (design, section 4; the model in ../shared/model is its specification).
 * Each pass reads the labels and does the one thing that they call for; it may be killed anywhere and run again.
 */
export async function rotate(context: Context, request: RotateRequest): Promise<Outcome> {
  const memory: Memory = {};
  for (let n = 0; n < MOST_PASSES; n += 1) {
    const seen = await context.store.observe(context.credential);
    const next = await pass(context, request, memory, seen);
    if (next !== AGAIN) return next;
  }
  throw new InvariantError('recovery does not end', { credential: context.credential.id });
}

async function pass(
  context: Context,
  request: RotateRequest,
  memory: Memory,
  seen: Observation | undefined,
): Promise<Next> {
  const { credential, provider, clock, pace } = context;
  const input = {
    credential,
    traits: provider.traits,
    seen,
    now: clock.now(),
    ownerLimitMs: ownerLimitMs(pace.providerTimeoutMs),
    wish: request.wish,
  };
  const here = situation(credential, seen);
  if (here.is === 'unclaimed') return claim(context);
  if (seen === undefined)
    return decideRotation(input).action === 'none' ? ended(decideRotation(input)) : create(context, request);
  switch (here.is) {
    case 'intent': {
      const decision = decideRotation(input);
      return decision.state === 'interrupted' ? takeOver(context, here.version.id) : ended(decision);
    }
    case 'staged':
      return resumeStaged(context, seen, here.version);
    case 'superseded':
      return dropSuperseded(context, seen, here.version);
    case 'foreign-current':
      return lookThroughHistory(context, seen);
    case 'settled': {
      const last = await lastAttempt(context, seen);
      if (await unlisted(context, seen, last)) return AGAIN;
      return begin(context, request, memory, seen, decideRotation({ ...input, lastAttempt: last }), last);
    }
    default:
      return ended(decideRotation(input));
  }
}

/** Job results in the words of the decision. */
function ended({ action, state, reason, at }: Decision): Outcome {
  const outcome =
    state === 'fresh'
      ? 'done'
      : ['blocked', 'foreign', 'missing', 'being-deleted'].includes(state)
        ? 'blocked'
        : 'waits';
  return {
    outcome: action === 'none' || outcome === 'waits' ? outcome : 'waits',
    reason,
    ...(at === undefined ? {} : { retryAt: at }),
  };
}

async function create({ store, credential, log, clock, pace }: Context, request: RotateRequest): Promise<Next> {
  if (request.version !== 'none') return { outcome: 'done', reason: 'secret-missing' };
  if (!(await store.create(credential))) await clock.sleep(pace.betweenPutsMs); // made a moment ago, and not seen yet
  log.info({ step: 'create' }, 'the secret exists, empty');
  return AGAIN;
}

/** The tag is written before the first attempt: it proves that tags can be written. */
async function claim({ store, credential, log }: Context): Promise<Next> {
  await store.tag(credential, tag.credential(credential));
  log.info({ step: 'create' }, 'an empty secret is taken as it is');
  return AGAIN;
}

async function lastAttempt({ store, credential }: Context, seen: Observation): Promise<Tombstone | undefined> {
  if (seen.pending === undefined || seen.pending.id !== seen.givenUp) return undefined;
  const content = await store.read(credential, seen.pending.id);
  return content?.is === 'tombstone' ? content : undefined;
}

/** An attempt with an unknown outcome is listed before the next intent. @returns true when it has just been listed */
async function unlisted(
  context: Context,
  { pending, tags }: Observation,
  last: Tombstone | undefined,
): Promise<boolean> {
  if (last?.because !== 'outcome-unknown' || pending?.is !== 'value') return false;
  if (tags.suspects.some(({ rotationId }) => rotationId === pending.rotationId)) return false;
  const until = context.provider.traits.suspectUntil(pending.issuedAt, pending.expiresAt);
  if (until !== 'never' && until <= context.clock.now()) return false;
  await listSuspect(context, pending);
  return true;
}

async function begin(
  context: Context,
  request: RotateRequest,
  memory: Memory,
  seen: Observation,
  decision: Decision,
  last: Tombstone | undefined,
): Promise<Next> {
  if (await currentIsDead(context, memory, seen)) {
    if (decision.reason === 'backing-off' || decision.state === 'blocked') return ended(decision);
  } else {
    if (decision.action !== 'rotate') return rest(context, seen, decision);
    if (request.version !== currentName(seen)) return { outcome: 'done', reason: 'another-version-is-current' };
  }
  if (context.stopping()) return { outcome: 'waits', reason: 'stopping' };
  if (isUnsettled(seen)) {
    const settled = await settlePrevious(context, seen);
    return settled.outcome === 'settled' ? AGAIN : settled;
  }
  if (await tooManyVersions(context, seen)) {
    return { outcome: 'waits', reason: 'sixty-versions-in-a-day', retryAt: context.clock.now() + HOUR_MS };
  }
  return tryOnce(context, seen, countsAfter(last, seen));
}

/** Nothing to begin: the tags that have outlived what they name go. */
async function rest(context: Context, seen: Observation, decision: Decision): Promise<Next> {
  await dropOutlived(context, seen);
  if (decision.action === 'verify') return { outcome: 'done', reason: 'current-works' };
  return ended(decision);
}

/** While a suspect is open its lost call may still take effect: AWSCURRENT is verified where the kind can. */
async function currentIsDead(context: Context, memory: Memory, seen: Observation): Promise<boolean> {
  const { provider, credential, clock, log } = context;
  if (!provider.traits.verifiable || isAbsent(seen) || openSuspects(seen, clock.now()) === 0) return false;
  if (memory.verified === undefined) {
    memory.verified = await provider.verify(credential, await heldBy(context, seen.current?.id));
    if (memory.verified === 'refused') {
      log.alarm(
        'current-refused',
        { version: seen.current?.id },
        'AWSCURRENT is refused by the vendor: it is replaced',
      );
    }
  }
  return memory.verified === 'refused';
}

/** A credential whose fifth failure has been cleared by a person begins to count anew. */
function countsAfter(last: Tombstone | undefined, seen: Observation): Counts {
  if (last === undefined || last.base !== seen.current?.id || last.failures >= MOST_FAILURES)
    return { failures: 0, undone: 0 };
  return { failures: last.failures, undone: last.undone };
}

/** The worst moment to meet AWS's quota is after an issue. Only the clean continuation of a settled credential is spared. */
async function tooManyVersions({ store, credential, clock }: Context, seen: Observation): Promise<boolean> {
  const { current, pending } = seen;
  const clean = pending === undefined || pending.id === current?.id;
  const now = clock.now();
  if (seen.labelled.length === 0 || (clean && current?.is === 'value' && now - current.issuedAt > HOUR_MS))
    return false;
  const history = await store.history(credential);
  return history.filter(({ createdAt }) => createdAt > now - DAY_MS).length >= MOST_VERSIONS_A_DAY;
}
