import { randomUUID } from 'node:crypto';
import type { Adoption } from '../../src/types';
import type { Gate } from './gates';
import { recover } from './recovery';
import { type Lab, rotationLab } from './rotation-lab';
import { DAY, STARTS, started, type VendorCase } from './situations';

// Credentials that begin by adoption, and that end: how each situation is reached, and the sweeps that are then watched.

export const NO_DETAILS: Adoption = { grants: {}, drops: [] };
const UNUSED_AFTER = 10 * DAY;

export interface Ending {
  prepare(vendor: VendorCase): Promise<Lab>;
  job(lab: Lab, gate: Gate): Promise<unknown>;
}

/** Versions that somebody wrote before, oldest first, a day between them; each holds a grant of its own. */
export function writtenBefore(lab: Lab, versions: number, ageMs = 0): readonly string[] {
  const { world, vendor, credential } = lab;
  const Name = credential.secretName;
  world.aws.CreateSecret({ Name, ClientRequestToken: randomUUID() });
  const ids = Array.from({ length: versions }, () => {
    world.clock.advance(DAY);
    const ClientRequestToken = randomUUID();
    const SecretString = JSON.stringify(vendor.byHand());
    world.aws.PutSecretValue({ SecretId: Name, ClientRequestToken, SecretString });
    return ClientRequestToken;
  });
  world.clock.advance(ageMs);
  return ids;
}

async function rotatedTwice(vendor: VendorCase, thenMs: number): Promise<Lab> {
  const start = STARTS.settling;
  if (start === undefined) throw new Error('no such start');
  const policy = { ...vendor.policy, revokeUnusedAfterMs: UNUSED_AFTER };
  const lab = await started({ ...vendor, policy }, start);
  lab.world.clock.advance(thenMs);
  return lab;
}

async function retired(vendor: VendorCase, deleteSecret: boolean): Promise<Lab> {
  const lab = await rotatedTwice(vendor, 0);
  lab.changeEntry({ retired: { deleteSecret } });
  return lab;
}

async function unused(vendor: VendorCase): Promise<Lab> {
  const lab = await rotatedTwice(vendor, 0);
  await recover(lab);
  lab.world.clock.advance(UNUSED_AFTER + 2 * DAY);
  return lab;
}

export const ENDINGS: Readonly<Record<string, Ending>> = {
  'adopted, young': {
    async prepare({ kind, behaviour, policy = {} }) {
      const lab = rotationLab({ kind, behaviour, policy });
      writtenBefore(lab, 4);
      lab.changeEntry({ adopt: NO_DETAILS });
      return lab;
    },
    job: recover,
  },
  'adopted, and due': {
    async prepare({ kind, behaviour, policy = {} }) {
      const lab = rotationLab({ kind, behaviour, policy });
      writtenBefore(lab, 2, 31 * DAY);
      lab.changeEntry({ adopt: NO_DETAILS });
      return lab;
    },
    job: recover,
  },
  retired: { prepare: (vendor) => retired(vendor, false), job: recover },
  'retired, to be deleted': { prepare: (vendor) => retired(vendor, true), job: recover },
  'active again': {
    async prepare(vendor) {
      const lab = await retired(vendor, true);
      await recover(lab);
      lab.reactivate();
      return lab;
    },
    job: recover,
  },
  unused: { prepare: unused, job: recover },
  'unused, and asked for': {
    async prepare(vendor) {
      const lab = await unused(vendor);
      await recover(lab);
      return lab;
    },
    job(lab, gate) {
      lab.due();
      return lab.rotate({ wish: 'normal' }, gate);
    },
  },
};
