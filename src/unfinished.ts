import { lookAtFieldsAgain } from './adoption';
import type { Tombstone } from './attempt-record';
import { type Decision, ownerLimitMs, type PolicyInput, type Wish } from './decision';
import { putPendingBack } from './detached';
import { InvariantError } from './errors';
import { takeOver } from './giving-up';
import { lookThroughHistory } from './hand-made';
import { readLastAttempt } from './last-attempt';
import { decideRotation } from './policy';
import { dropSuperseded, replaceBlocked, resumeStaged } from './recovery';
import { AGAIN, type Context, ended, type Next, type Outcome } from './rotation-context';
import { isListed, tag } from './rotation-tags';
import type { Observation } from './secret-store';
import { situation } from './situation';
import { listSuspect } from './suspects';

const MOST_PASSES = 40;

/** A credential with nothing unfinished, its last attempt read and listed. */
export type Settled = PolicyInput & { readonly seen: Observation };

/** What is to be done once nothing is unfinished. */
export interface Goal {
  readonly wish: Wish;
  /** May a missing secret be created for it? */
  readonly creates: boolean;
  /** Does it bring the value that a person is asked for? */
  readonly imports?: boolean;
  begin(input: Settled): Promise<Next>;
}

/**
 * Finishes what is unfinished, whoever began it, and then begins the goal (test/model is the specification). Each pass reads
 * the labels and does the one thing that they call for; it may be killed anywhere and run again.
 */
export async function whenSettled(context: Context, goal: Goal): Promise<Outcome> {
  for (let n = 0; n < MOST_PASSES; n += 1) {
    const seen = await context.store.observe(context.credential);
    const next = await pass(context, goal, seen);
    if (next !== AGAIN) return next;
  }
  throw new InvariantError('recovery does not end', { credential: context.credential.id });
}

async function pass(context: Context, goal: Goal, seen: Observation | undefined): Promise<Next> {
  const input = inputOf(context, goal, seen);
  const here = situation(context.credential, seen);
  const decision = decideRotation(input);
  if (seen === undefined) return ends(goal, decision) ? ended(decision) : create(context, goal);
  switch (here.is) {
    case 'unclaimed':
      return ends(goal, decision) ? ended(decision) : claim(context);
    case 'intent':
      return decision.state === 'interrupted' ? takeOver(context, seen, here.version.id) : ended(decision);
    case 'staged':
      if (decision.state === 'staged') return resumeStaged(context, seen, here.version);
      return decision.state === 'blocked' && goal.imports === true
        ? replaceBlocked(context, seen, here.version)
        : ended(decision);
    case 'superseded':
      return decision.state === 'blocked' ? ended(decision) : dropSuperseded(context, seen, here.version);
    case 'detached':
      return decision.state === 'blocked' ? ended(decision) : putPendingBack(context, seen);
    case 'adoptable':
    case 'hand-made':
      return decision.state === 'blocked' ? ended(decision) : lookThroughHistory(context, seen);
    case 'being-deleted':
      return decision.action === 'none' ? ended(decision) : restore(context, decision.reason);
    case 'settled':
      return settled(context, goal, { ...input, seen });
    default:
      return ended(decision);
  }
}

const ends = ({ imports = false }: Goal, { action, state }: Decision): boolean =>
  action === 'none' && !(imports && state === 'needs-import');

const inputOf = (
  { credential, provider, clock, pace }: Context,
  { wish }: Goal,
  seen: Observation | undefined,
): PolicyInput => ({
  credential,
  traits: provider.traits,
  seen,
  now: clock.now(),
  ownerLimitMs: ownerLimitMs(pace.providerTimeoutMs),
  wish,
});

async function create({ store, credential, log, clock, pace }: Context, { creates }: Goal): Promise<Next> {
  if (!creates) return { outcome: 'done', reason: 'secret-missing' };
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

/** Brings back a secret that was retired; what its labels call for is seen then. */
async function restore({ store, credential, log }: Context, reason: string): Promise<Next> {
  await store.restore(credential);
  log.info({ step: 'restore', reason }, 'the deletion of the secret is called off');
  return AGAIN;
}

/** What the last attempt left is looked at before another begins. */
async function settled(context: Context, goal: Goal, input: Settled): Promise<Next> {
  if (await lookAtFieldsAgain(context, input.seen)) return AGAIN;
  const lastAttempt = await readLastAttempt(context.store, context.credential, input.seen);
  if (await listIfUnlisted(context, input.seen, lastAttempt)) return AGAIN;
  return goal.begin({ ...input, lastAttempt });
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
