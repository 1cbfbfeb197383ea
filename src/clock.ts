import { setTimeout as pause } from 'node:timers/promises';
import type { Clock, Instant } from './types';

export interface AwsClock extends Clock {
  /**
   * Learns from one answer of AWS: its `Date` header names a second, and the answer was written between sending and
   * receipt. The offset stays as it is while it fits that, so that it does not move with every answer.
   */
  learn(dateHeader: string | undefined, sentAt: Instant, receivedAt: Instant): void;
}

/** Now is AWS's now: the host's clock plus the offset learned from Secrets Manager's answers. */
export function awsClock(host: () => Instant = Date.now): AwsClock {
  let offset = 0;
  return {
    now: () => host() + offset,
    monotonic: () => performance.now(),
    sleep: async (ms) => {
      await pause(ms);
    },
    learn(dateHeader, sentAt, receivedAt) {
      const second = Date.parse(dateHeader ?? '');
      if (Number.isNaN(second)) return;
      offset = Math.min(Math.max(offset, second - receivedAt), second + 1000 - sentAt);
    },
  };
}
