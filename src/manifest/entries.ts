// The entries under `credentials`: one schema a kind.

import { z } from 'zod';
import { KINDS, type Kind } from '../types';
import { ADOPT, DELETE_SECRET, STATE } from './endings';
import { parseWith, unknownKey } from './explain';
import { CREDENTIAL_ID, SECRET_NAME, unicodeText, VENDOR_ID } from './fields';
import { ALL_POLICY_FIELDS, POLICY_SHAPES, type PolicyValues } from './policy-fields';
import type { Finding } from './problems';
import { TAGS } from './tags';
import { VALUE_MAPPING } from './value-mapping';
import { show } from './words';

/** What Flinks says of names, and what would turn the path of `generate` into another operation (providers, 2.1 and 2.5). */
const PARTNER_NAME = z
  .string()
  .superRefine((name, context) => {
    const message = partnerNameProblem(name);
    if (message !== undefined) context.addIssue({ code: 'custom', message: `${show(name)} ${message}` });
  })
  .meta({ description: "the partner's name: at least 3 characters, no digits", minLength: 3, pattern: '^[^0-9]*$' });

function partnerNameProblem(name: string): string | undefined {
  if (/\p{Nd}/u.test(name)) return 'holds digits, which Flinks refuses: write a name of letters';
  if (/^(enable|disable)$/i.test(name)) return "is the name of an operation in Flinks' API: choose another";
  if (!/^\P{Cc}{1,128}$/u.test(name) || name !== name.trim()) {
    return 'begins or ends with a blank, holds a control character, or is longer than 128 characters: mend that';
  }
  return name.length < 3 ? 'is shorter than 3 characters, which Flinks refuses: write a longer name' : undefined;
}

const TOKEN_NAME = unicodeText(
  /^(?!\s)\P{Cc}{1,128}(?<!\s)$/u,
  'cannot be the name of a token: write 1 to 128 characters without line ends, and no blank at either end',
).meta({ description: "what the token is called in Finout's Admin Portal" });

const PRODUCT = z.strictObject({
  product: z.string().min(1).describe('the name of the product, like moneyTransferDetails'),
  accountId: VENDOR_ID,
  maxCalls: z.int().min(1).describe('how many calls the third party may make').exactOptional(),
  payorId: VENDOR_ID.describe('the partner to bill; default: the recipient').exactOptional(),
});

/** Finicity's bounds (ModifyPartnerSecret). */
const SECRET_LENGTH = z.int().min(12).max(255).describe('characters of a new partner secret, 12 to 255; default 32');

const BASE = {
  id: CREDENTIAL_ID,
  account: z.string().describe('the name of an account under providers'),
  secret: SECRET_NAME,
  state: STATE.exactOptional(),
  deleteSecret: DELETE_SECRET.exactOptional(),
  adopt: ADOPT.exactOptional(),
  value: VALUE_MAPPING.exactOptional(),
  kmsKeyId: z.string().min(1).max(2048).describe('for a secret that does not exist yet: its KMS key').exactOptional(),
  description: z.string().max(2048).describe('for a secret that does not exist yet').exactOptional(),
  tags: TAGS.exactOptional(),
};

const OWN = {
  'flinks-outbound-recipient': { clientId: VENDOR_ID },
  'flinks-auth-secret': { partnerName: PARTNER_NAME },
  'finicity-access-key': {
    customerId: VENDOR_ID,
    thirdPartyPartnerId: VENDOR_ID,
    products: z.array(PRODUCT).min(1).describe('what the third party may read, of which accounts'),
  },
  'finicity-partner-secret': { secretLength: SECRET_LENGTH.default(32) },
  'finout-api-token': { tokenName: TOKEN_NAME },
};

/** A key that another kind knows is said to be that kind's. */
const ofKind = <S extends z.ZodRawShape>(kind: Kind, shape: S) =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => otherKinds(key, kind) ?? unknownKey(key, Object.keys(shape))).join('\n')
        : undefined,
  });

function otherKinds(key: string, kind: Kind): string | undefined {
  const others = KINDS.filter((other) => Object.hasOwn(OWN[other], key) || Object.hasOwn(POLICY_SHAPES[other], key));
  return others.length === 0 ? undefined : `belongs to ${others.join(', ')}, not to ${kind}: remove it`;
}

const kindOf = <K extends Kind>(kind: K) => z.literal(kind).describe('what sort of credential');

export const ENTRY_SCHEMAS = {
  'flinks-outbound-recipient': ofKind('flinks-outbound-recipient', {
    ...{ ...BASE, kind: kindOf('flinks-outbound-recipient') },
    ...OWN['flinks-outbound-recipient'],
    ...POLICY_SHAPES['flinks-outbound-recipient'],
  }),
  'flinks-auth-secret': ofKind('flinks-auth-secret', {
    ...{ ...BASE, kind: kindOf('flinks-auth-secret') },
    ...OWN['flinks-auth-secret'],
    ...POLICY_SHAPES['flinks-auth-secret'],
  }),
  'finicity-access-key': ofKind('finicity-access-key', {
    ...{ ...BASE, kind: kindOf('finicity-access-key') },
    ...OWN['finicity-access-key'],
    ...POLICY_SHAPES['finicity-access-key'],
  }),
  'finicity-partner-secret': ofKind('finicity-partner-secret', {
    ...{ ...BASE, kind: kindOf('finicity-partner-secret') },
    ...OWN['finicity-partner-secret'],
    ...POLICY_SHAPES['finicity-partner-secret'],
  }),
  'finout-api-token': ofKind('finout-api-token', {
    ...{ ...BASE, kind: kindOf('finout-api-token') },
    ...OWN['finout-api-token'],
    ...POLICY_SHAPES['finout-api-token'],
  }),
};

const ANY_KINDS_OWN = {
  clientId: VENDOR_ID.exactOptional(),
  partnerName: PARTNER_NAME.exactOptional(),
  customerId: VENDOR_ID.exactOptional(),
  thirdPartyPartnerId: VENDOR_ID.exactOptional(),
  products: OWN['finicity-access-key'].products.exactOptional(),
  secretLength: SECRET_LENGTH.exactOptional(),
  tokenName: TOKEN_NAME.exactOptional(),
};

const UNKNOWN_KIND = z.strictObject({ ...BASE, kind: z.enum(KINDS), ...ANY_KINDS_OWN, ...ALL_POLICY_FIELDS });

const LOOSE = z.strictObject({
  ...ALL_POLICY_FIELDS,
  ...ANY_KINDS_OWN,
  ...BASE,
  id: CREDENTIAL_ID.exactOptional(),
  kind: z.enum(KINDS).exactOptional(),
  account: BASE.account.exactOptional(),
  secret: SECRET_NAME.exactOptional(),
});

export type Entry = z.output<(typeof ENTRY_SCHEMAS)[Kind]>;
/** What is sound in an entry, so that the rules across entries speak also where something else is wrong. */
export type LooseEntry = z.output<typeof LOOSE>;

export interface ParsedEntry {
  /** Absent where anything is wrong. */
  readonly entry?: Entry;
  readonly sound: LooseEntry;
  readonly findings: readonly Finding[];
}

export function parseEntry(raw: unknown): ParsedEntry {
  const result = parseWith(schemaFor(raw), raw);
  if ('value' in result) return { entry: result.value, sound: result.value, findings: [] };
  return { sound: soundPart(raw, result.findings), findings: result.findings };
}

function schemaFor(raw: unknown): z.ZodType<Entry> {
  const kind = KINDS.find((known) => isObject(raw) && raw.kind === known);
  return kind === undefined ? UNKNOWN_KIND.pipe(z.never()) : ENTRY_SCHEMAS[kind];
}

function soundPart(raw: unknown, findings: readonly Finding[]): LooseEntry {
  const bad = new Set(findings.map(({ path }) => path[0]));
  const rest = Object.fromEntries(Object.entries(isObject(raw) ? raw : {}).filter(([name]) => !bad.has(name)));
  const result = parseWith(LOOSE, rest);
  return 'value' in result ? result.value : {};
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The policy fields that the entry itself sets. */
export function ownPolicy(entry: LooseEntry): PolicyValues {
  const { id, kind, account, secret, state, deleteSecret, adopt, value, kmsKeyId, description, tags, ...others } =
    entry;
  const { clientId, partnerName, customerId, thirdPartyPartnerId, products, secretLength, tokenName, ...policy } =
    others;
  return policy;
}
