import { RotationError } from '../../src/errors';
import { type Gate, promotes, verb } from './gates';
import { grantOf } from './memory-vendor';
import type { Lab } from './rotation-lab';

/** Failing with one of our errors is allowed: the job comes back. */
export const tolerated = <T>(work: Promise<T>): Promise<T | undefined> =>
  work.catch((error: unknown) => {
    if (error instanceof RotationError && error.code !== 'invariant') return undefined;
    throw error;
  });

/** Tells of every promotion that takes effect, just before it does. */
export function onPromotion(lab: Lab, tell: (from: string, to: string) => void): void {
  const before = lab.world.onCall;
  lab.world.onCall = (effect) => {
    if (promotes(effect)) {
      const { RemoveFromVersionId: from, MoveToVersionId: to } = Object(effect.input);
      tell(String(from), String(to));
    }
    before(effect);
  };
}

/** How many promotions have taken effect since. */
export function promotionsOf(lab: Lab): () => number {
  let count = 0;
  onPromotion(lab, () => {
    count += 1;
  });
  return () => count;
}

export interface Calls {
  /** A gate that notes what passes it. */
  through(gate: Gate): Gate;
  /** Calls that issue, or renew. */
  count(): number;
  /** Grants that were issued, for as long as their worker was alive to hear of it. */
  readonly grants: readonly string[];
}

export function callsTo({ credential: { kind } }: Lab): Calls {
  let count = 0;
  const grants: string[] = [];
  return {
    through: (gate) => async (effect, perform) => {
      const issues = verb('issue')(effect);
      if (issues || verb('renew')(effect)) count += 1;
      const answer = await gate(effect, perform);
      if (issues) grants.push(grantOf(kind, Object(answer)));
      return answer;
    },
    count: () => count,
    grants,
  };
}

/** What was never stored of theirs people delete again. */
export function discardUnstored({ vendor, world, grantOf }: Lab): void {
  const held = world.aws.secrets().flatMap(({ versions }) => [...versions.keys()].map(grantOf));
  for (const [grant, by] of vendor.live) if (by === 'person' && !held.includes(grant)) vendor.ends(grant);
}
