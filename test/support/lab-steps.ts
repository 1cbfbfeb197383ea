import type { Attempt } from '../../src/giving-up';
import { type Effect, faulty, holding, verb } from './gates';
import type { Lab } from './rotation-lab';
import { STARTS, started, type VendorCase } from './situations';

// Steps that tests of single situations are written in.

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export const OUTBOUND: VendorCase = { kind: 'flinks-outbound-recipient', behaviour: 'in-place' };
export const FINICITY: VendorCase = { kind: 'finicity-access-key', behaviour: 'overlap' };
export const AUTH: VendorCase = { kind: 'flinks-auth-secret', behaviour: 'overlap' };
export const SAME: VendorCase = { kind: 'flinks-auth-secret', behaviour: 'same' };

/** A lab in the situation of that name. */
export function at(vendor: VendorCase, start: string): Promise<Lab> {
  const from = STARTS[start];
  if (from === undefined) throw new Error(`no start ${start}`);
  return started(vendor, from);
}

/** So many attempts that the vendor refuses, each begun when the one before lets it. */
export async function refusedTimes(lab: Lab, times: number): Promise<void> {
  const refuses = faulty((effect) => (verb('issue')(effect) ? 'refused' : undefined));
  for (let n = 0; n < times; n += 1) {
    lab.due();
    const { retryAt } = await lab.rotate({}, refuses);
    lab.world.clock.advance((retryAt ?? 0) - lab.world.clock.now());
  }
}

/** A worker that dies as it comes to the first effect of this kind. */
export async function diesBefore(
  lab: Lab,
  applies: (effect: Effect) => boolean,
  wish: 'none' | 'normal' = 'none',
): Promise<void> {
  const { gate, held } = holding(applies);
  const version = lab.due();
  await Promise.race([held, lab.rotate({ version, wish }, gate)]);
}

/** The attempt that the intent under AWSPENDING announces. */
export async function announced(lab: Lab): Promise<Attempt> {
  const id = lab.holder('AWSPENDING') ?? '';
  const content = await lab.world.store().read(lab.credential, id);
  if (content?.is !== 'intent') throw new Error('AWSPENDING is on no intent');
  return { ...content, id };
}

/** A worker that waits as it comes to the first effect of this kind. */
export async function waitingAt(lab: Lab, applies: (effect: Effect) => boolean) {
  const { gate, held, release } = holding(applies);
  const version = lab.due();
  const ended = lab.rotate({ version }, gate);
  await Promise.race([held, ended]);
  return {
    goOn() {
      release();
      return ended;
    },
  };
}

export const grants = ({ vendor: { live } }: Lab): string[] => [...live.keys()];
