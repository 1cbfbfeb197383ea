// Terminology (the words are those of design.md; they mean the same everywhere: code, logs, tags, tests)
//
// credential   one managed entry of the manifest: an id, a kind, the provider's parameters, the secret it lives in, a policy
// kind         what sort of credential: one provider file each
// account      the worker's own access to one vendor environment; a credential names one
// secret       a secret in AWS Secrets Manager; version: one of its versions; staging label: AWSCURRENT, AWSPENDING …
// rotation     one replacement of a credential; its id is a UUIDv7
// attempt      one intent and what follows from it
// intent       a version staged AWSPENDING before the provider is called: holds the rotation id, no secret
// tombstone    a version labelled ROTATION_GIVEN_UP where a value was to be: this attempt was given up
// base         the version that an attempt is to replace
// grant        what revocation acts on: a Flinks PermissionId, a Finicity consent receipt id
// settle       revoke the grant of AWSPREVIOUS, or find that there is nothing to revoke, and write it down
// suspect      an attempt whose outcome at the vendor is unknown: it may have left an orphan, a grant that nobody stored

import type { Sensitive } from './sensitive';

/** Milliseconds since 1970, by AWS's clock (the host's plus the offset seen in Secrets Manager's answers). */
export type Instant = number;

export const KINDS = [
  'flinks-outbound-recipient',
  'flinks-auth-secret',
  'finicity-access-key',
  'finicity-partner-secret',
  'finout-api-token',
] as const;
export type Kind = (typeof KINDS)[number];

/** A daily window in local time; `from` > `to` spans midnight. Weekdays are ISO: 1 Monday … 7 Sunday. */
export interface Window {
  readonly zone: string;
  readonly from: string;
  readonly to: string;
  readonly days?: readonly number[];
}

/** What decides when a credential is replaced and when the replaced grant goes. All durations in milliseconds. */
export interface Policy {
  readonly rotateEveryMs: number;
  readonly window?: Window;
  readonly graceMs: number;
  /** `confirmation`: the grace period ends only by a `revoke` message. */
  readonly revokeAfter: 'grace' | 'confirmation';
  /** How long the vendor is asked to let the grant live; only kinds whose grants end by themselves. */
  readonly validityMs?: number;
  /** How long before its end a value is replaced; where a person makes it: asked for. */
  readonly renewBeforeMs: number;
  readonly minIntervalMs: number;
  readonly compromisedMinIntervalMs: number;
  /** May another be issued while an earlier attempt's outcome is unknown? */
  readonly reissueAfterUnknown: boolean;
  /** Outbound recipients: is the old secret tried once when it is settled? */
  readonly proveDead: boolean;
  /** `extend`: a grant that lives is prolonged under its id; one that has ended or is compromised is replaced. */
  readonly renewal: 'issue' | 'extend';
  /** May a message ask for a rollback? */
  readonly rollbackByMessage: boolean;
  /** May a missing secret be created? */
  readonly create: boolean;
  /** Nothing is begun before; unfinished work is finished. */
  readonly suspendUntil?: Instant;
  /** Pauses after the first, second … failed attempt; the last one repeats. */
  readonly retryAfterMs: readonly number[];
  /** The grant of AWSCURRENT is revoked when nobody has read the secret for so long; only kinds that can be revoked. */
  readonly revokeUnusedAfterMs?: number;
}

/** Which fields of the vendor's answer go under which names in the JSON that consumers read. Paths are dotted. */
export interface ValueMapping {
  readonly fields: Readonly<Record<string, string>>;
  readonly constants: Readonly<Record<string, string | number | boolean>>;
}

/** What the entry says about the values of a secret that is adopted. */
export interface Adoption {
  /** Version id -> the id of its grant, for values whose fields do not hold it. */
  readonly grants: Readonly<Record<string, string>>;
  /** Names of the adopted value that a rotation may leave out. */
  readonly drops: readonly string[];
}

interface CredentialBase {
  readonly id: string;
  readonly account: string;
  readonly secretName: string;
  readonly policy: Policy;
  /** Absent: the vendor's answer is stored verbatim. */
  readonly value?: ValueMapping;
  /** May a secret that holds a value, and is not ours, be taken as it is? */
  readonly adopt?: Adoption;
  /** Every grant is revoked, and nothing is issued any more. */
  readonly retired?: { readonly deleteSecret: boolean };
  /** Only for a secret that does not exist yet. */
  readonly creation: {
    readonly kmsKeyId?: string;
    readonly description?: string;
    readonly tags: Readonly<Record<string, string>>;
  };
  /** Names the object at the vendor; two credentials never share one. Its fingerprint stands in `rotation:credential`. */
  readonly subject: string;
}

export interface OutboundRecipient extends CredentialBase {
  readonly kind: 'flinks-outbound-recipient';
  readonly clientId: string;
}

export interface AuthSecret extends CredentialBase {
  readonly kind: 'flinks-auth-secret';
  readonly partnerName: string;
}

interface AccessKeyProduct {
  readonly product: string;
  readonly accountId: string;
  readonly maxCalls?: number;
  readonly payorId?: string;
}

export interface AccessKey extends CredentialBase {
  readonly kind: 'finicity-access-key';
  readonly customerId: string;
  readonly thirdPartyPartnerId: string;
  readonly products: readonly AccessKeyProduct[];
}

/** The secret by which the worker itself logs in: that of its account. */
export interface PartnerSecret extends CredentialBase {
  readonly kind: 'finicity-partner-secret';
  /** Characters of a new one. */
  readonly length: number;
}

export interface FinoutToken extends CredentialBase {
  readonly kind: 'finout-api-token';
  /** What the token is called in Finout's Admin Portal. */
  readonly tokenName: string;
}

export type Credential = OutboundRecipient | AuthSecret | AccessKey | PartnerSecret | FinoutToken;

/** Where the worker's own credential comes from: never a literal in the manifest. */
export type OwnCredentialReference = { readonly env: string } | { readonly secret: string; readonly key: string };

interface AccountBase {
  readonly name: string;
  readonly baseUrl: string;
  /** Longest wait for one answer of the vendor, ms. */
  readonly timeoutMs: number;
  /** Calls to the vendor, over all replicas. */
  readonly limits: { readonly callsPerSecond: number; readonly concurrency: number };
  /** So many jobs in a row that failed at the vendor pause the account. */
  readonly pauseAfter: number;
  /** The first pause; it doubles. */
  readonly pauseForMs: number;
}

export interface FlinksOutboundAccount extends AccountBase {
  readonly vendor: 'flinks-outbound';
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: OwnCredentialReference;
  readonly clientAuthentication: 'body' | 'basic';
}

export interface FlinksDataSharingAccount extends AccountBase {
  readonly vendor: 'flinks-data-sharing';
  /** Opens the environment (vendor pages S0, S1), so it is a credential: never logged. */
  readonly customerId: OwnCredentialReference;
  readonly apiSecret: OwnCredentialReference;
  readonly authKey?: OwnCredentialReference;
}

export interface FinicityAccount extends AccountBase {
  readonly vendor: 'finicity';
  readonly partnerId: string;
  readonly appKey: OwnCredentialReference;
  /** Only in Secrets Manager: its login budget lives in the tags and versions of that secret. */
  readonly partnerSecret: { readonly secret: string; readonly key: string };
}

/** Without a credential of the worker's own: each token is tried with itself. */
export interface FinoutAccount extends AccountBase {
  readonly vendor: 'finout';
}

export type Account = FlinksOutboundAccount | FlinksDataSharingAccount | FinicityAccount | FinoutAccount;
export type Vendor = Account['vendor'];

export const VENDOR_OF: Readonly<Record<Kind, Vendor>> = {
  'flinks-outbound-recipient': 'flinks-outbound',
  'flinks-auth-secret': 'flinks-data-sharing',
  'finicity-access-key': 'finicity',
  'finicity-partner-secret': 'finicity',
  'finout-api-token': 'finout',
};

/** The four sweeps, by the names of their repeatable jobs. */
export const SWEEPS = [
  'regenerate-outbound-secrets',
  'reissue-expiring-tokens',
  'revoke-stale-flinks-permissions',
  'revoke-stale-finicity-receipts',
] as const;
export type SweepName = (typeof SWEEPS)[number];

/** The JSON that consumers read, as one string. */
export type StoredValue = Sensitive;

export interface Clock {
  now(): Instant;
  /** Milliseconds that only grow; for durations within this process. */
  monotonic(): number;
  sleep(ms: number): Promise<void>;
}

/** One line per step; fields are safe by construction, never a secret, a body or a URL. */
export interface Log {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  /** One line of level error with `alarm: name`: a person should look. */
  alarm(name: AlarmName, fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** What each alarm means and what to do stands in the README. */
export const ALARMS = [
  'account-paused',
  'attempt-failed',
  'blocked',
  'compromised-grant-answered-again',
  'create-brake',
  'current-refused',
  'entry-missing',
  'foreign-secret',
  'foreign-version',
  'grant-unrevoked',
  'import-needed',
  'invariant',
  'job-failed',
  'login-refused',
  'manifest-refused',
  'old-secret-still-alive',
  'own-credential-refused',
  'revocation-hit-current',
  'revocation-unanswered',
  'revoke-limit',
  'scheduler-late',
  'secret-deleted',
  'secret-missing',
  'secret-store-refused',
  'staging-failing',
  'suspected-orphan',
  'value-unmapped',
] as const;
export type AlarmName = (typeof ALARMS)[number];
