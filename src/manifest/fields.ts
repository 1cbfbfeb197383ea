// The kinds of value that stand in several places of a manifest.

import { z } from 'zod';
import { isLoopback, urlOf } from '../url';
import { show } from './words';

/** A text that fits the pattern. @param mend how such a text is written, after "write" */
export const text = (pattern: RegExp, mend: string) =>
  z
    .string()
    .regex(pattern, { error: ({ input }) => `${show(input)} cannot be used: write ${mend}` })
    .describe(mend);

/** The same for patterns with the flag `u`: a JSON Schema cannot carry it, so that editors do not check these. */
export const unicodeText = (pattern: RegExp, problem: string) =>
  z.string().refine((input) => pattern.test(input), { error: ({ input }) => `${show(input)} ${problem}` });

/** Safe in a tag value, in the id of a BullMQ job and in a log. */
export const CREDENTIAL_ID = text(
  /^[A-Za-z0-9._/@+=-]{1,128}$/,
  'a name for the credential: 1 to 128 letters, digits and . _ / @ + = -',
);

/** Part of a queue's name. */
export const ACCOUNT_NAME = text(/^[A-Za-z0-9._-]{1,64}$/, 'a name: 1 to 64 letters, digits and . _ -');

/** What identifies something at a vendor; it can stand in a URL, percent-encoded. */
export const VENDOR_ID = text(
  /^(?=.*[A-Za-z0-9])[A-Za-z0-9._~@:+=-]{1,255}$/,
  "the vendor's id: 1 to 255 letters, digits and . _ ~ @ : + = -",
);

const SECRET_NAME_PATTERN = /^[A-Za-z0-9/_+=.@-]{1,512}$/;
const SECRET_NAME_MEND =
  'the name of the secret in Secrets Manager (not its ARN): 1 to 512 letters, digits and / _ + = . @ -';
const LIKE_THE_END_OF_AN_ARN = /-[A-Za-z0-9]{6}$/;

/** A secret that is rotated. AWS finds secrets by partial ARN, and takes `-` and six characters for the end of one. */
export const SECRET_NAME = text(SECRET_NAME_PATTERN, SECRET_NAME_MEND).refine(
  (name) => !LIKE_THE_END_OF_AN_ARN.test(name),
  {
    error: ({ input }) =>
      `${show(input)} ends with a hyphen and six characters, which Secrets Manager mistakes for the end of an ARN: write another end, an underscore in place of the hyphen for example`,
  },
);

const REFERENCE = '{ env: NAME } or { secret: name, key: field }';
const SECRET_REFERENCE = '{ secret: name, key: field }';
const inManager = `put it into Secrets Manager and write ${SECRET_REFERENCE}`;

/** In place of the name of an unknown field, see below. */
export const NOT_SHOWN = `holds a field that is not known, and not shown, since it may be a secret: write ${REFERENCE}`;

const withoutNames = { error: ({ code }: { code: string }) => (code === 'unrecognized_keys' ? NOT_SHOWN : undefined) };

// No message about a reference quotes anything of it: where a reference is wanted, a secret may stand by mistake.
const secretReference = z.strictObject(
  {
    secret: z.string().regex(SECRET_NAME_PATTERN, { error: `write ${SECRET_NAME_MEND}` }),
    key: z.string().min(1, { error: 'is empty: write the name of the field in the JSON of that secret' }).max(128),
  },
  withoutNames,
);

const envReference = z.strictObject(
  {
    env: z.string().regex(/^[A-Z_][A-Z0-9_]*$/, {
      error: 'is not the name of an environment variable: write capital letters, digits and _, beginning with no digit',
    }),
  },
  withoutNames,
);

/** Where the worker's own credential is. */
export const reference = (meaning: string) =>
  z
    .union([envReference, secretReference], {
      error: ({ input }) =>
        isScalar(input)
          ? `is a literal; no secret stands in the manifest: ${inManager}, or into the environment and write { env: NAME }`
          : `${input === undefined ? 'is missing' : 'is no reference'}: write ${REFERENCE}`,
    })
    .describe(`${meaning}: ${REFERENCE}`);

/** The same for the one credential that must be in Secrets Manager. */
export const managedReference = (meaning: string) => {
  const { $schema: _, ...shape } = z.toJSONSchema(secretReference, { target: 'draft-7' });
  return z
    .unknown()
    .superRefine((input, context) => {
      const message = managedReferenceProblem(input);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    })
    .pipe(secretReference)
    .meta({ ...shape, description: `${meaning}: ${SECRET_REFERENCE}` });
};

function managedReferenceProblem(input: unknown): string | undefined {
  if (input === undefined) return `is missing: write ${SECRET_REFERENCE}`;
  if (isScalar(input)) return `is a literal; no secret stands in the manifest: ${inManager}`;
  if (typeof input === 'object' && input !== null && 'env' in input) {
    return `cannot come from the environment: it must be in Secrets Manager, where its login budget and its rotation live: ${inManager}`;
  }
  return undefined;
}

const isScalar = (input: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof input);

/** https, or http on this machine. Without a slash at its end. Not quoted where it may hold a password. */
export const vendorUrl = (meaning: string) =>
  z
    .string()
    .superRefine((input, context) => {
      const message = urlProblem(input);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    })
    .transform((input) => input.replace(/\/+$/, ''))
    .describe(meaning);

function urlProblem(input: string): string | undefined {
  const url = urlOf(input);
  if (url === undefined) return 'is not a URL: write one like https://host';
  if (url.username !== '' || url.password !== '') return 'holds a user or a password: remove them';
  if (url.search !== '' || url.hash !== '') return `${show(input)} has a query or a fragment: remove it`;
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url))) return undefined;
  return `${show(input)} would send secrets in clear text: write https:// (http:// only for this machine itself)`;
}

const zones = new Map<string, boolean>();

/** Is this the name of a time zone? Remembered: to ask costs a tenth of a millisecond, and there may be 100,000 windows. */
function isZone(name: string): boolean {
  const known = zones.get(name);
  if (known !== undefined) return known;
  const found = /^[A-Za-z]/.test(name) && formatsIn(name);
  zones.set(name, found);
  return found;
}

function formatsIn(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    return true;
  } catch {
    return false; // RangeError: the only thing that it throws
  }
}

export const ZONE = z
  .string()
  .refine(isZone, {
    error: ({ input }) => `${show(input)} is not a time zone: write an IANA name like America/Toronto, or UTC`,
  })
  .describe('an IANA time zone, like America/Toronto or UTC');
