import { RotationError } from '../../src/errors';
import { type Gate, promotes, verb } from './gates';
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

export interface IssueCount {
  /** A gate that counts what passes it. */
  through(gate: Gate): Gate;
  calls(): number;
}

/** Counts the calls that issue, or renew. */
export function issueCount(): IssueCount {
  let count = 0;
  return {
    through: (gate) => (effect, perform) => {
      if (verb('issue')(effect) || verb('renew')(effect)) count += 1;
      return gate(effect, perform);
    },
    calls: () => count,
  };
}

/** What was never stored of theirs people delete again. */
export function discardUnstored({ vendor, world, grantOf }: Lab): void {
  const held = world.aws.secrets().flatMap(({ versions }) => [...versions.keys()].map(grantOf));
  for (const [grant, by] of vendor.live) if (by === 'person' && !held.includes(grant)) vendor.ends(grant);
}
