import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { CREDENTIAL_TAG, subjectFingerprint } from '../../src/rotation-tags';
import { type Kind, SWEEPS } from '../../src/types';
import type { Seeded } from '../sandbox/seed';
import type { Sandbox } from '../sandbox/start';

export interface CompanyOptions {
  readonly perKind: number;
  /** Is the Finicity partner secret rotated as well? It is taken over as a person stored it, or is yet to be imported. */
  readonly partnerSecret?: boolean | 'to-be-imported';
  /** How many Finout tokens besides: a person makes them, so a company is complete without. None by default. */
  readonly tokens?: number;
  /** How many access keys besides whose receipt is prolonged. None by default. */
  readonly extended?: number;
  /** Policy fields of the manifest, for all kinds and by kind, over quick ones. */
  readonly defaults?: Readonly<Record<string, unknown>>;
  /** Fields of every entry, over its own. */
  readonly entry?: Readonly<Record<string, unknown>>;
  /** Cron with seconds, of all four sweeps. */
  readonly pattern?: string;
  /** Longest wait for one answer of a vendor, of all accounts. */
  readonly timeout?: string;
  /** Fields of the manifest's limits, over those that let everything through. */
  readonly limits?: Readonly<Record<string, unknown>>;
  /** What the company's own credentials are, in place of what is made up. */
  readonly own?: OwnValues;
  /** Fields of the manifest's accounts, over those that stand here. */
  readonly accounts?: {
    readonly [Name in 'outbound' | 'sharing' | 'mastercard' | 'finout']?: Readonly<Record<string, unknown>>;
  };
}

interface OwnValues {
  readonly outboundClientId?: string;
  readonly outboundClientSecret?: string;
  readonly apiSecret?: string;
  readonly authKey?: string;
  readonly appKey?: string;
  readonly partnerId?: string;
  readonly partnerSecret?: string;
}

export interface CompanyCredential {
  readonly id: string;
  readonly kind: Kind;
  readonly secret: string;
  /** What it opens, in the words of test/sandbox/grants.ts. */
  readonly subject: string;
}

/** What a company brings: own credentials, entries, and objects at the vendors. */
export interface Company {
  readonly manifestPath: string;
  /** For the worker's process: where things are, and its own credentials by `env`. */
  readonly env: Readonly<Record<string, string>>;
  readonly credentials: readonly CompanyCredential[];
  readonly tokens: readonly CompanyCredential[];
  /** Secrets that lived at the vendors before: the worker never held them. */
  readonly planted: ReadonlySet<string>;
  /** Every secret value that the company's own credentials hold. */
  readonly ownSecrets: readonly string[];
  /** What Finicity gave the company at first. */
  readonly partnerSecret: string;
  /** Ids whose entry says so now. */
  readonly retired: ReadonlySet<string>;
  /** Writes the manifest anew, from what it holds now. */
  edit(change: (manifest: ManifestData) => void): void;
}

interface ManifestData {
  readonly providers: Record<string, Record<string, unknown>>;
  readonly schedules: Record<string, Record<string, unknown>>;
  readonly defaults: Record<string, unknown>;
  readonly limits: Record<string, unknown>;
  credentials: Record<string, unknown>[];
}

const EVERY_TWO_SECONDS = '*/2 * * * * *';

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

/** The same as data, for another process; see `companyOf`. */
export type CompanyFacts = Omit<Company, 'planted' | 'retired' | 'edit'> & { readonly planted: readonly string[] };

/** The company of these facts, with the manifest as it stands in its file now. */
export function companyOf(facts: CompanyFacts): Company {
  const { manifestPath } = facts;
  const read = (): ManifestData => parse(readFileSync(manifestPath, 'utf8'));
  return {
    ...facts,
    planted: new Set(facts.planted),
    get retired() {
      const retired = read().credentials.filter(({ state }) => state === 'retired');
      return new Set(retired.map(({ id }) => String(id)));
    },
    edit(change) {
      const manifest = read();
      change(manifest);
      writeFileSync(manifestPath, stringify(manifest));
    },
  };
}

/** Founds a company in the sandbox: partners and recipients at the vendors, own credentials in Secrets Manager, a manifest. */
export const foundCompany = (sandbox: Sandbox, folder: string, options: CompanyOptions): Company =>
  companyOf(factsOfNewCompany(sandbox, folder, options));

/** @see foundCompany */
export function factsOfNewCompany(sandbox: Sandbox, folder: string, options: CompanyOptions): CompanyFacts {
  const {
    perKind,
    extended = 0,
    tokens: howMany = 0,
    defaults = {},
    limits = {},
    entry: more = {},
    pattern = EVERY_TWO_SECONDS,
  } = options;
  const issued = [
    ...Array.from({ length: perKind }, (_, n) => membersOf(n)).flat(),
    ...Array.from({ length: extended }, (_, n) => prolongedKeyOf(n)),
  ];
  const tokens = Array.from({ length: howMany }, (_, n) => tokenOf(n));
  const { partnerSecret = false } = options;
  const own = seedOwn(sandbox, issued, options.own ?? {});
  storeOwn(sandbox, own, { withPartnerSecret: partnerSecret !== 'to-be-imported' });
  if (partnerSecret === true) claimPartnerSecret(sandbox, own);
  const members = partnerSecret === false ? issued : [...issued, partnerSecretOf(own)];
  const manifest: ManifestData = {
    providers: accounts(sandbox, own, options),
    schedules: Object.fromEntries(SWEEPS.map((name) => [name, { pattern, spread: '0s' }])),
    defaults: { ...QUICK, ...defaults },
    limits: { createShare: 1, revokeShare: 1, ...limits },
    credentials: [...members, ...tokens].map(({ entry, id, kind, secret }) => ({
      id,
      kind,
      secret,
      ...entry,
      ...more,
    })),
  };
  const manifestPath = join(folder, 'rotation.yaml');
  writeFileSync(manifestPath, stringify(manifest));
  return {
    manifestPath,
    env: {
      ROTATION_MANIFEST: manifestPath,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: sandbox.urls.secretsManager,
      OUTBOUND_CLIENT_SECRET: own.outbound.clientSecret,
      FINICITY_APP_KEY: own.finicity.appKey,
    },
    credentials: members.map(withoutEntry),
    tokens: tokens.map(withoutEntry),
    planted: [...own.planted, ...(partnerSecret === false ? [own.finicity.partnerSecret] : [])],
    ownSecrets: [
      own.outbound.clientSecret,
      ...Object.values(own.sharing),
      own.finicity.partnerSecret,
      own.finicity.appKey,
    ],
    partnerSecret: own.finicity.partnerSecret,
  };
}

interface Member extends CompanyCredential {
  /** What its entry says beside id, kind and secret. */
  readonly entry: Readonly<Record<string, unknown>>;
}

const withoutEntry = ({ id, kind, secret, subject }: Member): CompanyCredential => ({ id, kind, secret, subject });

/** Partner names take letters only, so all are numbered by letters. */
const letters = (n: number): string =>
  String.fromCharCode(...[0, 1, 2, 3].map((place) => 97 + (Math.floor(n / 26 ** place) % 26)));

const member = (id: string, kind: Kind, subject: string, entry: Member['entry']): Member => ({
  id,
  kind,
  secret: `credentials/${id.replaceAll('-', '_')}`,
  subject,
  entry,
});

/** The n-th Finout token. */
const tokenOf = (n: number): Member =>
  member(`token-${letters(n)}`, 'finout-api-token', `report ${letters(n)}`, {
    account: 'finout',
    tokenName: `report ${letters(n)}`,
  });

/** The n-th credential of each kind that vendors issue. */
function membersOf(n: number): Member[] {
  const name = letters(n);
  const clientId = `dc-recipient-${name}`;
  const partnerName = `partner ${name}`;
  return [
    member(`recipient-${name}`, 'flinks-outbound-recipient', clientId, { account: 'outbound', clientId }),
    member(`partner-${name}`, 'flinks-auth-secret', partnerName, { account: 'sharing', partnerName }),
    keyOf(`key-${name}`, String(1_005_000_000 + n)),
  ];
}

/** The n-th access key whose receipt is prolonged. */
const prolongedKeyOf = (n: number): Member =>
  keyOf(`prolonged-${letters(n)}`, String(1_006_000_000 + n), { renewal: 'extend' });

function keyOf(id: string, customerId: string, policy: Member['entry'] = {}): Member {
  const thirdPartyPartnerId = '1234599999999';
  const products = [{ product: 'moneyTransferDetails', accountId: '5011000000' }];
  return member(id, 'finicity-access-key', `${customerId}/${thirdPartyPartnerId}`, {
    account: 'mastercard',
    ...{ customerId, thirdPartyPartnerId, products },
    ...policy,
  });
}

const PARTNER_SECRET = 'partner-secret';

const partnerSecretOf = ({ finicity }: Own): Member => ({
  id: PARTNER_SECRET,
  kind: 'finicity-partner-secret',
  secret: OWN_FINICITY,
  subject: finicity.partnerId,
  entry: { account: 'mastercard' },
});

/** Its secret says whose it is, as when a person has had it adopted. */
function claimPartnerSecret({ secretsManager }: Sandbox, { finicity }: Own): void {
  const Value = `${PARTNER_SECRET} ${subjectFingerprint(`finicity/${finicity.partnerId}`)}`;
  secretsManager.store.TagResource({ SecretId: OWN_FINICITY, Tags: [{ Key: CREDENTIAL_TAG, Value }] });
}

interface Own {
  readonly outbound: Seeded['flinksOutbound']['partners'][number];
  readonly sharing: Seeded['flinksDataSharing']['environments'][number];
  readonly finicity: Seeded['finicity']['partners'][number];
  readonly planted: ReadonlySet<string>;
}

function seedOwn(sandbox: Sandbox, members: readonly Member[], given: OwnValues): Own {
  const { outboundClientId: clientId, outboundClientSecret: clientSecret } = given;
  const { apiSecret, authKey, appKey, partnerId, partnerSecret } = given;
  const recipients = members.filter(({ kind }) => kind === 'flinks-outbound-recipient');
  const seeded = sandbox.control.seed({
    flinksOutbound: {
      partners: [{ clientId, clientSecret }],
      recipients: recipients.map(({ subject }) => ({ clientId: subject })),
    },
    flinksDataSharing: { environments: [{ apiSecret, authKey }] },
    finicity: { partners: [{ partnerId, appKey, partnerSecret }] },
  });
  const [outbound] = seeded.flinksOutbound.partners;
  const [sharing] = seeded.flinksDataSharing.environments;
  const [finicity] = seeded.finicity.partners;
  if (outbound === undefined || sharing === undefined || finicity === undefined) throw new Error('nothing was seeded');
  const planted = new Set(seeded.flinksOutbound.recipients.map(({ clientSecret }) => clientSecret));
  return { outbound, sharing, finicity, planted };
}

const OWN_SHARING = 'own/flinks_sharing';
/** The secret that holds the company's Finicity partner secret. */
export const OWN_FINICITY = 'own/finicity_partner';

function storeOwn(
  { secretsManager }: Sandbox,
  { sharing, finicity }: Own,
  { withPartnerSecret }: { readonly withPartnerSecret: boolean },
): void {
  const store = (Name: string, value: object): void => {
    const ClientRequestToken = `${Name}${'0'.repeat(64)}`.slice(0, 64);
    secretsManager.store.CreateSecret({ Name, SecretString: JSON.stringify(value), ClientRequestToken });
  };
  store(OWN_SHARING, { ...sharing });
  if (withPartnerSecret) store(OWN_FINICITY, { partnerSecret: finicity.partnerSecret });
}

function accounts({ urls }: Sandbox, { outbound, finicity }: Own, { timeout = '3s', accounts: more }: CompanyOptions) {
  const common = { limits: { callsPerSecond: 200, concurrency: 4 }, timeout, pauseFor: '1s' };
  return {
    outbound: {
      ...common,
      vendor: 'flinks-outbound',
      baseUrl: urls.flinksOutbound,
      clientId: outbound.clientId,
      clientSecret: { env: 'OUTBOUND_CLIENT_SECRET' },
      ...more?.outbound,
    },
    sharing: {
      ...common,
      vendor: 'flinks-data-sharing',
      instance: 'sandbox',
      baseUrl: urls.flinksDataSharing,
      customerId: { secret: OWN_SHARING, key: 'customerId' },
      apiSecret: { secret: OWN_SHARING, key: 'apiSecret' },
      ...more?.sharing,
    },
    mastercard: {
      ...common,
      vendor: 'finicity',
      baseUrl: urls.finicity,
      partnerId: finicity.partnerId,
      appKey: { env: 'FINICITY_APP_KEY' },
      partnerSecret: { secret: OWN_FINICITY, key: 'partnerSecret' },
      ...more?.mastercard,
    },
    finout: {
      ...common,
      vendor: 'finout',
      baseUrl: urls.finout,
      limits: { callsPerSecond: 200 },
      ...more?.finout,
    },
  };
}
