import { type AwsClock, awsClock } from '../../src/clock';
import type { LabClock } from './virtual-clock';

const TIMERS = [
  ...(['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate'] as const),
  ...(['nextTick', 'queueMicrotask', 'hrtime'] as const),
];

const START = Date.parse('2026-11-21T12:00:00Z');

export interface LiveClock extends AwsClock, LabClock {
  /** The date is what it was at first: years of tests would come to the end of what a version id can say. */
  restart(): void;
}

/**
 * The time of this process is virtual from now on, for the workers, the SDK and the sandbox alike: it passes when somebody waits by the
 * clock. Timers are real, so that a time-out of a socket is one.
 */
export function liveClock(): LiveClock {
  jest.useFakeTimers({ doNotFake: [...TIMERS], now: START });
  const advance = (ms: number): void => jest.advanceTimersByTime(ms);
  return { ...awsClock(), sleep: async (ms) => advance(ms), advance, restart: () => void jest.setSystemTime(START) };
}
