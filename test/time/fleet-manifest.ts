import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { loadManifest, type Manifest } from '../../src/manifest';
import type { Instant, Kind } from '../../src/types';
import { temporaryFolder } from '../support/temporary-folder';
import type { Random } from './random';
import { WINDOWS, ZONES } from './zones';

const DAY = 86_400_000;

/** When the sweeps run: clocks that are set in four ways, and intervals that no window is shorter than. */
const SCHEDULES = {
  'regenerate-outbound-secrets': { pattern: '*/5 * * * *', zone: 'UTC', spread: '10m' },
  'reissue-expiring-tokens': { pattern: '2-59/10 * * * *', zone: 'Australia/Lord_Howe', spread: '10m' },
  'revoke-stale-flinks-permissions': { pattern: '5,25,45 * * * *', zone: 'Europe/Berlin', spread: '5m' },
  'revoke-stale-finicity-receipts': { pattern: '*/15 * * * *', zone: 'America/Sao_Paulo', spread: '24h' },
};

/** The longest time between two sweeps of that name, besides what is left out as clocks are set. */
export const SWEEP_EVERY_MS = 20 * 60_000;
/** The longest over which a sweep that rotates spreads its work. */
export const SPREAD_MS = 10 * 60_000;
/** The longest over which one that revokes does; half of a window at most. */
export const REVOKE_SPREAD_MS = DAY;

const reference = (name: string) => ({ secret: `own/${name}`, key: 'value' });

const PROVIDERS = {
  'outbound-one': { vendor: 'flinks-outbound', clientId: 'dc-own-one', clientSecret: reference('one') },
  'outbound-two': {
    ...{ vendor: 'flinks-outbound', clientId: 'dc-own-two', clientSecret: reference('two') },
    baseUrl: 'https://two.flinksapp.com',
  },
  sharing: {
    vendor: 'flinks-data-sharing',
    instance: 'ours',
    customerId: reference('id'),
    apiSecret: reference('api'),
  },
  mastercard: {
    ...{ vendor: 'finicity', partnerId: '1000000001', appKey: reference('app') },
    partnerSecret: { secret: 'own/partner', key: 'partnerSecret' },
  },
  finout: { vendor: 'finout' },
};

/** So many of a hundred are of each kind. */
const SHARES: readonly (readonly [Kind, number])[] = [
  ['flinks-outbound-recipient', 35],
  ['flinks-auth-secret', 30],
  ['finicity-access-key', 33],
  ['finout-api-token', 2],
];

const letters = (n: number): string => [...String(n)].map((digit) => 'abcdefghij'[Number(digit)]).join('');

function kindOf(random: Random): Kind {
  let rest = random.next() * 100;
  for (const [kind, share] of SHARES) {
    rest -= share;
    if (rest < 0) return kind;
  }
  return 'flinks-auth-secret';
}

/** What only entries of this kind say. */
function ofKind(kind: Kind, n: number, random: Random): object {
  switch (kind) {
    case 'flinks-outbound-recipient':
      return {
        ...{ account: random.pick(['outbound-one', 'outbound-two']), clientId: `dc-${n}` },
        rotateEvery: random.pick(['7d', '14d', '30d', '90d', '365d']),
        grace: random.pick(['0s', '1h', '24h']),
        proveDead: random.chance(0.5),
      };
    case 'flinks-auth-secret':
      return {
        ...{ account: 'sharing', partnerName: `Partner ${letters(n)}` },
        rotateEvery: random.pick(['10d', '30d', '60d', '180d']),
        grace: random.pick(['1h', '24h', '7d']),
        reissueAfterUnknown: random.chance(0.5),
        ...(random.chance(0.2) ? { revokeAfter: 'confirmation' } : {}),
      };
    case 'finout-api-token':
      return { account: 'finout', tokenName: `Token ${n}`, rotateEvery: '365d', remindBefore: '30d', grace: '7d' };
    default:
      return { ...accessKey(n), ...random.pick(VALIDITIES), renewal: random.pick(['issue', 'extend']) };
  }
}

const accessKey = (n: number): object => ({
  ...{ account: 'mastercard', customerId: `${5_000_000 + n}`, thirdPartyPartnerId: '9000000001' },
  products: [{ product: 'moneyTransferDetails', accountId: '5011000000' }],
});

/** The last has a slack of a day: an outage of two is longer. */
const VALIDITIES = [
  { validity: '90d', rotateEvery: '60d', renewBefore: '14d', grace: '24h' },
  { validity: '90d', rotateEvery: '80d', renewBefore: '20d', grace: '24h' },
  { validity: '30d', rotateEvery: '29d', renewBefore: '7d', grace: '12h' },
  { validity: '10d', rotateEvery: '9d', renewBefore: '1d', grace: '1h' },
];

function windowOf(random: Random, from: Instant, to: Instant): object {
  if (random.chance(0.4)) return {};
  const days = random.chance(0.3)
    ? { days: random.pick([['sun'], ['mon', 'wed', 'sun'], ['mon', 'tue', 'wed', 'thu', 'fri']]) }
    : {};
  const suspended = random.chance(0.05)
    ? { suspendUntil: new Date(from + Math.floor(random.next() * (to - from))).toISOString() }
    : {};
  return { window: { zone: random.pick(ZONES), ...random.pick(WINDOWS), ...days }, ...suspended };
}

function entry(n: number, random: Random, from: Instant, to: Instant): object {
  const kind = kindOf(random);
  const window = kind === 'finout-api-token' ? {} : windowOf(random, from, to);
  return { id: `c/${n}`, kind, secret: `fleet/c_${n}`, create: true, ...ofKind(kind, n, random), ...window };
}

/** The one whose value we choose: that of the account. */
const PARTNER = {
  ...{ id: 'partner', kind: 'finicity-partner-secret', account: 'mastercard', secret: 'own/partner' },
  value: { fields: { partnerSecret: 'partnerSecret' } },
  rotateEvery: '90d',
};

/** A manifest of mixed policies, read as the worker reads it. */
export async function fleetManifest(size: number, random: Random, from: Instant, to: Instant): Promise<Manifest> {
  const entries = Array.from({ length: size - 1 }, (_, n) => entry(n, random, from, to));
  const path = join(temporaryFolder(), 'rotation.yaml');
  const limits = { createShare: 1, revokeShare: 1 };
  writeFileSync(
    path,
    stringify({ providers: PROVIDERS, schedules: SCHEDULES, limits, credentials: [PARTNER, ...entries] }),
  );
  return loadManifest(path);
}
