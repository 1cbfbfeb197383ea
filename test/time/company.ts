import { randomUUID } from 'node:crypto';
import { ProviderUnavailableError } from '../../src/errors';
import type { Manifest } from '../../src/manifest';
import { parametersOf } from '../../src/parameters';
import type { Provider } from '../../src/provider';
import { tag } from '../../src/rotation-tags';
import { awsTags } from '../../src/secrets-manager/secret-store';
import type { AlarmName, Credential, Instant, Kind } from '../../src/types';
import { newRotationId, valueId } from '../../src/version-ids';
import type { SecretValue } from '../sandbox/secrets-manager/secret';
import { type Gate, promotes } from '../support/gates';
import { labPartner } from '../support/lab-partner';
import { type Behaviour, type MemoryVendor, memoryVendor } from '../support/memory-vendor';
import { type MemoryWorld, memoryWorld } from '../support/memory-world';
import type { Random } from './random';

/** What a call to a vendor takes. */
const VENDOR_CALL_MS = 200;

/** A label AWSCURRENT that moved. */
export interface Promotion {
  readonly at: Instant;
  readonly from: string;
  readonly to: string;
}

/** A fleet with its vendors and Secrets Manager, and what is written down of them. */
export interface Company {
  readonly manifest: Manifest;
  readonly world: MemoryWorld;
  /** `store`, and the accounts that do not answer, with how many outages of theirs there are. */
  readonly down: Map<string, number>;
  readonly promotions: ReadonlyMap<string, Promotion[]>;
  /** When a grant was revoked at the vendor, by credential. */
  readonly revocations: ReadonlyMap<string, Instant[]>;
  /** When a person was asked for a new value. */
  readonly reminders: { readonly credential: string; readonly at: Instant }[];
  vendorOf(credential: Credential): MemoryVendor;
  /** Fails what is down; passes the others on. */
  gateTo(account: string, gate: Gate): Gate;
  providerOf(credential: Credential, gate: Gate, alarm: (name: AlarmName) => void): Provider;
  labelled(credential: Credential, label: string): string | undefined;
  /** Does a version with this label hold the grant; without one, any that is labelled? */
  isHeld(credential: Credential, grant: string, label?: string): boolean;
}

const BEHAVIOUR: Readonly<Record<Kind, Behaviour>> = {
  'flinks-outbound-recipient': 'in-place',
  'flinks-auth-secret': 'overlap',
  'finicity-access-key': 'overlap',
  'finicity-partner-secret': 'chosen+grace',
  'finout-api-token': 'overlap',
};

export function entryOf(manifest: Manifest, id: string): Credential {
  const found = manifest.byId.get(id);
  if (found === undefined) throw new Error(`no entry ${id}`);
  return found;
}

export function foundCompany(manifest: Manifest, start: Instant, random: Random): Company {
  const world = memoryWorld(start);
  const vendors = new Map(manifest.credentials.map(({ id, kind }) => [id, memoryVendor(kind, BEHAVIOUR[kind])]));
  const bySecret = new Map(manifest.credentials.map(({ id, secretName }) => [secretName, id]));
  const promotions = new Map(manifest.credentials.map(({ id }) => [id, [] as Promotion[]]));
  const revocations = new Map(manifest.credentials.map(({ id }) => [id, [] as Instant[]]));
  const down = new Map<string, number>();
  world.onCall = (effect) => {
    world.calls.length = 0; // years of them
    if (!promotes(effect)) return;
    const { SecretId, RemoveFromVersionId: from, MoveToVersionId: to } = Object(effect.input);
    promotions.get(bySecret.get(SecretId) ?? '')?.push({ at: world.clock.now(), from: String(from), to: String(to) });
  };
  const vendorOf = ({ id }: Credential): MemoryVendor => {
    const vendor = vendors.get(id);
    if (vendor === undefined) throw new Error(`no vendor of ${id}`);
    return vendor;
  };
  const labelled = ({ secretName }: Credential, label: string): string | undefined =>
    world.aws.named(secretName).secret?.labels.get(label);

  const isHeld: Company['isHeld'] = ({ secretName }, grant, label) => {
    const secret = world.aws.named(secretName).secret;
    const versions = label === undefined ? [...(secret?.labels.values() ?? [])] : [secret?.labels.get(label) ?? ''];
    return versions.some((version) => textOf(secret?.versions.get(version)?.value).includes(`"${grant}"`));
  };

  const company: Company = {
    ...{ manifest, world, down, promotions, revocations, vendorOf, labelled, isHeld, reminders: [] },
    gateTo: (account, gate) => (effect, perform) =>
      gate(effect, () => {
        if (effect.at === 'vendor') world.clock.advance(VENDOR_CALL_MS);
        if (effect.at === 'vendor' && down.has(account)) throw new ProviderUnavailableError('connection refused');
        if (effect.at === 'store' && down.has('store'))
          throw Object.assign(new Error('connection refused'), { code: 'ECONNREFUSED' });
        return perform();
      }),
    providerOf(credential, gate, alarm) {
      const vendor = vendorOf(credential);
      const revoked = (grant: string): void => {
        if (vendor.live.has(grant)) revocations.get(credential.id)?.push(world.clock.now());
      };
      const provider = vendor.provider(gate, () => 'a worker', revoked);
      if (credential.kind !== 'finicity-partner-secret') return provider;
      const grantOn = (label: string) => secretOf(world, credential, labelled(credential, label));
      const lab = { alarms: { push: alarm } as never, broken: [], credential, grantOn, vendor, world };
      return { ...provider, chosen: labPartner(lab, gate).chosen };
    },
  };
  for (const credential of manifest.credentials) settleIn(company, credential, start, random);
  return company;
}

function secretOf({ aws }: MemoryWorld, { secretName }: Credential, version: string | undefined): string | undefined {
  const text = textOf(aws.named(secretName).secret?.versions.get(version ?? '')?.value);
  return text === '' ? undefined : JSON.parse(text).partnerSecret;
}

const textOf = (value: SecretValue | undefined): string =>
  value !== undefined && 'SecretString' in value ? value.SecretString : '';

/** Most credentials are there already, each of another age, as in a fleet that has been running; the others are created. */
function settleIn(company: Company, credential: Credential, start: Instant, random: Random): void {
  const { policy, kind, secretName: Name } = credential;
  const { aws } = company.world;
  const vendor = company.vendorOf(credential);
  if (kind !== 'finicity-partner-secret' && kind !== 'finout-api-token' && random.chance(0.1)) return;
  const SecretString = JSON.stringify(vendor.byHand());
  if (kind === 'finicity-partner-secret') {
    const id = randomUUID();
    const tags = { ...tag.credential(credential), ...tag.adopted(id, start), ...tag.proven(id) };
    aws.CreateSecret({ Name, ClientRequestToken: id, SecretString, Tags: awsTags(tags) });
    return;
  }
  const validity = kind === 'finout-api-token' ? policy.rotateEveryMs : policy.validityMs;
  const longest = Math.min(policy.rotateEveryMs * 0.9, (validity ?? Number.POSITIVE_INFINITY) - policy.renewBeforeMs);
  const birth = Math.floor(start - random.next() * longest);
  const id = valueId(newRotationId(birth), validity === undefined ? undefined : birth + validity, 'the one before');
  const parameters = parametersOf(credential);
  const tags = parameters === undefined ? tag.credential(credential) : tag.sent(credential, parameters);
  aws.CreateSecret({ Name, ClientRequestToken: id, SecretString, Tags: awsTags(tags) });
}
