import { RotationError } from '../errors';
import type { SweepName } from '../types';

// Whether this process can do its work. Goes out as JSON: reasons are codes and names of our own, no address and no secret.

interface Check {
  readonly ok: boolean;
  readonly reason: string;
}

export interface Readiness {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, Check>>;
}

/** What the checks ask. What throws is not ready, by the code of its error. */
export interface Asked {
  readonly stopping: () => boolean;
  readonly redis: () => Promise<void>;
  /** One call to Secrets Manager. */
  readonly store: () => Promise<void>;
  /** The sweeps without a next run, or whose next run is late. */
  readonly unscheduled: () => Promise<Readonly<Partial<Record<SweepName, 'missing' | 'late'>>>>;
}

/** So long an answer of Secrets Manager holds, so that probes cost no quota however often they come. */
const STORE_ANSWER_MS = 10_000;

export function readinessOf({ stopping, redis, store, unscheduled }: Asked): () => Promise<Readiness> {
  const rarely = remembered(store, STORE_ANSWER_MS);
  return async () => {
    const checks = {
      process: stopping() ? { ok: false, reason: 'stopping' } : { ok: true, reason: 'runs' },
      redis: await checked(redis),
      'secrets-manager': await checked(rarely),
      schedulers: await scheduled(unscheduled),
    };
    return { ready: Object.values(checks).every(({ ok }) => ok), checks };
  };
}

async function checked(ask: () => Promise<void>): Promise<Check> {
  try {
    await ask();
    return { ok: true, reason: 'answers' };
  } catch (error) {
    return { ok: false, reason: reasonOf(error) };
  }
}

async function scheduled(unscheduled: Asked['unscheduled']): Promise<Check> {
  try {
    const found = Object.entries(await unscheduled());
    if (found.length === 0) return { ok: true, reason: 'every next run is ahead' };
    return { ok: false, reason: found.map(([sweep, why]) => `${sweep} ${why}`).join(', ') };
  } catch (error) {
    return { ok: false, reason: reasonOf(error) };
  }
}

/** Of our own errors the safe words for what failed, of all others the name. */
function reasonOf(error: unknown): string {
  if (!(error instanceof RotationError)) return error instanceof Error ? error.name : 'unknown';
  const { redis, failure } = error.fields;
  return [error.code, redis ?? failure].filter((word) => word !== undefined).join(': ');
}

/** Asks once for all who ask within that time, also while the answer is under way. */
function remembered<T>(ask: () => Promise<T>, forMs: number): () => Promise<T> {
  let asked: { readonly at: number; readonly answer: Promise<T> } | undefined;
  return () => {
    const now = performance.now();
    if (asked === undefined || now - asked.at > forMs) asked = { at: now, answer: ask() };
    return asked.answer;
  };
}
