import { LockHeldError, ProviderAuthError, ProviderUnavailableError } from '../errors';
import { whereItIs } from '../own-credential';
import type { FinicityAccount } from '../types';
import { MARK_WRITE_MS, mayLogIn, type Permission, TRIES_PER_VERSION } from './finicity-login-rules';
import type { Session } from './session';

/** Pauses before a ledger entry that should be written is tried again. */
const PERSIST_PAUSES_MS = [500, 1_000, 2_000, 4_000];

interface Try {
  readonly version: string;
  readonly n: number;
}

/** What is written down about the logins of one account, and what this process knows besides. */
export interface LoginBook {
  /**
   * What may be done now.
   * @throws ProviderAuthError blocked, or no such secret
   * @throws LockHeldError, ProviderUnavailableError not while another logs in, or the secret is being changed
   */
  open(): Promise<Extract<Permission, { readonly version: string }>>;
  /**
   * Before a login with a proven version. Throws where the mark cannot be written, or where a change of the secret was
   * begun meanwhile: then nobody logs in. Who changes it looks for the mark after staging: one of the two sees the other.
   */
  mark(version: string): Promise<void>;
  /** Undefined: there is none left. @throws ProviderUnavailableError as `mark` */
  takeTry(version: string): Promise<Try | undefined>;
  /** Nothing of this try reached the vendor: this process may use it again. */
  putBack(unspent: Try): void;
  /** Removes the mark; `proven`: the version that has logged in, now or before. */
  close(proven: string): Promise<void>;
  /** Nobody logs in until a person has looked. Written down before this returns, where that can be done at all. */
  stop(reason: string): Promise<never>;
}

export function makeLoginBook(account: FinicityAccount, { ledger, clock, alarm }: Session): LoginBook {
  const { secret } = account.partnerSecret;
  /** Entries that could not be written; they hold in this process, and are written before anything else is done. */
  const owed: { closing?: { readonly proven: string | undefined }; stopped?: string } = {};
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

  const close = async (proven: string | undefined): Promise<void> => {
    owed.closing = { proven };
    if (await insist(() => ledger.closeLogin(secret, proven))) delete owed.closing;
  };

  const stop = async (reason: string): Promise<never> => {
    owed.stopped = reason;
    alarm('login-refused', { account: account.name, secret, reason }, 'nobody logs in until a person has looked');
    if (await insist(() => ledger.block(secret, reason))) delete owed.stopped;
    throw blocked(account, reason);
  };

  /** Is it still the one to log in with? */
  const lookAgain = async (version: string): Promise<void> => {
    const { currentVersion, changing } = await ledger.observe(secret);
    if (changing || currentVersion !== version) throw overtaken(account);
  };

  const firstFree = async (version: string): Promise<Try | undefined> => {
    for (let n = 1; n <= TRIES_PER_VERSION; n += 1) {
      if (await ledger.takeTry(secret, version, n)) return { version, n };
    }
    return undefined;
  };

  return {
    async open() {
      if (owed.stopped !== undefined) return stop(owed.stopped);
      if (owed.closing !== undefined) await close(owed.closing.proven);
      const seen = await whereItIs(secret, ledger.observe(secret));
      const permission = mayLogIn(seen, clock.now(), account.timeoutMs);
      if (permission.may === 'log-in' || permission.may === 'try') return permission;
      if (permission.may === 'wait') throw waits(account, permission);
      if (permission.unwritten) return stop(permission.reason);
      throw blocked(account, permission.reason);
    },

    async mark(version) {
      const begun = clock.monotonic();
      try {
        await ledger.openLogin(secret, clock.now());
        await lookAgain(version);
      } catch (error) {
        await close(undefined); // it may stand all the same, and nobody has logged in
        throw error;
      }
      if (clock.monotonic() - begun <= MARK_WRITE_MS) return;
      await close(undefined);
      throw new ProviderUnavailableError(`account ${account.name}: the mark of a login took too long to write`);
    },

    async takeTry(version) {
      const mine = unspent?.version === version ? unspent : await firstFree(version);
      if (mine === undefined) return undefined;
      unspent = mine;
      await lookAgain(version);
      unspent = undefined;
      return mine;
    },

    putBack(mine) {
      unspent = mine;
    },

    close,
    stop,
  };
}

function waits({ name }: FinicityAccount, { for: other, reason }: Extract<Permission, { readonly may: 'wait' }>) {
  const message = `account ${name}: ${reason}`;
  return other === 'login' ? new LockHeldError(message) : new ProviderUnavailableError(message, { account: name });
}

function overtaken({ name }: FinicityAccount): ProviderUnavailableError {
  return new ProviderUnavailableError(`account ${name}: the partner secret is being changed`, { account: name });
}

function blocked({ name, partnerSecret }: FinicityAccount, reason: string): ProviderAuthError {
  const message = `account ${name}: no login until a person has looked at secret ${partnerSecret.secret} (${reason})`;
  return new ProviderAuthError(message, { account: name, secret: partnerSecret.secret });
}
