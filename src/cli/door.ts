import type { Opening } from './workplace';

/** What every command is given. */
export interface Door {
  readonly opening: () => Opening;
  /** Takes the exit code that the command comes to. */
  readonly end: (code: Promise<number>) => Promise<void>;
}
