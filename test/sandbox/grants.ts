/** What a grant can be; the same words as the credential kinds of the worker's manifest. */
export const GRANT_KINDS = [
  'flinks-outbound-recipient',
  'flinks-auth-secret',
  'finicity-access-key',
  'finicity-partner-secret',
  'finout-api-token',
] as const;
export type GrantKind = (typeof GRANT_KINDS)[number];

/**
 * One secret that a vendor gave out or accepted.
 *
 * Terminology
 * - account: whose it is at the vendor: partner client_id, Flinks customerId, Finicity partnerId, `finout`
 * - subject: what it opens: recipient client_id, partner name, `<customer>/<third party>`, partnerId, name of the token
 * - grant id: what revocation acts on: PermissionId, receipt id, Finout's client id; null where the vendor has none
 * - alive: neither disabled nor ended. Works: alive, and from `usableFrom` on.
 */
export interface Grant {
  readonly id: number;
  readonly kind: GrantKind;
  readonly account: string;
  readonly subject: string;
  readonly grantId: string | null;
  secret: string;
  /** Finicity: signatures of earlier revisions of the same receipt. */
  readonly earlierSecrets: string[];
  readonly issuedAt: number;
  usableFrom: number;
  end: { readonly at: number; readonly why: string } | null;
  disabled: { readonly at: number; readonly why: string } | null;
}

export type NewGrant = Pick<Grant, 'kind' | 'account' | 'subject' | 'grantId' | 'secret' | 'issuedAt'> &
  Partial<Pick<Grant, 'usableFrom' | 'end'>>;

/** Narrows down grants; every field that is given must match. */
export interface GrantQuery {
  readonly kind?: GrantKind | undefined;
  readonly account?: string | undefined;
  readonly subject?: string | undefined;
  readonly grantId?: string | undefined;
  readonly secret?: string | undefined;
}

export function isAlive(grant: Grant, now: number): boolean {
  return grant.disabled === null && (grant.end === null || now < grant.end.at);
}

export function worksAt(grant: Grant, now: number): boolean {
  return isAlive(grant, now) && now >= grant.usableFrom;
}

type Matchable = Pick<Grant, 'kind' | 'account' | 'subject' | 'grantId' | 'secret'> & {
  readonly earlierSecrets: readonly string[];
};

export function matches(grant: Matchable, query: GrantQuery): boolean {
  return (
    (query.kind === undefined || grant.kind === query.kind) &&
    (query.account === undefined || grant.account === query.account) &&
    (query.subject === undefined || grant.subject === query.subject) &&
    (query.grantId === undefined || grant.grantId === query.grantId) &&
    (query.secret === undefined || grant.secret === query.secret || grant.earlierSecrets.includes(query.secret))
  );
}
