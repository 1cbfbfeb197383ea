import { LockHeldError, ProviderAuthError, ProviderUnavailableError, RotationError } from '../../src/errors';
import { type Outcome, PACE } from '../../src/rotation-context';
import type { Observation } from '../../src/secret-store';
import { listFleet } from '../../src/secrets-manager/fleet';
import { type Due, type SweepDeps, type SweepPlan, sweep } from '../../src/sweep';
import { KINDS, VENDOR_OF } from '../../src/types';
import { type Gate, open } from './gates';
import type { AnyLab } from './rotation-lab';
import { TRAITS } from './traits';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const MOST_ROUNDS = 60;

const PLANS: readonly SweepPlan[] = [
  { name: 'regenerate-outbound-secrets', kinds: KINDS, does: 'rotate' },
  { name: 'revoke-stale-flinks-permissions', kinds: KINDS, does: 'revoke' },
];

type Ends = (job: Promise<Outcome>) => Promise<Outcome>;

/** Everything has died; sweeps run, and the jobs that they find, until nothing changes any more. */
export async function recover(lab: AnyLab, gate: Gate = open, ends: Ends = (job) => job): Promise<void> {
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const before = lab.changes;
    const waits = await oneRound(lab, gate, ends);
    if (lab.changes === before && waits === undefined) return;
    lab.world.clock.advance(waits ?? MINUTE);
  }
  lab.broken.push('P4 recovery does not end');
}

/** @returns how long a job said that it waits */
async function oneRound(lab: AnyLab, gate: Gate, ends: Ends): Promise<number | undefined> {
  const waits: number[] = [];
  const fleet = listedOnce(lab);
  for (const plan of PLANS) {
    for (const due of await found(lab, plan, fleet)) {
      lab.world.clock.advance(due.delayMs);
      const { outcome, retryAt } = await ends(run(lab, due, gate));
      const wait = (retryAt ?? 0) - lab.world.clock.now();
      if (outcome === 'waits' && wait > 0 && wait <= HOUR) waits.push(wait);
    }
  }
  return waits.length === 0 ? undefined : Math.min(...waits);
}

/** One list for both sweeps, as long as nobody has called anything since. */
function listedOnce({ world }: AnyLab): SweepDeps['fleet'] {
  const { calls } = world;
  let list: { readonly at: number; readonly seen: readonly Observation[] } | undefined;
  return async function* () {
    if (list?.at !== calls.length) {
      const seen: Observation[] = [];
      for await (const one of listFleet(world.client(), world.clock)) seen.push(one);
      list = { at: calls.length, seen };
    }
    yield* list.seen;
  };
}

const found = ({ credential, world }: AnyLab, plan: SweepPlan, fleet: SweepDeps['fleet']): Promise<readonly Due[]> =>
  sweep(plan, {
    credentials: [credential],
    traitsOf: ({ kind }) => TRAITS[kind],
    providerTimeoutMs: () => PACE.providerTimeoutMs,
    fleet,
    store: world.store(),
    clock: world.clock,
    log: { info: () => undefined, warn: () => undefined, alarm: () => undefined },
    spreadMs: 0,
    ...{ createShare: 1, revokeShare: 1, revokeAtLeast: 10 },
    reported: new Map(),
    look: async () => undefined,
    onObserved: async () => undefined,
  });

/** As they run while a vendor errs: a job that fails is tried again, by its queue or a sweep. */
export const failing =
  ({ world }: AnyLab): Ends =>
  (job) =>
    job.catch((error: unknown) => {
      if (!(error instanceof RotationError) || error.code === 'invariant') throw error;
      return { outcome: 'waits', reason: error.code, retryAt: world.clock.now() + MINUTE };
    });

function run(lab: AnyLab, { does, version }: Due, gate: Gate): Promise<Outcome> {
  if (does === 'revoke') return lab.settle({ version }, gate).catch(whileOthersLogIn(lab));
  if (version !== 'none') allow(lab, version);
  return lab.rotate({ version, wish: 'none' }, gate).catch(whileOthersLogIn(lab));
}

/** At Finicity a login is under way, or counts as refused by now. The queue comes back to it, or a sweep. */
const whileOthersLogIn =
  ({ credential, world }: AnyLab) =>
  (error: unknown): Outcome => {
    const isLogin = [ProviderAuthError, LockHeldError, ProviderUnavailableError].some((one) => error instanceof one);
    if (VENDOR_OF[credential.kind] !== 'finicity' || !isLogin || !(error instanceof RotationError)) throw error;
    return {
      outcome: 'waits',
      reason: error.code,
      ...(error.retryable ? { retryAt: world.clock.now() + MINUTE } : {}),
    };
  };

/** A sweep names only what is due: policy decides again in the job, so naming allows nothing that policy does not. */
function allow(lab: AnyLab, version: string): void {
  const born = Number.parseInt(version.slice(0, 12), 16);
  const { adopted, compromised, retired } = lab.tags();
  const since = adopted?.version === version ? adopted.createdAt : born;
  const aged = lab.world.clock.now() - since >= 27 * 24 * HOUR;
  const dead = retired?.version === version && !retired.unused;
  if (aged || dead || compromised.has(version)) lab.mayBeReplaced.add(version);
}
