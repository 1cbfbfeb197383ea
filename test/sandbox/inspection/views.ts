import { iso } from '../clock';
import { worksAt } from '../grants';
import type { Vendor } from '../vendor-facts/operations';
import type { Vendors } from '../vendors';

export interface RecipientView {
  readonly clientId: string;
  readonly partner: string;
  readonly name: string;
  /** The secrets that work right now. */
  readonly secrets: readonly string[];
}

/** A Finicity partner's lock. */
export interface PartnerView {
  readonly partnerId: string;
  readonly strikes: number;
  readonly locked: boolean;
}

/** An access token that is good right now. */
export interface TokenView {
  readonly vendor: Vendor;
  readonly account: string;
  readonly token: string;
  readonly expiresAt: string;
}

export function viewRecipients({ flinksOutbound: { world, recipients } }: Vendors): RecipientView[] {
  const now = world.clock.now();
  return [...recipients.values()].map(({ clientId, partnerId, name }) => {
    const given = world.ledger.find({ kind: 'flinks-outbound-recipient', subject: clientId });
    const secrets = given.filter((grant) => worksAt(grant, now)).map(({ secret }) => secret);
    return { clientId, partner: partnerId, name, secrets };
  });
}

export const viewPartners = ({ finicity }: Vendors): PartnerView[] =>
  [...finicity.partners.values()].map(({ partnerId, strikes, locked }) => ({ partnerId, strikes, locked }));

export function viewTokens({ flinksOutbound, finicity }: Vendors): TokenView[] {
  const now = flinksOutbound.world.clock.now();
  const outbound = [...flinksOutbound.tokens].map(([token, { clientId, expiresAt }]) => ({
    vendor: 'flinks-outbound' as const,
    account: clientId,
    token,
    expiresAt,
  }));
  const partners = [...finicity.tokens].map(([token, { partnerId, expiresAt }]) => ({
    vendor: 'finicity' as const,
    account: partnerId,
    token,
    expiresAt,
  }));
  return [...outbound, ...partners]
    .filter(({ expiresAt }) => now < expiresAt)
    .map((view) => ({ ...view, expiresAt: iso(view.expiresAt) }));
}
