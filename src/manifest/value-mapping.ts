// `value:` of an entry: which fields of the vendor's answer go under which names. What is wrong with it would show only
// after the vendor has issued a secret, when that secret cannot be had again: so all of it is refused here.

import { z } from 'zod';
import { ANSWER_FIELDS, storedPath } from '../stored-value';
import type { Kind, ValueMapping } from '../types';
import { unicodeText } from './fields';
import type { Finding } from './problems';
import { didYouMean, show } from './words';

const storedName = unicodeText(/^[^.\p{Cc}]{1,128}$/u, 'cannot be a name: write 1 to 128 characters without a dot'); // dots part paths

export const VALUE_MAPPING = z
  .strictObject({
    fields: z
      .record(storedName, z.string().describe("a field of the vendor's answer, like client_secret"))
      .describe("name in the JSON that consumers read: field of the vendor's answer, dotted where it is nested"),
    constants: z
      .record(
        storedName,
        z.union([z.string(), z.number(), z.boolean()], { error: 'write a text, a number, true or false' }),
      )
      .default({})
      .describe('names and values to stand beside them'),
  })
  .describe("how the vendor's answer is stored; default: verbatim");

/**
 * The documented fields of each answer, or of what a person imports (the vendors' pages; receiptVersion: only in the decoded
 * example of a signature).
 */
const DOCUMENTED: Readonly<Record<Kind, readonly string[]>> = {
  'flinks-outbound-recipient': ['client_id', 'client_secret'],
  'flinks-auth-secret': ['PermissionId', 'AuthSecret', 'RequestId', 'Message'],
  'finicity-access-key': [
    ...['receipt', 'proof', 'receipt.receiptId', 'receipt.receiptVersion', 'receipt.profile', 'receipt.version'],
    ...['receipt.customerId', 'receipt.partnerId', 'receipt.products', 'receipt.provenance', 'receipt.timestamp'],
    ...['proof.signature', 'proof.keyId', 'proof.timestamp'],
  ],
  'finout-api-token': ['clientId', 'secretKey'],
};

const WHY_GRANT: Readonly<Partial<Record<Kind, string>>> = {
  'finout-api-token': 'without which the secret key opens nothing',
};

/** Paths are from the mapping. */
export function mappingFindings(kind: Kind, mapping: ValueMapping): Finding[] {
  return [...unknownFields(kind, mapping), ...leftOut(kind, mapping), ...collisions(mapping)];
}

function unknownFields(kind: Kind, mapping: ValueMapping): Finding[] {
  const known = DOCUMENTED[kind];
  return Object.entries(mapping.fields)
    .filter(([, from]) => !known.includes(from))
    .map(([name, from]) => ({
      path: ['fields', name],
      text: `${show(from)} is no field of the vendor's answer${didYouMean(from, known) || ':'} write one of ${known.join(', ')}`,
    }));
}

function leftOut(kind: Kind, mapping: ValueMapping): Finding[] {
  const { grant, secret } = ANSWER_FIELDS[kind];
  const missing = (field: string | undefined): field is string =>
    field !== undefined && storedPath(mapping, field) === undefined;
  const say = (field: string, why: string): Finding => ({
    path: ['fields'],
    text: `leaves out ${field}, ${why}: add a name for it`,
  });
  return [
    ...(missing(grant) ? [say(grant, WHY_GRANT[kind] ?? 'without which the grant can never be revoked')] : []),
    ...(missing(secret) ? [say(secret, 'the secret itself')] : []),
  ];
}

function collisions(mapping: ValueMapping): Finding[] {
  return Object.keys(mapping.constants)
    .filter((name) => Object.hasOwn(mapping.fields, name))
    .map((name) => ({
      path: ['constants', name],
      text: `${show(name)} is also a name under fields: rename one of them`,
    }));
}
