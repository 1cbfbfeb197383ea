import { iso } from '../clock';
import { type Grant, type GrantKind, isAlive, worksAt } from '../grants';
import type { Vendor } from '../vendor-facts/operations';

/** A grant as the inspection door shows it. Times are ISO 8601 by the vendors' clock. */
export interface GrantView {
  readonly vendor: Vendor;
  readonly kind: GrantKind;
  readonly account: string;
  readonly subject: string;
  readonly grantId: string | null;
  readonly secret: string;
  readonly earlierSecrets: readonly string[];
  readonly alive: boolean;
  /** Alive and past its propagation delay or start time. */
  readonly works: boolean;
  readonly issuedAt: string;
  readonly usableFrom: string;
  /** When it ends by itself (or ended), if that is known. */
  readonly endsAt: string | null;
  readonly diedAt: string | null;
  readonly why: string | null;
}

const VENDOR_OF_KIND: Readonly<Record<GrantKind, Vendor>> = {
  'flinks-outbound-recipient': 'flinks-outbound',
  'flinks-auth-secret': 'flinks-data-sharing',
  'finicity-access-key': 'finicity',
  'finicity-partner-secret': 'finicity',
  'finout-api-token': 'finout',
};

export function viewGrant(grant: Grant, now: number): GrantView {
  const death = isAlive(grant, now) ? null : firstDeath(grant, now);
  return {
    vendor: VENDOR_OF_KIND[grant.kind],
    kind: grant.kind,
    account: grant.account,
    subject: grant.subject,
    grantId: grant.grantId,
    secret: grant.secret,
    earlierSecrets: [...grant.earlierSecrets],
    alive: death === null,
    works: worksAt(grant, now),
    issuedAt: iso(grant.issuedAt),
    usableFrom: iso(grant.usableFrom),
    endsAt: grant.end === null ? null : iso(grant.end.at),
    diedAt: death === null ? null : iso(death.at),
    why: death === null ? null : death.why,
  };
}

/** Of an end that has come and a disablement, the earlier one. */
function firstDeath(grant: Grant, now: number): { readonly at: number; readonly why: string } | null {
  const end = grant.end !== null && grant.end.at <= now ? grant.end : null;
  if (end === null || grant.disabled === null) return end ?? grant.disabled;
  return end.at <= grant.disabled.at ? end : grant.disabled;
}
