import { z } from 'zod';

/** MC-spec components.schemas.DateTimeWithZone: ISO 8601 with a zone, up to nanoseconds. */
const dateTimeWithZone = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/, 'a date-time with zone');

const provenance = z.strictObject({
  clientFingerprint: z.string().optional(),
  ipAddress: z.string().optional(),
  token: z.string().optional(),
});

/** MC-spec ThirdPartyAccessProduct. `product` and `type` are strings, not enumerations (`single` was seen by MC-test). */
const product = z.strictObject({
  product: z.string().min(1),
  accountId: z.string().min(1),
  accessPeriod: z.strictObject({ type: z.string().min(1), startTime: dateTimeWithZone, endTime: dateTimeWithZone }),
  payorId: z.string().optional(),
  maxCalls: z.int().optional(),
});

/** MC-spec ThirdPartyAccessKeyData: the body of POST and PUT. */
export const accessKeyRequest = z.strictObject({
  customerId: z.string().min(1),
  partnerId: z.string().min(1),
  thirdPartyPartnerId: z.string().min(1),
  products: z.array(product).min(1),
  provenance: provenance.optional(),
});
export type AccessKeyRequest = z.infer<typeof accessKeyRequest>;

const receipt = z.strictObject({
  profile: z.int(),
  version: z.string(),
  receiptId: z.string(),
  customerId: z.string(),
  partnerId: z.string(),
  products: z.array(product),
  provenance: provenance.nullable().optional(),
  timestamp: dateTimeWithZone,
  // Outside the OpenAPI: in its decoded example signature as the int 1, in Dwolla's documentation as a string.
  receiptVersion: z.union([z.int(), z.string()]),
});

const proof = z.strictObject({ signature: z.string(), keyId: z.string(), timestamp: dateTimeWithZone });

/** MC-spec ThirdPartyAccessKeyReceiptData: the answer of POST and PUT. */
export const accessKeyAnswer = z.strictObject({ data: z.array(z.strictObject({ receipt, proof })).length(1) });
