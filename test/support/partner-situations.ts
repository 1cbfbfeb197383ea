import { randomUUID } from 'node:crypto';
import { tag } from '../../src/rotation-tags';
import { type AnyLab, type Lab, rotationLab } from './rotation-lab';
import { compromise, DAY, type Start, type VendorCase } from './situations';

const HOUR = 3_600_000;

export const AT_ONCE: VendorCase = { kind: 'finicity-partner-secret', behaviour: 'chosen' };
export const WITH_GRACE: VendorCase = { kind: 'finicity-partner-secret', behaviour: 'chosen+grace' };

/** An older server that ignores `immediate: false`, and the documented one. */
export const PARTNERS: readonly (readonly [string, VendorCase])[] = [
  ['the old one dies at once', AT_ONCE],
  ['the old one lives on', WITH_GRACE],
];

/** The secret as a person has stored it, taken over, and proven by a login. */
async function taken(lab: Lab): Promise<void> {
  const { world, vendor, credential } = lab;
  const SecretId = credential.secretName;
  const version = randomUUID();
  const SecretString = JSON.stringify(vendor.byHand());
  world.aws.CreateSecret({ Name: SecretId, ClientRequestToken: version, SecretString });
  const tags = { ...tag.credential(credential), ...tag.adopted(version, world.clock.now()), ...tag.proven(version) };
  world.aws.TagResource({ SecretId, Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) });
}

async function rotated(lab: AnyLab): Promise<void> {
  lab.world.clock.advance(31 * DAY);
  lab.due();
  const { outcome, reason } = await lab.rotate();
  if (outcome !== 'promoted') throw new Error(`not promoted: ${reason}`);
}

/** @param take how the secret comes to be there, and proven */
export function partnerStarts<L extends AnyLab>(take: (lab: L) => Promise<void>): Readonly<Record<string, Start<L>>> {
  const after = (
    rotations: number,
    thenMs: number,
    also: (lab: L) => Promise<void> = async () => undefined,
  ): Start<L> => ({
    async prepare(lab) {
      await take(lab);
      for (let n = 0; n < rotations; n += 1) await rotated(lab);
      lab.world.clock.advance(thenMs);
      await also(lab);
    },
    job(lab, gate) {
      lab.due();
      return lab.rotate({}, gate);
    },
  });
  return {
    due: after(0, 31 * DAY),
    'due, AWSPREVIOUS past its grace': after(1, 31 * DAY),
    compromised: after(0, 2 * DAY, compromise),
    'compromised within the grace of the one before': after(1, 2 * HOUR, compromise),
    young: after(0, HOUR),
    'rolled back': { prepare: after(1, 31 * DAY).prepare, job: (lab, gate) => lab.rollback(gate) },
    'rolled back, compromised within the grace of the one before': {
      prepare: after(1, 2 * HOUR, compromise).prepare,
      job: (lab, gate) => lab.rollback(gate),
    },
    settling: { prepare: after(1, 2 * DAY).prepare, job: (lab, gate) => lab.settle({}, gate) },
  };
}

export const PARTNER_STARTS = partnerStarts(taken);

export async function partnerLab({ kind, behaviour, policy = {} }: VendorCase, start: string): Promise<Lab> {
  const from = PARTNER_STARTS[start];
  if (from === undefined) throw new Error(`no start ${start}`);
  const lab = rotationLab({ kind, behaviour, policy });
  await from.prepare(lab);
  return lab;
}
