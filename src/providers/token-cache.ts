import type { Sensitive } from '../sensitive';
import type { Clock } from '../types';

/** A token that the vendor gave for the worker's own credentials. In this process's memory only, never in Redis. */
export interface TokenCache {
  get(): Promise<Sensitive>;
  /** Forgets a token that the vendor refused, unless another has taken its place. */
  drop(token: Sensitive): void;
  /** Forgets whatever it keeps. */
  clear(): void;
}

export interface GrantedToken {
  readonly token: Sensitive;
  /** Monotonic; undefined: good for one use. */
  readonly until: number | undefined;
}

/** Keeps a token until its end; equal concurrent requests are joined, and share a failure. */
export function makeTokenCache(clock: Pick<Clock, 'monotonic'>, request: () => Promise<GrantedToken>): TokenCache {
  let kept: GrantedToken | undefined;
  let underWay: Promise<GrantedToken> | undefined;
  const reusable = ({ until }: GrantedToken): boolean => until !== undefined && clock.monotonic() < until;

  const ask = async (): Promise<Sensitive> => {
    underWay = request();
    try {
      kept = await underWay;
      return kept.token;
    } finally {
      underWay = undefined;
    }
  };

  const get = async (): Promise<Sensitive> => {
    if (kept !== undefined && reusable(kept)) return kept.token;
    if (underWay === undefined) return ask();
    const shared = await underWay;
    return reusable(shared) ? shared.token : get(); // a token for one use belongs to whoever asked for it
  };

  return {
    get,
    drop: (token) => {
      if (kept?.token === token) kept = undefined;
    },
    clear: () => {
      kept = undefined;
    },
  };
}
