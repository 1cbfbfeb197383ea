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

/** The kinds that are issued, with every behaviour that is possible at their vendors. */
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

/** One job, as its queue or a person gives it to whoever comes; in whichever copy of the lab. */
export interface Job<L extends AnyLab = Lab> {
  run(lab: L, gate: Gate): Promise<unknown>;
  /** What a person goes on with until they have what they want, whatever it has come to. */
  finish?(lab: L): Promise<void>;
  /** What must be so besides, where nothing but one crash has happened. @returns what is not */
  holds?(lab: L): readonly string[];
}

/** A situation that is reached without faults, and the one job that is then watched. */
export interface Start<L extends AnyLab = Lab> {
  readonly policy?: Partial<Policy>;
  prepare(lab: L): Promise<void>;
  job(lab: L): Job<L>;
}

export type Starts<L extends AnyLab = Lab> = Readonly<Record<string, Start<L>>>;

/** A rotation of what is current now, which is due. */
export function rotation(lab: AnyLab, wish: 'none' | 'normal' = 'none'): Job<AnyLab> {
  const version = lab.due();
  return { run: (at, gate) => at.rotate({ version, wish }, gate) };
}

/** What is current now is undone. */
export function undoing(lab: AnyLab): Job<AnyLab> {
  const version = lab.currentName();
  return { run: (at, gate) => at.rollback(gate, version) };
}

export const settling = (): Job<AnyLab> => ({ run: (at, gate) => at.settle({}, gate) });

/** A message, and the job that it asks for. */
export function message(urgency: 'normal' | 'compromised'): Job<AnyLab> {
  const job: Job<AnyLab> = {
    async run(lab, gate) {
      const pinned = lab.pins.get(job);
      const concerned = pinned === undefined ? {} : { version: pinned };
      const verdict = await lab.request({ action: 'rotate', urgency, ...concerned }, gate, (version) => {
        lab.pins.set(job, version);
        lab.mayBeReplaced.add(version);
      });
      if (verdict.outcome === 'accepted') await lab.rotate({ version: verdict.version, wish: urgency }, gate);
    },
  };
  return job;
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
  const verdict = await lab.request({ action: 'rotate', urgency: 'compromised' });
  if (verdict.outcome !== 'accepted') throw new Error(`not accepted: ${verdict.reason}`);
  lab.due();
}

/** After so many rotations and so much time. */
const afterRotations =
  (times: number, thenMs: number, also: (lab: AnyLab) => Promise<void> = async () => undefined) =>
  async (lab: AnyLab): Promise<void> => {
    await rotated(lab, times);
    lab.world.clock.advance(thenMs);
    await also(lab);
  };

/** What is current is undone; only where the kind can. */
export const ROLLBACKS: Starts<AnyLab> = {
  'within the grace of the one before': afterMistake(2 * HOUR),
  'when its grace is over': afterMistake(2 * DAY),
  'after the one before was revoked': afterMistake(2 * DAY, async (lab) => void (await lab.settle())),
};

/** A young value was replaced on demand, and some time later that is undone. */
function afterMistake(thenMs: number, also: (lab: AnyLab) => Promise<void> = async () => undefined): Start<AnyLab> {
  return {
    async prepare(lab) {
      await rotated(lab, 1);
      lab.world.clock.advance(2 * HOUR);
      lab.due();
      await lab.rotate({ wish: 'normal' });
      lab.world.clock.advance(thenMs);
      await also(lab);
    },
    job: undoing,
  };
}

export const STARTS: Starts<AnyLab> = {
  'a new secret': { prepare: async () => undefined, job: rotation },
  'an empty secret': {
    prepare: async ({ world, credential }) =>
      void world.aws.CreateSecret({
        Name: credential.secretName,
        ClientRequestToken: 'a-token-that-somebody-else-has-chosen',
      }),
    job: rotation,
  },
  due: { prepare: afterRotations(1, 31 * DAY), job: rotation },
  'due, AWSPREVIOUS past its grace': { prepare: afterRotations(2, 31 * DAY), job: rotation },
  compromised: { prepare: afterRotations(2, 2 * DAY, compromise), job: rotation },
  'compromised within the grace of the one before': {
    prepare: afterRotations(2, 2 * HOUR, compromise),
    job: rotation,
  },
  'on demand': { prepare: afterRotations(1, 2 * HOUR), job: (lab) => rotation(lab, 'normal') },
  settling: { prepare: afterRotations(2, 2 * DAY), job: settling },
};

/** What a message asks for, from its receipt on. */
export const MESSAGES: Starts<AnyLab> = {
  'a message: normal': { prepare: afterRotations(1, 2 * HOUR), job: () => message('normal') },
  'a message: compromised': { prepare: afterRotations(2, 2 * DAY), job: () => message('compromised') },
  'a message: compromised, within the grace of the one before': {
    prepare: afterRotations(2, 2 * HOUR),
    job: () => message('compromised'),
  },
};

export async function started({ kind, behaviour, policy = {} }: VendorCase, start: Start): Promise<Lab> {
  const lab = rotationLab({ kind, behaviour, policy: { ...policy, ...start.policy } });
  await start.prepare(lab);
  return lab;
}
