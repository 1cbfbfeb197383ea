import type { Sensitive } from './sensitive';
import type { AlarmName, Credential, Instant, Kind } from './types';

/** JSON object, verbatim as the vendor sent it, unknown fields included. */
export type VendorAnswer = Readonly<Record<string, unknown>>;

/** What a stored value says about its grant. `grant` absent: the kind has none, or the value does not hold it. */
export interface GrantFields {
  readonly grant?: string;
  readonly secret?: Sensitive;
}

/** The facts about a vendor that the algorithm turns on (design, table of section 4). */
export interface ProviderTraits {
  /** Who makes the secret: the vendor in its answer, we before the call, or a person in the vendor's portal. */
  readonly issuedBy: 'vendor' | 'us' | 'person';
  /** Can the owner try a value without harm, as often as need be? Otherwise it is promoted `unverified`, and said to be. */
  readonly verifiable: boolean;
  /** Is there a grant that can be revoked by its id? */
  readonly revocable: boolean;
  /** Does another issue certainly leave earlier grants alive? Only then may a grant be revoked from memory. */
  readonly keepsOthers: boolean;
  /** May an issue have killed the grant of AWSCURRENT? Then giving up an issued value lists a suspect. */
  readonly replacesInPlace: boolean;
  /**
   * How an older value is made current again: not at all; by a copy of it, while its grant lives; the same, and a grant
   * that was revoked is enabled again (`reinstate`); by telling the vendor the older value of our own choice once more.
   */
  readonly undo: 'none' | 'forward' | 'enable' | 'change';
  /**
   * Until when may an attempt with an unknown outcome have left something behind? `never` ends: a person resolves it.
   * @param expiresAt what the vendor was asked for; absent where grants do not end by themselves
   */
  suspectUntil(issuedAt: Instant, expiresAt: Instant | undefined): Instant | 'never';
}

/** Everything that the call needs, gathered by reads before the intent: token, pre-flight, a place in the rate. */
export interface PreparedIssue {
  /**
   * The one call that issues, or renews. Never repeated, except once where the vendor refused the bearer token (nothing was done)
   * and `mayCallUntil` (monotonic ms) is not past. Returns the answer only when it holds a usable secret and grant.
   * @throws ProviderUnavailableError, ProviderThrottledError, ProviderAuthError nothing was done, not a failed attempt
   * @throws ProviderRejectedError refused: nothing was done, a failed attempt
   * @throws GrantEndedError the grant that was to be renewed is gone: nothing was done, another is to be issued
   * @throws OutcomeUnknownError, ProviderProtocolError the outcome is unknown
   */
  issue(mayCallUntil: number): Promise<VendorAnswer>;
  /** Gives the place in the rate back where no call was made. Harmless after `issue`. */
  release(): Promise<void>;
}

export type Revocation =
  | { readonly outcome: 'revoked' }
  /** The vendor says that it did not do it and never will by this call: for a person. */
  | { readonly outcome: 'not-revoked'; readonly reason: string }
  /** The call hit the grant of AWSCURRENT; it has been reinstated where the vendor can. Blocks, alarms. */
  | { readonly outcome: 'hit-current'; readonly reinstated: boolean };

export interface RevokeContext {
  /** What AWSCURRENT holds, to recognise a vendor that acts on more than it was asked to. */
  readonly current: GrantFields | undefined;
  /** Has this very revocation been sent before, its answer lost? */
  readonly repeated: boolean;
  /** No call begins later; monotonic ms. @throws ProviderUnavailableError when it is past */
  readonly mayCallUntil?: number;
}

/** The verbs of one kind. One file a kind, the same verbs in the same order; the order of steps is not theirs. */
export interface Provider<C extends Credential = Credential> {
  readonly kind: Kind;
  readonly traits: ProviderTraits;
  /** Reads only; never for what a person makes. Throws where the issue call would certainly fail: nothing has begun yet. */
  prepare(credential: C, expiresAt: Instant | undefined): Promise<PreparedIssue>;
  /** The same for the call that prolongs a grant under its id; absent where the vendor has none. */
  prepareRenewal?(credential: C, grant: string, expiresAt: Instant | undefined): Promise<PreparedIssue>;
  /**
   * One try. Only where `traits.verifiable`. Throws the taxonomy of errors.ts where neither can be said.
   * @throws NotPermittedError valid, and not let in: a person decides
   */
  verify(credential: C, value: GrantFields): Promise<'works' | 'refused'>;
  /** Only where `traits.revocable`. Revoking what is gone succeeds. */
  revoke(credential: C, old: GrantFields & { readonly grant: string }, context: RevokeContext): Promise<Revocation>;
  /** Only where the vendor can undo a revocation; false where it cannot. */
  reinstate(credential: C, grant: string): Promise<boolean>;
  /**
   * Tries the worker's own credential by a read, after a pause of the account. Absent where no read is documented.
   * @throws the errors of `prepare`
   */
  probe?(credential: C): Promise<void>;
  /** Only where `traits.issuedBy` is 'us'. */
  readonly chosen?: ChosenVerbs<C>;
}

/** The verbs of a kind whose value we choose: staged first, then the vendor is told, and logins say what is in force. */
export interface ChosenVerbs<C extends Credential = Credential> {
  /** One change or login at a time over all replicas, while the lock stands. @throws LockHeldError after too long a wait */
  alone<T>(work: () => Promise<T>): Promise<T>;
  /**
   * A current value that has not logged in yet does so now: a change is only ever asked for with one that has.
   * @throws LockHeldError, ProviderUnavailableError a login is under way
   * @throws ProviderAuthError nobody may log in, or it was refused
   */
  prove(): Promise<void>;
  /** A new value at random, as a vendor's answer would hold it. */
  choose(credential: C): VendorAnswer;
  /** Everything that the call which changes it needs, so that it waits for nothing. */
  prepareChange(credential: C): Promise<PreparedChange>;
  /**
   * One login.
   * @param begins asked when the login waits for nothing any more; false: it is not made
   * @throws ProviderUnavailableError, ProviderThrottledError nothing was asked of the vendor
   */
  login(credential: C, secret: Sensitive, begins: () => Promise<boolean>): Promise<LoginAnswer>;
}

export interface Change {
  readonly from: Sensitive;
  readonly to: Sensitive;
  /** Does the old value die at once? Else it lives on for the vendor's own grace. */
  readonly immediate: boolean;
}

export interface PreparedChange {
  /**
   * Asks the vendor once, and is never repeated by itself.
   * @throws ProviderUnavailableError, ProviderThrottledError nothing was done
   * @throws OutcomeUnknownError it may have been done
   */
  send(change: Change): Promise<ChangeAnswer>;
  /** Harmless after `send`. */
  release(): Promise<void>;
}

/** `not-taken`: the vendor does not want the new value. `refused`: it does not let us in, which may count as a failed login. */
export type ChangeAnswer = { readonly is: 'changed' } | { readonly is: 'not-taken' | 'refused'; readonly why: string };

export type LoginAnswer =
  | { readonly is: 'works' }
  /** `unknown`: no answer that says it; it may have counted. */
  | { readonly is: 'refused' | 'unknown'; readonly why: string }
  | { readonly is: 'not-begun' };

/** A place in an account's rate and concurrency, over all replicas. */
export interface Permit {
  release(): Promise<void>;
}

/** Counts calls to the vendor by account. Implemented over Redis in src/queue; in force again at once after FLUSHALL. */
export interface CallLimits {
  /** Waits for a place. @throws ProviderThrottledError after too long a wait */
  acquire(account: {
    readonly name: string;
    readonly limits: { readonly callsPerSecond: number; readonly concurrency: number };
  }): Promise<Permit>;
}

/** One holder at a time over all replicas, while Redis stands. @throws LockHeldError after too long a wait */
export type Exclusive = <T>(name: string, ttlMs: number, work: () => Promise<T>) => Promise<T>;

/** What the login with the Finicity partner secret needs of the secret that it lives in (design, "Logins that may fail"). */
export interface LoginLedger {
  observe(secretName: string): Promise<{
    readonly currentVersion: string | undefined;
    readonly proven: string | undefined;
    /** When a login that has not ended was begun. */
    readonly loginOpen: Instant | undefined;
    /** Another value is staged: nobody knows which of the two is in force. */
    readonly changing: boolean;
    readonly blocked: string | undefined;
  }>;
  read(secretName: string, version: string): Promise<Sensitive>;
  /** Creates the n-th try of that version; false when another worker holds it. */
  takeTry(secretName: string, version: string, n: number): Promise<boolean>;
  openLogin(secretName: string, at: Instant): Promise<void>;
  /** Removes the mark of the open login; `proven` names the version that has just logged in; undefined: nobody did. */
  closeLogin(secretName: string, proven: string | undefined): Promise<void>;
  block(secretName: string, reason: string): Promise<void>;
}

export type RaiseAlarm = (name: AlarmName, fields: Readonly<Record<string, unknown>>, message: string) => void;
