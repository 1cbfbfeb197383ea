// The one credential of the worker's own that it rotates: it must be the very secret that its account logs in with.

import { storedPath } from '../stored-value';
import type { Account, FinicityAccount } from '../types';
import type { OwnField } from './account-rules';
import type { LooseEntry } from './entries';
import type { Finding } from './problems';
import { show } from './words';

/** @param own the secrets that hold the worker's own credentials */
export function partnerSecretFindings(
  entry: LooseEntry,
  declared: ReadonlyMap<string, { readonly account?: Account }>,
  own: ReadonlyMap<string, readonly OwnField[]>,
): Finding[] {
  const account = declared.get(entry.account ?? '')?.account;
  if (account?.vendor !== 'finicity') return [];
  const { secret, key } = account.partnerSecret;
  if (entry.secret !== undefined && entry.secret !== secret) {
    const text = `${show(entry.secret)} is not where account ${account.name} has its partner secret: write ${show(secret)}, or name another account`;
    return [{ path: ['secret'], text }];
  }
  return [
    ...besides(account, own.get(secret) ?? []),
    ...keyFindings(entry, account.name, key),
    ...endingFindings(entry, account.name),
  ];
}

function endingFindings({ state }: LooseEntry, account: string): Finding[] {
  if (state !== 'retired') return [];
  const text = `would end the secret by which account ${account} logs in: remove it, or remove the whole entry, which changes nothing at the vendor`;
  return [{ path: ['state'], text }];
}

/** A rotation writes the partner secret and what the entry maps, and nothing else. */
function besides({ partnerId, partnerSecret }: FinicityAccount, fields: readonly OwnField[]): Finding[] {
  const isThis = ({ account, field, key }: OwnField): boolean =>
    account.vendor === 'finicity' &&
    account.partnerId === partnerId &&
    field === 'partnerSecret' &&
    key === partnerSecret.key;
  return fields
    .filter((field) => !isThis(field))
    .map(({ account, field }) => {
      const text = `${show(partnerSecret.secret)} holds ${field} of account ${account.name} as well, which a rotation would drop: put that into a secret of its own`;
      return { path: ['secret'], text };
    });
}

function keyFindings({ value }: LooseEntry, account: string, key: string): Finding[] {
  if (key.includes('.')) {
    const text = `has its partner secret under ${show(key)}, and a rotation writes no name with a dot: rename that field`;
    return [{ path: ['account'], text }];
  }
  if (value === undefined || storedPath(value, 'partnerSecret') === key) return [];
  const text = `must store partnerSecret as ${show(key)}, where account ${account} looks for it: write { ${key}: partnerSecret }`;
  return [{ path: ['value', 'fields'], text }];
}
