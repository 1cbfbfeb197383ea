import { randomUUID } from 'node:crypto';
import type { Adoption, Kind } from '../../src/types';
import { ENDINGS } from './endings';
import { BROUGHT, IMPORTS } from './importing';
import { PARTNER_IMPORTS, PARTNER_STARTS, PARTNERS } from './partner-situations';
import { recover } from './recovery';
import type { Lab } from './rotation-lab';
import {
  DAY,
  MESSAGES,
  ROLLBACKS,
  rotation,
  STARTS,
  type Starts,
  settling,
  VENDORS,
  type VendorCase,
} from './situations';

// What every crash point is looked for in: each kind with every behaviour of its vendor that is possible, and each job.

type Vendors = readonly (readonly [string, VendorCase])[];

const of = (kind: Kind): Vendors => VENDORS.filter(([, vendor]) => vendor.kind === kind);
const EXTENDED = { kind: 'finicity-access-key', policy: { renewal: 'extend' } } as const;

export const VENDORS_OF: Readonly<Record<Kind, Vendors>> = {
  'flinks-outbound-recipient': [
    ...of('flinks-outbound-recipient'),
    ['Flinks Outbound, the same again', { kind: 'flinks-outbound-recipient', behaviour: 'same' }],
  ],
  'flinks-auth-secret': of('flinks-auth-secret'),
  'finicity-access-key': [
    ...of('finicity-access-key'),
    ['Finicity, extended under another id', { ...EXTENDED, behaviour: 'other-id' }],
    ['Finicity, extended, and the same issued again', { ...EXTENDED, behaviour: 'same' }],
  ],
  'finicity-partner-secret': PARTNERS,
  'finout-api-token': [['Finout', { kind: 'finout-api-token', behaviour: 'overlap' }]],
};

/** A secret of somebody's, whose entry tells the grants that its values do not. */
const TOLD: Starts = {
  'adopted, its grants told by the entry': {
    async prepare(lab) {
      const { world, vendor, credential } = lab;
      const SecretId = credential.secretName;
      world.aws.CreateSecret({ Name: SecretId, ClientRequestToken: randomUUID() });
      const grants: Record<string, string> = {};
      for (let n = 0; n < 2; n += 1) {
        vendor.byHand();
        const ClientRequestToken = randomUUID();
        grants[ClientRequestToken] = [...vendor.live.keys()].at(-1) ?? '';
        const SecretString = JSON.stringify({ AuthSecret: `secret ${n}`, note: 'by hand' });
        world.aws.PutSecretValue({ SecretId, ClientRequestToken, SecretString });
        world.clock.advance(31 * DAY);
      }
      const adopt: Adoption = { grants, drops: ['note', 'AuthSecret'] };
      lab.changeEntry({ adopt });
    },
    job: () => ({ run: recover }),
  },
};

const FROM_THE_PORTAL: Starts = {
  'due, and the vendor has ended it': {
    async prepare(lab) {
      await STARTS.due?.prepare(lab);
      lab.vendor.ends(lab.grantOn('AWSCURRENT') ?? '');
    },
    job: rotation,
  },
};

const ISSUED: Starts = { ...STARTS, ...MESSAGES, ...ENDINGS, ...IMPORTS };

async function broughtTwice(lab: Lab): Promise<void> {
  await BROUGHT['the third']?.prepare(lab);
}

/** Endings of what only a person can make: its tokens are left to them to delete. */
const FINOUT_ENDINGS: Starts = {
  settling: { prepare: broughtTwice, job: settling },
  'adopted, young': ENDINGS['adopted, young'] as Starts[string],
  retired: {
    async prepare(lab) {
      await broughtTwice(lab);
      lab.changeEntry({ retired: { deleteSecret: false } });
    },
    job: () => ({ run: recover }),
  },
};

const JOBS: Readonly<Record<Kind, Starts>> = {
  'flinks-outbound-recipient': ISSUED,
  'flinks-auth-secret': { ...ISSUED, ...TOLD },
  'finicity-access-key': { ...ISSUED, ...FROM_THE_PORTAL },
  'finicity-partner-secret': { ...PARTNER_STARTS, ...PARTNER_IMPORTS },
  'finout-api-token': { ...BROUGHT, ...FINOUT_ENDINGS },
};

/** Where another grant has killed the one before for good there is nothing to go back to, and nobody can tell. */
const isReplaced = ({ behaviour }: VendorCase): boolean => behaviour === 'replace';

export const jobsOf = (vendor: VendorCase): Starts =>
  vendor.kind === 'flinks-auth-secret' && !isReplaced(vendor)
    ? { ...JOBS[vendor.kind], ...ROLLBACKS }
    : JOBS[vendor.kind];
