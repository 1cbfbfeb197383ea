import { tryOnce } from './attempt';
import type { Tombstone } from './attempt-record';
import { isUnsettled } from './due';
import { InvariantError } from './errors';
import { type Counts, takeOver } from './giving-up';
import { heldBy } from './grants';
import { lookThroughHistory } from './hand-made';
import {
  type Decision,
  decideRotation,
  MOST_FAILURES,
  mayBeDead,
  ownerLimitMs,
  type PolicyInput,
  type Wish,
} from './policy';
import { dropSuperseded, resumeStaged } from './recovery';
import { dropOutlived, settlePrevious } from './revocation';
import { AGAIN, type Context, ended, type Next, type Outcome } from './rotation-context';
import { isListed, tag } from './rotation-tags';
import type { Observation } from './secret-store';
import { currentName, situation } from './situation';
import { listSuspect } from './suspects';

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

/** What this run has found out by trying. */
interface Memory {
  tried?: { readonly version: string; readonly works: boolean };
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
  const input = inputOf(context, request, seen);
  const here = situation(context.credential, seen);
  const decision = decideRotation(input);
  if (seen === undefined) return decision.action === 'none' ? ended(decision) : create(context, request);
  switch (here.is) {
    case 'unclaimed':
      return decision.action === 'none' ? ended(decision) : claim(context);
    case 'intent':
      return decision.state === 'interrupted' ? takeOver(context, seen, here.version.id) : ended(decision);
    case 'staged':
      return decision.action === 'none' ? ended(decision) : resumeStaged(context, seen, here.version);
    case 'superseded':
      return dropSuperseded(context, seen, here.version);
    case 'foreign-current':
      return lookThroughHistory(context, seen);
    case 'settled':
      return settled(context, request, memory, { ...input, seen });
    default:
      return ended(decision);
  }
}

const inputOf = (
  { credential, provider, clock, pace }: Context,
  { wish }: RotateRequest,
  seen: Observation | undefined,
): PolicyInput => ({
  credential,
  traits: provider.traits,
  seen,
  now: clock.now(),
  ownerLimitMs: ownerLimitMs(pace.providerTimeoutMs),
  wish,
});

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

/** Nothing is unfinished: what the last attempt left is looked at before another begins. */
async function settled(
  context: Context,
  request: RotateRequest,
  memory: Memory,
  input: PolicyInput & { readonly seen: Observation },
): Promise<Next> {
  const { seen } = input;
  const lastAttempt = await readLastAttempt(context, seen);
  if (await listIfUnlisted(context, seen, lastAttempt)) return AGAIN;
  const decision = decideRotation({ ...input, lastAttempt });
  if (decision.state === 'blocked' || !mayBeDead(input)) return begin(context, request, seen, decision, lastAttempt);
  const dead = await currentIsDead(context, memory, seen);
  return begin(context, request, seen, decideRotation({ ...input, lastAttempt, dead }), lastAttempt);
}

async function readLastAttempt({ store, credential }: Context, seen: Observation): Promise<Tombstone | undefined> {
  if (seen.pending === undefined || seen.pending.id !== seen.givenUp) return undefined;
  const content = await store.read(credential, seen.pending.id);
  return content?.is === 'tombstone' ? content : undefined;
}

/** An attempt with an unknown outcome is listed before the next intent. @returns true when it has just been listed */
async function listIfUnlisted(
  context: Context,
  { pending, tags }: Observation,
  last: Tombstone | undefined,
): Promise<boolean> {
  if (last?.because !== 'outcome-unknown' || pending?.is !== 'value' || isListed(tags, pending)) return false;
  const until = context.provider.traits.suspectUntil(pending.issuedAt, pending.expiresAt);
  if (until !== 'never' && until <= context.clock.now()) return false;
  await listSuspect(context, pending);
  return true;
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
  seen: Observation,
  decision: Decision,
  last: Tombstone | undefined,
): Promise<Next> {
  if (decision.action !== 'rotate') return rest(context, seen, decision);
  const named = request.version === currentName(seen);
  if (!named && decision.reason !== 'current-is-dead') return { outcome: 'done', reason: 'another-version-is-current' };
  if (context.stopping()) return { outcome: 'waits', reason: 'stopping' };
  if (isUnsettled(seen)) return clearTheWay(context, seen);
  if (await tooManyVersions(context, seen)) {
    return { outcome: 'waits', reason: 'sixty-versions-in-a-day', retryAt: context.clock.now() + HOUR_MS };
  }
  return tryOnce(context, seen, countsAfter(last, seen));
}

/** At most two grants of a credential are alive: that of AWSPREVIOUS goes before another is issued. */
async function clearTheWay(context: Context, seen: Observation): Promise<Next> {
  const outcome = await settlePrevious(context, seen);
  return outcome.outcome === 'settled' ? AGAIN : outcome;
}

/** Nothing to begin: the tags that have outlived what they name go. */
async function rest(context: Context, seen: Observation, decision: Decision): Promise<Next> {
  await dropOutlived(context, seen);
  return ended(decision);
}

/** A credential whose fifth failure has been cleared by a person begins to count anew. */
function countsAfter(last: Tombstone | undefined, { current }: Observation): Counts {
  const goesOn = last !== undefined && last.base === current?.id && last.failures < MOST_FAILURES;
  return goesOn ? { failures: last.failures, undone: last.undone } : { failures: 0, undone: 0 };
}

/** The worst moment to meet AWS's quota is after an issue. Only the clean continuation of a settled credential is spared. */
async function tooManyVersions({ store, credential, clock }: Context, seen: Observation): Promise<boolean> {
  const { current, pending, labelled } = seen;
  const now = clock.now();
  const settledLongAgo = current?.is === 'value' && pending?.id === current.id && now - current.issuedAt > HOUR_MS;
  if (labelled.length === 0 || settledLongAgo) return false;
  const history = await store.history(credential);
  return history.filter(({ createdAt }) => createdAt > now - DAY_MS).length >= MOST_VERSIONS_A_DAY;
}
