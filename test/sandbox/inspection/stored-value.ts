import { z } from 'zod';
import type { GrantKind, GrantQuery } from '../grants';

const named = z.record(z.string(), z.string());
const access = z.object({ receipt: z.object({ receiptId: z.string() }), proof: z.object({ signature: z.string() }) });

/**
 * What a vendor's answer, stored verbatim, says about its grant; null where it has not the vendor's fields. A value whose
 * fields were mapped is to be taken apart by who knows the mapping.
 */
export function queryOfStoredValue(kind: GrantKind, value: unknown): GrantQuery | null {
  if (kind === 'finicity-access-key') {
    const key = access.safeParse(value);
    if (!key.success) return null;
    return { kind, grantId: key.data.receipt.receiptId, secret: key.data.proof.signature };
  }
  const fields = named.safeParse(value);
  if (!fields.success) return null;
  const query = queryOfFields(kind, fields.data);
  return query.secret === undefined ? null : query;
}

function queryOfFields(kind: GrantKind, fields: Readonly<Record<string, string>>): GrantQuery {
  switch (kind) {
    case 'flinks-outbound-recipient':
      return { kind, subject: fields.client_id, secret: fields.client_secret };
    case 'flinks-auth-secret':
      return { kind, grantId: fields.PermissionId, secret: fields.AuthSecret };
    case 'finout-api-token':
      return { kind, grantId: fields.clientId, secret: fields.secretKey };
    default:
      return { kind, subject: fields.partnerId, secret: fields.partnerSecret };
  }
}
