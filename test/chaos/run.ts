import type { Sender } from '../support/sender';
import type { Crew } from './crew';
import type { OwnSandbox } from './own-sandbox';
import type { Person } from './person';
import type { ChaosRedis } from './redis-lane';
import type { Sent } from './sending';
import type { Lane } from './timeline';

/** One event as it came about: host's time. */
export interface Happened {
  readonly lane: Lane;
  readonly what: string;
  readonly from: number;
  readonly to: number;
}

/** Who and what takes part in a run, and what has happened so far. */
export interface Run {
  readonly sandbox: OwnSandbox;
  readonly redis: ChaosRedis;
  readonly sender: Sender;
  readonly person: Person;
  readonly crew: Crew;
  /** How long anything may take once all is quiet. */
  readonly quietMs: number;
  readonly happened: Happened[];
  readonly sent: Sent[];
}
