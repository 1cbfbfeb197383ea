import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Kind } from '../../src/types';
import type { Sandbox } from '../sandbox/start';

export interface CompanyOptions {
  readonly perKind: number;
  /** Policy fields of the manifest, for all kinds and by kind, over quick ones. */
  readonly defaults?: Readonly<Record<string, unknown>>;
  /** Cron with seconds, of all four sweeps. */
  readonly pattern?: string;
}

interface CompanyCredential {
  readonly id: string;
  readonly kind: Kind;
  readonly secret: string;
  /** As the vendor's stand-in calls it (test/sandbox/grants.ts). */
  readonly subject: string;
}

/** What a company brings: own credentials, entries, and objects at the vendors. */
export interface Company {
  readonly manifestPath: string;
  /** For the worker's process: where things are, and its own credentials by `env`. */
  readonly env: Readonly<Record<string, string>>;
  readonly credentials: readonly CompanyCredential[];
  /** Secrets that lived at the vendors before: the worker never held them. */
  readonly planted: ReadonlySet<string>;
  /** Every secret value that the company's own credentials hold. */
  readonly ownSecrets: readonly string[];
}

const EVERY_TWO_SECONDS = '*/2 * * * * *';
const letters = (n: number): string =>
  String.fromCharCode(...'abcd'.split('').map((_, i) => 97 + (Math.floor(n / 26 ** i) % 26)));

const QUICK = {
  create: true,
  fastRotation: true,
  rotateEvery: '365d',
  grace: '2s',
  minInterval: '0s',
  compromisedMinInterval: '0s',
  reissueAfterUnknown: true,
  retryAfter: ['1s'],
  'finicity-access-key': { validity: '730d', renewBefore: '1d' },
};

type Named =
  | { readonly clientId: string }
  | { readonly partnerName: string }
  | { readonly customerId: string; readonly thirdPartyPartnerId: string };

function subjectOf(entry: Named): string {
  if ('clientId' in entry) return entry.clientId;
  return 'partnerName' in entry ? entry.partnerName : `${entry.customerId}/${entry.thirdPartyPartnerId}`;
}

/** Founds a company in the sandbox: partners and recipients at the vendors, own credentials in Secrets Manager, a manifest. */
export function foundCompany(
  sandbox: Sandbox,
  folder: string,
  { perKind, defaults = {}, pattern = EVERY_TWO_SECONDS }: CompanyOptions,
): Company {
  const numbers = Array.from({ length: perKind }, (_, i) => i);
  const seeded = sandbox.control.seed({
    flinksOutbound: { partners: [{}], recipients: numbers.map((i) => ({ clientId: `dc-recipient-${letters(i)}` })) },
    flinksDataSharing: { environments: [{}] },
    finicity: { partners: [{}] },
  });
  const [outbound] = seeded.flinksOutbound.partners;
  const [sharing] = seeded.flinksDataSharing.environments;
  const [finicity] = seeded.finicity.partners;
  if (outbound === undefined || sharing === undefined || finicity === undefined) throw new Error('nothing was seeded');
  const store = (Name: string, value: object): void => {
    const SecretString = JSON.stringify(value);
    sandbox.secretsManager.store.CreateSecret({
      Name,
      SecretString,
      ClientRequestToken: `${Name}${'0'.repeat(64)}`.slice(0, 64),
    });
  };
  store('own/flinks_sharing', { customerId: sharing.customerId, apiSecret: sharing.apiSecret });
  store('own/finicity_partner', { partnerSecret: finicity.partnerSecret });
  const limits = { callsPerSecond: 200, concurrency: 4 };
  const entries = [
    ...numbers.map((i) => ({
      id: `recipient-${letters(i)}`,
      kind: 'flinks-outbound-recipient' as const,
      account: 'outbound',
      clientId: `dc-recipient-${letters(i)}`,
    })),
    ...numbers.map((i) => ({
      id: `partner-${letters(i)}`,
      kind: 'flinks-auth-secret' as const,
      account: 'sharing',
      partnerName: `partner ${letters(i)}`,
    })),
    ...numbers.map((i) => ({
      id: `key-${letters(i)}`,
      kind: 'finicity-access-key' as const,
      account: 'mastercard',
      customerId: String(1_005_000_000 + i),
      thirdPartyPartnerId: '1234599999999',
      products: [{ product: 'moneyTransferDetails', accountId: '5011000000' }],
    })),
  ].map((entry) => ({ ...entry, secret: `credentials/${entry.id.replaceAll('-', '_')}` }));
  const manifest = {
    providers: {
      outbound: {
        vendor: 'flinks-outbound',
        baseUrl: sandbox.urls.flinksOutbound,
        clientId: outbound.clientId,
        clientSecret: { env: 'OUTBOUND_CLIENT_SECRET' },
        limits,
        timeout: '3s',
      },
      sharing: {
        vendor: 'flinks-data-sharing',
        instance: 'sandbox',
        baseUrl: sandbox.urls.flinksDataSharing,
        customerId: { secret: 'own/flinks_sharing', key: 'customerId' },
        apiSecret: { secret: 'own/flinks_sharing', key: 'apiSecret' },
        limits,
        timeout: '3s',
      },
      mastercard: {
        vendor: 'finicity',
        baseUrl: sandbox.urls.finicity,
        partnerId: finicity.partnerId,
        appKey: { env: 'FINICITY_APP_KEY' },
        partnerSecret: { secret: 'own/finicity_partner', key: 'partnerSecret' },
        limits,
        timeout: '3s',
      },
    },
    schedules: Object.fromEntries(
      [
        'regenerate-outbound-secrets',
        'reissue-expiring-tokens',
        'revoke-stale-flinks-permissions',
        'revoke-stale-finicity-receipts',
      ].map((name) => [name, { pattern, spread: '0s' }]),
    ),
    defaults: { ...QUICK, ...defaults },
    limits: { createShare: 1 },
    credentials: entries,
  };
  const manifestPath = join(folder, 'rotation.yaml');
  writeFileSync(manifestPath, stringify(manifest));
  return {
    manifestPath,
    env: {
      ROTATION_MANIFEST: manifestPath,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: sandbox.urls.secretsManager,
      OUTBOUND_CLIENT_SECRET: outbound.clientSecret,
      FINICITY_APP_KEY: finicity.appKey,
    },
    credentials: entries.map((entry) => ({
      id: entry.id,
      kind: entry.kind,
      secret: entry.secret,
      subject: subjectOf(entry),
    })),
    planted: new Set(seeded.flinksOutbound.recipients.map(({ clientSecret }) => clientSecret)),
    ownSecrets: [outbound.clientSecret, sharing.customerId, sharing.apiSecret, finicity.partnerSecret, finicity.appKey],
  };
}
