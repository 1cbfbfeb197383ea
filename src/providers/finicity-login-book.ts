import { ProviderAuthError, ProviderUnavailableError } from '../errors';
import type { FinicityAccount } from '../types';
import { MARK_WRITE_MS, mayLogIn, TRIES_PER_VERSION } from './finicity-login-rules';
import type { Session } from './session';

/** Pauses before a ledger entry that should be written is tried again. */
const PERSIST_PAUSES_MS = [500, 1_000, 2_000, 4_000];

interface Try {
  readonly version: string;
  readonly n: number;
}

/** What is written down about the logins of one account, and what this process knows besides. */
export interface LoginBook {
  /** What may be done now. @throws ProviderAuthError blocked */
  open(): Promise<Exclude<ReturnType<typeof mayLogIn>, { readonly may: 'stop' }>>;
  /** Before a login with a proven version. Throws where the mark cannot be written: then nobody logs in. */
  mark(version: string): Promise<void>;
  /** Undefined: there is none left. */
  takeTry(version: string): Promise<Try | undefined>;
  /** Nothing of this try reached the vendor: this process may use it again. */
  putBack(unspent: Try): void;
  /** Removes the mark. `version` is proven: it was before, or has just logged in. */
  close(version: string): Promise<void>;
  /** Nobody logs in until a person has looked. Written down before this returns, where that can be done at all. */
  stop(reason: string): Promise<never>;
}

export function makeLoginBook(account: FinicityAccount, { ledger, clock, alarm }: Session): LoginBook {
  const { secret } = account.partnerSecret;
  /** Entries that could not be written; they hold in this process, and are written before anything else is done. */
  const owed: { proven?: string; stopped?: string } = {};
  let unspent: Try | undefined;

  const insist = async (write: () => Promise<void>): Promise<boolean> => {
    for (const pauseMs of [...PERSIST_PAUSES_MS, 0]) {
      const written = await write().then(
        () => true,
        () => false,
      );
      if (written) return true;
      await clock.sleep(pauseMs);
    }
    return false;
  };

  const close = async (version: string): Promise<void> => {
    owed.proven = version;
    if (await insist(() => ledger.closeLogin(secret, version))) delete owed.proven;
  };

  const stop = async (reason: string): Promise<never> => {
    owed.stopped = reason;
    alarm('login-refused', { account: account.name, secret, reason }, 'nobody logs in until a person has looked');
    if (await insist(() => ledger.block(secret, reason))) delete owed.stopped;
    throw blocked(account, reason);
  };

  return {
    async open() {
      if (owed.stopped !== undefined) return stop(owed.stopped);
      if (owed.proven !== undefined) await close(owed.proven);
      const permission = mayLogIn(await ledger.observe(secret), clock.now(), account.timeoutMs);
      if (permission.may !== 'stop') return permission;
      if (permission.unwritten) return stop(permission.reason);
      throw blocked(account, permission.reason);
    },

    async mark(version) {
      const begun = clock.monotonic();
      try {
        await ledger.openLogin(secret, clock.now());
      } catch (error) {
        await close(version); // it may stand all the same, and nobody has logged in
        throw error;
      }
      if (clock.monotonic() - begun <= MARK_WRITE_MS) return;
      await close(version);
      throw new ProviderUnavailableError(`account ${account.name}: the mark of a login took too long to write`);
    },

    async takeTry(version) {
      const mine = unspent;
      unspent = undefined;
      if (mine?.version === version) return mine;
      for (let n = 1; n <= TRIES_PER_VERSION; n += 1) {
        if (await ledger.takeTry(secret, version, n)) return { version, n };
      }
      return undefined;
    },

    putBack(mine) {
      unspent = mine;
    },

    close,
    stop,
  };
}

function blocked({ name, partnerSecret }: FinicityAccount, reason: string): ProviderAuthError {
  const message = `account ${name}: no login until a person has looked at secret ${partnerSecret.secret} (${reason})`;
  return new ProviderAuthError(message, { account: name, secret: partnerSecret.secret });
}
