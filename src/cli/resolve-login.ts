import { UsageError } from '../errors';
import { BLOCKED_TAG, LOGIN_OPEN_TAG } from '../rotation-tags';
import { decided, type ResolveOptions } from './deciding';
import type { Resolution } from './resolutions';
import { iso } from './words';
import type { Workplace } from './workplace';

const MEANS =
  'the stored partner secret is the right one, and the vendor has not locked the account: the worker logs in again. ' +
  'Five refused logins lock the account for good';

/** The logins with the partner secret of a Finicity account: a refused one stops them all until a person has looked. */
export async function resolveLogin(place: Workplace, name: string, options: ResolveOptions): Promise<number> {
  const { manifest, collaborators } = place;
  const account = manifest.accounts.get(name);
  if (account?.vendor !== 'finicity') throw new UsageError(unknownAccount(place));
  const { secret } = account.partnerSecret;
  const { blocked, loginOpen } = await collaborators.ledger.observe(secret);
  const open = loginOpen === undefined ? undefined : `a login begun at ${iso(loginOpen)} has not ended`;
  const what = blocked === undefined ? open : `no login: ${blocked}`;
  const remove = [LOGIN_OPEN_TAG, BLOCKED_TAG];
  const all: Resolution[] = what === undefined ? [] : [{ option: '--block', what, means: MEANS, write: {}, remove }];
  return decided(place, { name, all, beyond: undefined }, options, () => collaborators.ledger.unblock(secret));
}

function unknownAccount({ manifest }: Workplace): string {
  const names = [...manifest.accounts.values()].filter(({ vendor }) => vendor === 'finicity').map(({ name }) => name);
  const there = names.length === 0 ? 'the manifest has none' : `the manifest has ${names.join(', ')}`;
  return `--account takes the name of a Finicity account: ${there}.`;
}
