import { isDeepStrictEqual } from 'node:util';
import { InvariantError } from './errors';
import type { Manifest } from './manifest';
import type { OpenAccount } from './providers';
import type { Account, Credential } from './types';

/** One manifest with its accounts open. It is replaced as a whole, never changed: what has begun keeps what it began with. */
export interface InForce {
  readonly manifest: Manifest;
  readonly accountOf: (credential: Credential) => Account;
  readonly openedOf: (credential: Credential) => OpenAccount;
}

/** The manifest that is followed now. */
export interface ManifestInForce {
  now(): InForce;
  /**
   * From now on another one is followed. Accounts that are the same in both stay open, with their tokens.
   * @param underWay ends when all that runs now has ended: then the accounts that are not needed any more are closed
   */
  follow(manifest: Manifest, underWay: Promise<unknown>): void;
  close(): void;
}

type Opened = ReadonlyMap<string, OpenAccount>;

export function putInForce(first: Manifest, open: (account: Account) => OpenAccount): ManifestInForce {
  const openAll = ({ accounts }: Manifest, before?: { readonly manifest: Manifest; readonly opened: Opened }) => {
    const opened = new Map<string, OpenAccount>();
    for (const [name, account] of accounts) {
      const same = isDeepStrictEqual(before?.manifest.accounts.get(name), account);
      opened.set(name, (same ? before?.opened.get(name) : undefined) ?? open(account));
    }
    return opened;
  };
  let opened = openAll(first);
  let inForce = inForceOf(first, opened);
  const leaving = new Set<OpenAccount>();

  return {
    now: () => inForce,
    follow(manifest, underWay) {
      const before = opened;
      opened = openAll(manifest, { manifest: inForce.manifest, opened: before });
      inForce = inForceOf(manifest, opened);
      const kept = new Set(opened.values());
      for (const account of before.values()) {
        if (kept.has(account)) continue;
        leaving.add(account);
        void underWay.then(() => {
          if (leaving.delete(account)) account.close();
        });
      }
    },
    close() {
      for (const account of [...opened.values(), ...leaving]) account.close();
      leaving.clear();
    },
  };
}

const inForceOf = (manifest: Manifest, opened: Opened): InForce => ({
  manifest,
  accountOf: ({ account }) => present(manifest.accounts.get(account), account),
  openedOf: ({ account }) => present(opened.get(account), account),
});

/** The manifest has been checked: every credential names an account. */
function present<T>(found: T | undefined, account: string): T {
  if (found === undefined) throw new InvariantError(`no account ${account}`);
  return found;
}
