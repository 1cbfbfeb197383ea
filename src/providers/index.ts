import { InvariantError } from '../errors';
import type { Provider } from '../provider';
import { type Account, type Credential, KINDS, type Kind, VENDOR_OF, type Vendor } from '../types';
import { makeFinicityAccessKey } from './finicity-access-key';
import { makeFinoutApiToken } from './finout-api-token';
import { makeFlinksAuthSecret } from './flinks-auth-secret';
import { makeFlinksOutboundRecipient } from './flinks-outbound-recipient';
import { openSession, type ProviderDeps, type Session } from './session';

export type { ProviderDeps } from './session';

type CredentialOf<K extends Kind> = Extract<Credential, { readonly kind: K }>;
type AccountOf<V extends Vendor> = Extract<Account, { readonly vendor: V }>;
type Factories = { readonly [K in Kind]: (account: Account, session: Session) => Provider<CredentialOf<K>> };

/** A kind without a provider does not compile. */
const FACTORIES: Factories = {
  'flinks-outbound-recipient': (account, session) =>
    makeFlinksOutboundRecipient(of('flinks-outbound', account), session),
  'flinks-auth-secret': (account, session) => makeFlinksAuthSecret(of('flinks-data-sharing', account), session),
  'finicity-access-key': (account, session) => makeFinicityAccessKey(of('finicity', account), session),
  'finout-api-token': (account, session) => makeFinoutApiToken(of('finout', account), session),
};

export interface OpenAccount {
  /** The same one each time: its tokens are shared by all jobs of the process. */
  provider(kind: Kind): Provider;
  close(): void;
}

/** The providers of one account; opened once a process. */
export function openAccount(account: Account, deps: ProviderDeps): OpenAccount {
  const session = openSession(account, deps);
  const made = new Map<Kind, Provider>(
    KINDS.filter((kind) => VENDOR_OF[kind] === account.vendor).map((kind) => [kind, FACTORIES[kind](account, session)]),
  );
  return {
    provider(kind) {
      const provider = made.get(kind);
      if (provider === undefined) throw new InvariantError(`account ${account.name} is not of the vendor of ${kind}`);
      return provider;
    },
    close: session.close,
  };
}

function of<V extends Vendor>(vendor: V, account: Account): AccountOf<V> {
  if (isOf(vendor, account)) return account;
  throw new InvariantError(`account ${account.name} is not a ${vendor} account`);
}

const isOf = <V extends Vendor>(vendor: V, account: Account): account is AccountOf<V> => account.vendor === vendor;
