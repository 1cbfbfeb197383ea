import type { Operation } from './inputs';

/** Calls per second of one pool of operations, over the whole account and Region. */
export interface Quota {
  readonly perSecond: number;
  readonly operations: readonly Operation[];
}

/** https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html; not adjustable at AWS. */
export const AWS_QUOTAS = {
  writes: { perSecond: 50, operations: ['PutSecretValue', 'UpdateSecret', 'UpdateSecretVersionStage'] },
  list: { perSecond: 100, operations: ['ListSecrets'] },
  tags: { perSecond: 50, operations: ['TagResource', 'UntagResource'] },
} as const satisfies Record<string, Quota>;

export interface Quotas {
  /** Takes one call from its pool: false when it is over the rate. Operations without pool always pass. */
  admit(operation: string): boolean;
}

/**
 * A token bucket per pool that holds one second's worth: how deep AWS's buckets are is not documented. `monotonicMs` is not the store's
 * clock, which a test may stop.
 */
export function makeQuotas(quotas: Readonly<Record<string, Quota>>, monotonicMs: () => number): Quotas {
  const buckets = Object.values(quotas).map(({ perSecond, operations }) => ({
    operations: new Set<string>(operations),
    take: makeBucket(perSecond, monotonicMs),
  }));
  return { admit: (operation) => buckets.find(({ operations }) => operations.has(operation))?.take() ?? true };
}

function makeBucket(perSecond: number, monotonicMs: () => number): () => boolean {
  let tokens = perSecond;
  let filledAt = monotonicMs();
  return () => {
    const now = monotonicMs();
    tokens = Math.min(perSecond, tokens + ((now - filledAt) / 1000) * perSecond);
    filledAt = now;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}
