import { judgeRequest } from '../../src/request';
import type { Outcome } from '../../src/rotation-context';
import type { Kind, Policy } from '../../src/types';
import type { Gate } from './gates';
import type { Behaviour } from './memory-vendor';
import { type AnyLab, type Lab, rotationLab } from './rotation-lab';

const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

export interface VendorCase {
  readonly kind: Kind;
  readonly behaviour: Behaviour;
  readonly policy?: Partial<Policy>;
}

/** The kinds, with every behaviour that is possible at their vendors. */
export const VENDORS: readonly (readonly [string, VendorCase])[] = [
  ['Flinks Outbound', { kind: 'flinks-outbound-recipient', behaviour: 'in-place' }],
  ['Flinks Outbound, old one lives on', { kind: 'flinks-outbound-recipient', behaviour: 'overlap' }],
  ['Finicity', { kind: 'finicity-access-key', behaviour: 'overlap' }],
  ['Finicity, extended', { kind: 'finicity-access-key', behaviour: 'overlap', policy: { renewal: 'extend' } }],
  ['AuthSecrets, both live', { kind: 'flinks-auth-secret', behaviour: 'overlap' }],
  ['AuthSecrets, the same again', { kind: 'flinks-auth-secret', behaviour: 'same' }],
  ['AuthSecrets, replaced', { kind: 'flinks-auth-secret', behaviour: 'replace' }],
  [
    'AuthSecrets, never issued again by itself',
    { kind: 'flinks-auth-secret', behaviour: 'overlap', policy: { reissueAfterUnknown: false } },
  ],
];

/** A situation that is reached without faults, and the one job that is then watched. */
export interface Start<L extends AnyLab = AnyLab> {
  prepare(lab: L): Promise<void>;
  job(lab: L, gate: Gate): Promise<Outcome>;
}

async function rotated(lab: AnyLab, times: number): Promise<void> {
  for (let n = 0; n < times; n += 1) {
    if (n > 0) lab.world.clock.advance(31 * DAY);
    lab.due();
    const { outcome, reason } = await lab.rotate();
    if (outcome !== 'promoted') throw new Error(`not promoted: ${reason}`);
  }
}

export async function compromise(lab: AnyLab): Promise<void> {
  const request = { action: 'rotate', urgency: 'compromised' } as const;
  const verdict = await judgeRequest({ ...lab.context(), pin: async () => undefined }, lab.credential, request);
  if (verdict.outcome !== 'accepted') throw new Error(`not accepted: ${verdict.reason}`);
  lab.due();
}

/** After so many rotations and so much time; the job is a rotation, of a version that is due. */
const afterRotations = (
  times: number,
  thenMs: number,
  also: (lab: AnyLab) => Promise<void> = async () => undefined,
): Start => ({
  async prepare(lab) {
    await rotated(lab, times);
    lab.world.clock.advance(thenMs);
    await also(lab);
  },
  job(lab, gate) {
    lab.due();
    return lab.rotate({}, gate);
  },
});

/** What is current is undone; only where the kind can. */
export const ROLLBACKS: Readonly<Record<string, Start>> = {
  'within the grace of the one before': afterMistake(2 * HOUR),
  'when its grace is over': afterMistake(2 * DAY),
  'after the one before was revoked': afterMistake(2 * DAY, async (lab) => void (await lab.settle())),
};

/** A young value was replaced on demand, and some time later that is undone. */
function afterMistake(thenMs: number, also: (lab: AnyLab) => Promise<void> = async () => undefined): Start {
  return {
    async prepare(lab) {
      await rotated(lab, 1);
      lab.world.clock.advance(2 * HOUR);
      lab.due();
      await lab.rotate({ wish: 'normal' });
      lab.world.clock.advance(thenMs);
      await also(lab);
    },
    job: (lab, gate) => lab.rollback(gate),
  };
}

export const STARTS: Readonly<Record<string, Start>> = {
  'a new secret': { prepare: async () => undefined, job: (lab, gate) => lab.rotate({}, gate) },
  'an empty secret': {
    prepare: async ({ world, credential }) =>
      void world.aws.CreateSecret({
        Name: credential.secretName,
        ClientRequestToken: 'a-token-that-somebody-else-has-chosen',
      }),
    job: (lab, gate) => lab.rotate({}, gate),
  },
  due: afterRotations(1, 31 * DAY),
  'due, AWSPREVIOUS past its grace': afterRotations(2, 31 * DAY),
  compromised: afterRotations(2, 2 * DAY, compromise),
  'compromised within the grace of the one before': afterRotations(2, 2 * HOUR, compromise),
  'on demand': {
    prepare: afterRotations(1, 2 * HOUR).prepare,
    job(lab, gate) {
      lab.due();
      return lab.rotate({ wish: 'normal' }, gate);
    },
  },
  settling: { prepare: afterRotations(2, 2 * DAY).prepare, job: (lab, gate) => lab.settle({}, gate) },
};

export async function started({ kind, behaviour, policy = {} }: VendorCase, start: Start<Lab>): Promise<Lab> {
  const lab = rotationLab({ kind, behaviour, policy });
  await start.prepare(lab);
  return lab;
}
