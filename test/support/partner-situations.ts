import { randomUUID } from 'node:crypto';
import { tag } from '../../src/rotation-tags';
import { NO_DETAILS } from './endings';
import { importing } from './importing';
import { recover } from './recovery';
import type { AnyLab, Lab } from './rotation-lab';
import {
  compromise,
  DAY,
  message,
  rotation,
  type Start,
  type Starts,
  settling,
  started,
  undoing,
  type VendorCase,
} from './situations';

const HOUR = 3_600_000;

export const AT_ONCE: VendorCase = { kind: 'finicity-partner-secret', behaviour: 'chosen' };
export const WITH_GRACE: VendorCase = { kind: 'finicity-partner-secret', behaviour: 'chosen+grace' };

/** An older server that ignores `immediate: false`, and the documented one. */
export const PARTNERS: readonly (readonly [string, VendorCase])[] = [
  ['the old one dies at once', AT_ONCE],
  ['the old one lives on', WITH_GRACE],
];

/** The secret as a person has stored it. @returns its version */
function stored({ world, vendor, credential }: Lab): string {
  const version = randomUUID();
  const SecretString = JSON.stringify(vendor.byHand());
  world.aws.CreateSecret({ Name: credential.secretName, ClientRequestToken: version, SecretString });
  return version;
}

/** The same, taken over, and proven by a login. */
async function taken(lab: Lab): Promise<void> {
  const { world, credential } = lab;
  const SecretId = credential.secretName;
  const version = stored(lab);
  const tags = { ...tag.credential(credential), ...tag.adopted(version, world.clock.now()), ...tag.proven(version) };
  world.aws.TagResource({ SecretId, Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) });
}

async function rotated(lab: AnyLab): Promise<void> {
  lab.world.clock.advance(31 * DAY);
  lab.due();
  const { outcome, reason } = await lab.rotate();
  if (outcome !== 'promoted') throw new Error(`not promoted: ${reason}`);
}

type Prepare = Start<AnyLab>['prepare'];

const afterChanges =
  (take: Prepare) =>
  (rotations: number, thenMs: number, also: Prepare = async () => undefined): Prepare =>
  async (lab) => {
    await take(lab);
    for (let n = 0; n < rotations; n += 1) await rotated(lab);
    lab.world.clock.advance(thenMs);
    await also(lab);
  };

/** @param take how the secret comes to be there, and proven */
export function partnerStarts(take: Prepare): Starts<AnyLab> {
  const after = afterChanges(take);
  return {
    due: { prepare: after(0, 31 * DAY), job: rotation },
    'due, AWSPREVIOUS past its grace': { prepare: after(1, 31 * DAY), job: rotation },
    compromised: { prepare: after(0, 2 * DAY, compromise), job: rotation },
    'compromised within the grace of the one before': { prepare: after(1, 2 * HOUR, compromise), job: rotation },
    young: { prepare: after(0, HOUR), job: rotation },
    'rolled back': { prepare: after(1, 31 * DAY), job: undoing },
    'rolled back, compromised within the grace of the one before': {
      prepare: after(1, 2 * HOUR, compromise),
      job: undoing,
    },
    settling: { prepare: after(1, 2 * DAY), job: settling },
    'a message: normal': { prepare: after(1, 2 * DAY), job: () => message('normal') },
    'a message: compromised': { prepare: after(1, 2 * HOUR), job: () => message('compromised') },
  };
}

const TAKEN: Pick<Start<AnyLab>, 'prepare'> = { prepare: taken };
const after = afterChanges(TAKEN.prepare);

export const PARTNER_STARTS: Starts = partnerStarts(TAKEN.prepare);

/** The secret was changed in the vendor's portal, AWSCURRENT is dead, and a person brings the one that works. */
const changedInThePortal: Start = {
  async prepare(lab) {
    await after(0, HOUR)(lab);
    const { partner } = lab.vendor;
    partner.change({
      from: lab.grantOn('AWSCURRENT') ?? '',
      to: String(partner.choose().partnerSecret),
      immediate: true,
    });
  },
  job: ({ vendor }) => importing({ partnerSecret: [...vendor.live.keys()].at(-1) }),
};

export const PARTNER_IMPORTS: Starts = {
  'imported: changed in the portal': changedInThePortal,
  'imported: the first value': {
    policy: { create: true },
    prepare: async () => undefined,
    job: ({ vendor }) => importing(vendor.byHand()),
  },
  'adopted, and due': {
    async prepare(lab) {
      stored(lab);
      lab.world.clock.advance(31 * DAY);
      lab.changeEntry({ adopt: NO_DETAILS });
    },
    job: () => ({ run: recover }),
  },
  retired: {
    async prepare(lab) {
      await after(1, 31 * DAY)(lab);
      lab.changeEntry({ retired: { deleteSecret: false } });
    },
    job: () => ({ run: recover }),
  },
};

export function partnerLab(vendor: VendorCase, start: string): Promise<Lab> {
  const from = PARTNER_STARTS[start];
  if (from === undefined) throw new Error(`no start ${start}`);
  return started(vendor, from);
}
