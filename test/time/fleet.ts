import type { Manifest } from '../../src/manifest';
import type { Instant } from '../../src/types';
import type { Company } from './company';
import type { Random } from './random';
import type { Replica } from './replica';

/** What is done to the fleet at a time, besides what it does itself. */
export interface Disturbance {
  readonly at: Instant;
  run(fleet: Fleet): void | Promise<void>;
}

export interface SeenDue {
  readonly credential: string;
  readonly version: string;
  readonly from: Instant;
  readonly at: Instant;
  readonly seenAt: Instant;
}

/** Something did not answer, or nobody was there. */
export interface Outage {
  /** `workers`, `store`, an account, or one credential, by `credential` and its id. */
  readonly what: string;
  readonly from: Instant;
  readonly to: Instant;
}

export interface Fleet {
  readonly company: Company;
  readonly random: Random;
  readonly outages: Outage[];
  readonly alive: Replica[];
  /** Sweeps that were run, of those the ones over the whole list. */
  readonly ran: { sweeps: number; whole: number; jobs: number; kills: number; starts: number; checkedSweeps: number };
  /** When credentials fall due by policy, as processes saw it that had just started, and those beside them. */
  readonly dues: SeenDue[];
  /** What went wrong on the way. */
  readonly broken: string[];
  now(): Instant;
  start(skewMs: number): Promise<void>;
  /** At once, or with its next job in the midst of it. */
  kill(replica: Replica, inItsJob: boolean): void;
  emptyRedis(): void;
  later(ms: number, run: Disturbance['run']): void;
}

export interface Setting {
  readonly manifest: Manifest;
  readonly start: Instant;
  readonly end: Instant;
  readonly random: Random;
  /** How far the clock of each host is ahead. */
  readonly skewsMs: readonly number[];
  readonly disturbances: (fleet: Fleet) => readonly Disturbance[];
  /** Asked with what nobody has to do: a sweep that is skipped is run all the same, that often. */
  readonly checkEveryMs: number;
}

/** How far the clock is ahead that is furthest ahead: whoever has it takes first what is due by the host's clock. */
export const furthestAhead = ({ alive }: Pick<Fleet, 'alive'>): number =>
  Math.max(...alive.map(({ skewMs }) => skewMs));
