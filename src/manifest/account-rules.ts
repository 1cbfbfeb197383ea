// The rules between accounts, and between an account and the environment.

import type { Account, FinicityAccount, OwnCredentialReference } from '../types';
import type { Finding } from './problems';
import { show } from './words';

export type Environment = Readonly<Record<string, string | undefined>>;

/** @param env absent: whether its variables are set is not looked at. Paths are from `providers`. */
export function accountFindings(accounts: readonly Account[], env: Environment | undefined): Finding[] {
  return [...(env === undefined ? [] : unsetVariables(accounts, env)), ...loginBudgets(accounts)];
}

function referencesOf(account: Account): Readonly<Record<string, OwnCredentialReference>> {
  switch (account.vendor) {
    case 'flinks-outbound':
      return { clientSecret: account.clientSecret };
    case 'flinks-data-sharing': {
      const { customerId, apiSecret, authKey } = account;
      return { customerId, apiSecret, ...(authKey === undefined ? {} : { authKey }) };
    }
    case 'finicity':
      return { appKey: account.appKey, partnerSecret: account.partnerSecret };
    case 'finout':
      return {};
  }
}

/** Which secrets hold the worker's own credentials, and which account's. */
export function ownSecrets(accounts: Iterable<Account>): ReadonlyMap<string, string> {
  const own = new Map<string, string>();
  for (const account of accounts) {
    for (const reference of Object.values(referencesOf(account))) {
      if ('secret' in reference) own.set(reference.secret, account.name);
    }
  }
  return own;
}

function unsetVariables(accounts: readonly Account[], env: Environment): Finding[] {
  return accounts.flatMap((account) =>
    Object.entries(referencesOf(account)).flatMap(([field, reference]) =>
      'env' in reference && !env[reference.env]
        ? [{ path: [account.name, field, 'env'], text: `the environment variable ${reference.env} is not set: set it` }]
        : [],
    ),
  );
}

/** Five refused logins lock a partner id for good, and they are counted in the tags of its secret: so there is one. */
function loginBudgets(accounts: readonly Account[]): Finding[] {
  const first = new Map<string, FinicityAccount>();
  const findings: Finding[] = [];
  for (const account of accounts) {
    if (account.vendor !== 'finicity') continue;
    const other = first.get(account.partnerId) ?? account;
    first.set(account.partnerId, other);
    const { secret, key } = other.partnerSecret;
    if (account.partnerSecret.secret === secret && account.partnerSecret.key === key) continue;
    const text = `differs from that of account ${other.name}, which has the same partnerId ${show(account.partnerId)} and so the same login budget: name the same secret and key in both`;
    findings.push({ path: [account.name, 'partnerSecret'], text });
  }
  return findings;
}
