import { randomUUID } from 'node:crypto';
import type { Adoption } from '../../src/types';
import { recover } from './recovery';
import type { Lab } from './rotation-lab';
import { DAY, type Job, rotation, STARTS, type Starts } from './situations';

// Credentials that begin by adoption, and that end: how each situation is reached, and the sweeps that are then watched.

export const NO_DETAILS: Adoption = { grants: {}, drops: [] };
const UNUSED_AFTER = 10 * DAY;

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

async function rotatedTwice(lab: Lab): Promise<void> {
  const start = STARTS.settling;
  if (start === undefined) throw new Error('no such start');
  await start.prepare(lab);
}

async function retired(lab: Lab, deleteSecret: boolean): Promise<void> {
  await rotatedTwice(lab);
  lab.changeEntry({ retired: { deleteSecret } });
}

async function unused(lab: Lab): Promise<void> {
  await rotatedTwice(lab);
  await recover(lab);
  lab.world.clock.advance(UNUSED_AFTER + 2 * DAY);
}

/** What every sweep finds. */
const sweeps = (): Job => ({ run: recover });
const policy = { revokeUnusedAfterMs: UNUSED_AFTER };

export const ENDINGS: Starts = {
  'adopted, young': {
    async prepare(lab) {
      writtenBefore(lab, 4);
      lab.changeEntry({ adopt: NO_DETAILS });
    },
    job: sweeps,
  },
  'adopted, and due': {
    async prepare(lab) {
      writtenBefore(lab, 2, 31 * DAY);
      lab.changeEntry({ adopt: NO_DETAILS });
    },
    job: sweeps,
  },
  retired: { policy, prepare: (lab) => retired(lab, false), job: sweeps },
  'retired, to be deleted': { policy, prepare: (lab) => retired(lab, true), job: sweeps },
  'active again': {
    policy,
    async prepare(lab) {
      await retired(lab, true);
      await recover(lab);
      lab.reactivate();
    },
    job: sweeps,
  },
  unused: { policy, prepare: unused, job: sweeps },
  'unused, and asked for': {
    policy,
    async prepare(lab) {
      await unused(lab);
      await recover(lab);
    },
    job: (lab) => rotation(lab, 'normal'),
  },
};
