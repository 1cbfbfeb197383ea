// `providers`: the worker's own access to each vendor's environments.

import { z } from 'zod';
import type { Account, Vendor } from '../types';
import { duration } from './durations';
import { parseWith } from './explain';
import { ACCOUNT_NAME, managedReference, reference, text, VENDOR_ID, vendorUrl } from './fields';
import type { Finding } from './problems';

const CALLS_PER_SECOND = z.number().min(0.01).max(1000).default(5).describe('calls to the vendor a second; default 5');

const LIMITS = z
  .strictObject({
    callsPerSecond: CALLS_PER_SECOND,
    concurrency: z.int().min(1).max(100).default(1).describe('calls to the vendor at a time; default 1'),
  })
  .prefault({})
  .describe('over all replicas; the vendors publish no limits, so the defaults are low');

/** docker-compose.yml gives a stop longer than this. */
export const LONGEST_TIMEOUT = '120s';

const COMMON = {
  limits: LIMITS,
  pauseAfter: z
    .int()
    .min(1)
    .max(100)
    .default(5)
    .describe('so many jobs in a row that failed at the vendor pause the account; default 5'),
  pauseFor: duration('1s', '30m').prefault('1m').describe('the first pause; it doubles up to 30m; default 1m'),
  timeout: duration('1s', LONGEST_TIMEOUT).prefault('20s').describe('longest wait for one answer; default 20s'),
};

const FLINKS_OUTBOUND = z.strictObject({
  ...COMMON,
  vendor: z.literal('flinks-outbound'),
  baseUrl: vendorUrl('default https://ob.flinksapp.com').prefault('https://ob.flinksapp.com'),
  tokenUrl: vendorUrl('default: baseUrl and /api/v1/token').exactOptional(),
  clientId: VENDOR_ID.describe("the partner's own client id"),
  clientSecret: reference("the partner's own client secret"),
  clientAuthentication: z
    .enum(['body', 'basic'])
    .default('body')
    .describe('how the token request carries id and secret: in the JSON body (default), or by HTTP Basic'),
});

const FLINKS_DATA_SHARING = z.strictObject({
  ...COMMON,
  vendor: z.literal('flinks-data-sharing'),
  instance: text(/^[a-z0-9-]{1,50}$/i, 'the instance that Flinks gave you, the part before -api.private.fin.ag'),
  baseUrl: vendorUrl('default: https://{instance}-api.private.fin.ag').exactOptional(),
  customerId: reference('opens the environment, so a secret like the others'),
  apiSecret: reference('sent as Bearer'),
  authKey: reference('sent as flinks-auth-key, where Flinks asks for it').exactOptional(),
});

const FINICITY = z.strictObject({
  ...COMMON,
  vendor: z.literal('finicity'),
  baseUrl: vendorUrl('default https://api.finicity.com').prefault('https://api.finicity.com'),
  partnerId: VENDOR_ID.describe('your partner id, in quotes'),
  appKey: reference('the Finicity-App-Key'),
  partnerSecret: managedReference('must be in Secrets Manager, where its login budget and its rotation live'),
});

/** Finout's page once said "five concurrent requests per API key", and now says nothing (providers.md 4.2). */
const ONE_AT_A_TIME = z
  .strictObject({
    callsPerSecond: CALLS_PER_SECOND,
    concurrency: z
      .literal(1, { error: 'is always 1 at Finout, which is asked one thing at a time: write 1, or remove it' })
      .default(1)
      .describe('always 1'),
  })
  .prefault({})
  .describe('over all replicas');

const FINOUT = z.strictObject({
  ...COMMON,
  limits: ONE_AT_A_TIME,
  vendor: z.literal('finout'),
  baseUrl: vendorUrl('default https://app.finout.io').prefault('https://app.finout.io'),
});

const VENDORS = ['flinks-outbound', 'flinks-data-sharing', 'finicity', 'finout'] as const satisfies readonly Vendor[];

/** What the JSON Schema shows; validation picks by `vendor` itself, to say more where that is wrong. */
export const PROVIDERS = z
  .record(ACCOUNT_NAME, z.discriminatedUnion('vendor', [FLINKS_OUTBOUND, FLINKS_DATA_SHARING, FINICITY, FINOUT]))
  .describe('named accounts: test and production, or several legal entities');

const UNKNOWN_VENDOR = z.looseObject({ ...COMMON, vendor: z.enum(VENDORS) });
const NAME = z.strictObject({ name: ACCOUNT_NAME });

/** `account` is absent where anything is wrong. */
export interface ParsedAccount {
  readonly vendor?: Vendor;
  readonly account?: Account;
  readonly findings: readonly Finding[];
}

export function parseAccount(name: string, raw: unknown): ParsedAccount {
  const named = parseWith(NAME, { name });
  const nameFindings = 'findings' in named ? named.findings.map(({ text: said }) => ({ path: [], text: said })) : [];
  const parsed = byVendor(name, raw);
  return { ...parsed, findings: [...nameFindings, ...parsed.findings] };
}

function byVendor(name: string, raw: unknown): ParsedAccount {
  const vendor = VENDORS.find(
    (known) => typeof raw === 'object' && raw !== null && 'vendor' in raw && raw.vendor === known,
  );
  switch (vendor) {
    case 'flinks-outbound':
      return made(vendor, parseWith(FLINKS_OUTBOUND, raw), (value) => outboundAccount(name, value));
    case 'flinks-data-sharing':
      return made(vendor, parseWith(FLINKS_DATA_SHARING, raw), (value) => dataSharingAccount(name, value));
    case 'finicity':
      return made(vendor, parseWith(FINICITY, raw), (value) => finicityAccount(name, value));
    case 'finout':
      return made(vendor, parseWith(FINOUT, raw), (value) => finoutAccount(name, value));
    case undefined: {
      const result = parseWith(UNKNOWN_VENDOR, raw);
      return { findings: 'findings' in result ? result.findings : [] };
    }
  }
}

function made<V>(
  vendor: Vendor,
  result: ReturnType<typeof parseWith<z.ZodType<V>>>,
  build: (value: V) => Account,
): ParsedAccount {
  return 'findings' in result
    ? { vendor, findings: result.findings }
    : { vendor, account: build(result.value), findings: [] };
}

function outboundAccount(name: string, value: z.output<typeof FLINKS_OUTBOUND>): Account {
  const { timeout, pauseFor, tokenUrl = `${value.baseUrl}/api/v1/token`, ...rest } = value;
  return { name, timeoutMs: timeout, pauseForMs: pauseFor, ...rest, tokenUrl };
}

function dataSharingAccount(name: string, value: z.output<typeof FLINKS_DATA_SHARING>): Account {
  const { timeout, pauseFor, instance, ...given } = value;
  const { baseUrl = `https://${instance.toLowerCase()}-api.private.fin.ag`, ...rest } = given;
  return { name, timeoutMs: timeout, pauseForMs: pauseFor, ...rest, baseUrl };
}

function finicityAccount(name: string, value: z.output<typeof FINICITY>): Account {
  const { timeout, pauseFor, ...rest } = value;
  return { name, timeoutMs: timeout, pauseForMs: pauseFor, ...rest };
}

function finoutAccount(name: string, value: z.output<typeof FINOUT>): Account {
  const { timeout, pauseFor, ...rest } = value;
  return { name, timeoutMs: timeout, pauseForMs: pauseFor, ...rest };
}
