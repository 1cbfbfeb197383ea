import { isUnsettled } from './due';
import { askAgain, heldBy, sendRevocation } from './grants';
import { decideRevocation } from './policy';
import type { GrantFields, ProviderTraits } from './provider';
import { countsAsDead, isCurrentUnsettled, needsTag } from './retired';
import {
  dropUnrevoked,
  giveBack,
  judged,
  lookAgain,
  newerHolder,
  type Settled as SettledAs,
  unrevoked,
} from './revocation-answer';
import { AGAIN, type Context, ended, type Next, type Outcome, waitsForAccount } from './rotation-context';
import { revokingKey, tag } from './rotation-tags';
import type { Observation } from './secret-store';
import { currentName } from './situation';
import { type Settled, whenSettled } from './unfinished';

/**
 * Ends every grant of a credential that is retired, or that nobody uses: the tag first, then AWSPREVIOUS, then AWSCURRENT,
 * then the secret itself where the entry says so. What is unfinished is finished before. One step a pass; it may be killed
 * anywhere and run again by anybody.
 */
export const retire = (context: Context): Promise<Outcome> =>
  whenSettled(context, { wish: 'none', creates: false, begin: (input) => step(context, input) });

async function step(context: Context, input: Settled): Promise<Next> {
  const { credential, store, clock, log } = context;
  const { seen } = input;
  const decision = decideRevocation(input);
  if (decision.action !== 'retire') return ended(decision);
  if (context.stopping()) return { outcome: 'waits', reason: 'stopping' };
  const waits = await waitsForAccount(context);
  if (waits !== undefined) return waits;
  const unused = credential.retired === undefined;
  if (unused ? !countsAsDead(seen) : needsTag(seen)) {
    await store.tag(credential, tag.retired({ version: currentName(seen), at: clock.now(), unused }));
    log.info({ step: 'retire', version: currentName(seen), reason: decision.reason }, 'AWSCURRENT counts as dead');
    return AGAIN;
  }
  if (isUnsettled(seen)) return endPrevious(context, seen);
  if (isCurrentUnsettled(seen)) return endCurrent(context, seen);
  return endSecret(context);
}

async function endPrevious(context: Context, seen: Observation): Promise<Next> {
  const version = seen.previous?.id ?? '';
  const old = await heldBy(context, version);
  const { grant } = await heldBy(context, seen.current?.id);
  const shared = grant !== undefined && grant === old.grant;
  const found = shared ? { reason: 'grant-is-held-by-current' } : await endGrant(context, seen, version, old);
  return writeDown(context, seen, version, [], found);
}

/** The one exception to the rule that what AWSCURRENT holds is never revoked. */
async function endCurrent(context: Context, seen: Observation): Promise<Next> {
  const { previous, tags } = seen;
  const version = seen.current?.id ?? '';
  const before = previous !== undefined && tags.revoked.includes(previous.id) ? [previous.id] : [];
  const { traits } = context.provider;
  const found = traits.revocable
    ? await endGrant(context, seen, version, await heldBy(context, version))
    : unrevoked(context, version, whatAPersonDoes(traits));
  return writeDown(context, seen, version, before, found);
}

const DONE_BY_A_PERSON: Readonly<Record<ProviderTraits['issuedBy'], string>> = {
  vendor: 'lives on at the vendor: have the vendor remove it - then clear this tag',
  us: 'lives on at the vendor: change it there - then clear this tag',
  person: "lives on at the vendor: delete it in the vendor's portal - then clear this tag",
};

const whatAPersonDoes = ({ issuedBy }: ProviderTraits): string => DONE_BY_A_PERSON[issuedBy];

async function endGrant(
  context: Context,
  seen: Observation,
  version: string,
  old: GrantFields,
): Promise<SettledAs | Outcome> {
  const { grant } = old;
  if (grant === undefined) return unrevoked(context, version, 'no-grant-id-in-the-value');
  const sent = await sendRevocation(context, seen, version, { ...old, grant }, {});
  if (sent.outcome === 'no-answer' || sent.outcome === 'too-late') return askAgain(context, version, sent.outcome);
  const after = await lookAgain(context, version, sent);
  const holder = await newerHolder(context, seen, after, grant);
  if (holder !== undefined) return giveBack(context, version, grant, holder);
  return judged(context, version, sent, after);
}

/** @param before what was settled before, and is still to be named */
async function writeDown(
  context: Context,
  seen: Observation,
  version: string,
  before: readonly string[],
  found: SettledAs | Outcome,
): Promise<Next> {
  if ('outcome' in found) return found;
  const { credential, store, log } = context;
  if (found.reason === 'revoked') await dropUnrevoked(context, seen, version);
  await store.tag(credential, { ...tag.revoked(...before, version), ...found.write });
  log.info({ step: 'settle', version, reason: found.reason }, 'settled, as its credential ends');
  if (seen.tags.revoking.includes(version)) await store.untag(credential, [revokingKey(version)]);
  return AGAIN;
}

async function endSecret({ store, credential, log }: Context): Promise<Outcome> {
  await store.scheduleDeletion(credential);
  log.info({ step: 'retire', reason: 'deletion-scheduled' }, 'the secret will be deleted; 30 days to call it off');
  return { outcome: 'settled', reason: 'deletion-scheduled' };
}
