// The rules that hold between an entry and the rest of the manifest. Each takes what is sound of an entry and says
// nothing where the part that it needs is not: that has been said already.

import type { Account, OwnCredentialReference, Vendor } from '../types';
import { VENDOR_OF } from '../types';
import type { OwnField } from './account-rules';
import { endingFindings } from './endings';
import type { LooseEntry } from './entries';
import { partnerSecretFindings } from './partner-secret-rules';
import type { Finding } from './problems';
import { mappingFindings } from './value-mapping';
import { didYouMean, show } from './words';

/** The accounts by name, also those with something wrong. */
export type Declared = ReadonlyMap<string, { readonly vendor?: Vendor; readonly account?: Account }>;

type Own = ReadonlyMap<string, readonly OwnField[]>;

/** @param own the secrets that hold the worker's own credentials */
export function entryFindings(entry: LooseEntry, declared: Declared, own: Own): Finding[] {
  return [
    ...accountFindings(entry, declared),
    ...ownCredentialFindings(entry, declared, own),
    ...endingFindings(entry),
    ...(entry.kind === undefined || entry.value === undefined ? [] : mapped(mappingFindings(entry.kind, entry.value))),
  ];
}

const mapped = (findings: readonly Finding[]): Finding[] =>
  findings.map(({ path, text }) => ({ path: ['value', ...path], text }));

function accountFindings({ kind, account }: LooseEntry, declared: Declared): Finding[] {
  if (account === undefined) return [];
  const found = declared.get(account);
  if (found === undefined) {
    const names = [...declared.keys()];
    const mend = didYouMean(account, names) || `: declare it there, or write one of ${names.join(', ')}`;
    return [{ path: ['account'], text: `${show(account)} is no account under providers${mend}` }];
  }
  if (kind === undefined || found.vendor === undefined || found.vendor === VENDOR_OF[kind]) return [];
  const text = `${show(account)} is an account at ${found.vendor}, and a ${kind} needs one at ${VENDOR_OF[kind]}: name another`;
  return [{ path: ['account'], text }];
}

function ownCredentialFindings(entry: LooseEntry, declared: Declared, own: Own): Finding[] {
  const findings: Finding[] = [];
  const [holder] = own.get(entry.secret ?? '') ?? [];
  if (entry.kind === 'finicity-partner-secret') findings.push(...partnerSecretFindings(entry, declared, own));
  else if (holder !== undefined) {
    const text = `${show(entry.secret)} holds a credential of the worker's own (account ${holder.account.name}), which a rotation would overwrite: name another secret`;
    findings.push({ path: ['secret'], text });
  }
  const partner = [...declared].find(
    ([, { account }]) => account?.vendor === 'flinks-outbound' && account.clientId === entry.clientId,
  );
  if (partner !== undefined) {
    const text = `${show(entry.clientId)} is the partner's own client id (account ${partner[0]}), which drives the rotation and cannot be rotated by it: name a recipient's`;
    findings.push({ path: ['clientId'], text });
  }
  return findings;
}

/** What only one entry may have: an id, a secret, an object at the vendor. */
export interface Claim {
  /** Unique together with `what`. */
  readonly key: string;
  /** Words for it; asked for only where two entries claim the same. */
  readonly what: () => string;
  readonly field: string;
}

export function claimsOf(entry: LooseEntry, declared: Declared): Claim[] {
  const object = vendorObject(entry, declared);
  return [
    ...(entry.id === undefined ? [] : [{ key: entry.id, what: () => `id ${show(entry.id)}`, field: 'id' }]),
    ...(entry.secret === undefined
      ? []
      : [{ key: entry.secret, what: () => `secret ${show(entry.secret)}`, field: 'secret' }]),
    ...(object === undefined ? [] : [object]),
  ];
}

/**
 * The object at the vendor, whatever name the account has here: two accounts with one environment share its objects.
 * Partner names count as equal whatever their case: how Flinks compares them is not known. A Finout account is told apart
 * by its name alone: nothing in the manifest says whose tokens it has.
 */
function vendorObject(entry: LooseEntry, declared: Declared): Claim | undefined {
  const account = declared.get(entry.account ?? '')?.account;
  switch (account?.vendor) {
    case 'flinks-outbound':
      if (entry.clientId === undefined) return undefined;
      return {
        key: `${account.baseUrl} ${entry.clientId}`,
        what: () => `recipient ${show(entry.clientId)}`,
        field: 'clientId',
      };
    case 'flinks-data-sharing': {
      if (entry.partnerName === undefined) return undefined;
      const environment = `${account.baseUrl} ${referenceText(account.customerId)}`;
      return {
        key: `${environment} ${entry.partnerName.toLowerCase()}`,
        what: () => `partner ${show(entry.partnerName)}`,
        field: 'partnerName',
      };
    }
    case 'finicity':
      if (entry.customerId === undefined || entry.thirdPartyPartnerId === undefined) return undefined;
      return {
        key: `${account.partnerId} ${entry.customerId} ${entry.thirdPartyPartnerId}`,
        what: () => `customer ${show(entry.customerId)} with third party ${show(entry.thirdPartyPartnerId)}`,
        field: 'customerId',
      };
    case 'finout':
      if (entry.tokenName === undefined) return undefined;
      return {
        key: `${account.name} ${entry.tokenName}`,
        what: () => `token ${show(entry.tokenName)}`,
        field: 'tokenName',
      };
    default:
      return undefined;
  }
}

const referenceText = (reference: OwnCredentialReference): string =>
  'env' in reference ? `env ${reference.env}` : `secret ${reference.secret} ${reference.key}`;
