import type { Queue } from 'bullmq';

const HOUR_S = 3_600;

/** How many finished jobs stay, and how long: Redis does not grow with time. BullMQ looks only when a job finishes. */
export const KEEP_COMPLETED = { count: 1_000, age: 24 * HOUR_S };
export const KEEP_FAILED = { count: 1_000, age: 7 * 24 * HOUR_S };
/** The stream of a queue's events; BullMQ keeps ten times as many, for every account. */
export const KEEP_EVENTS = 1_000;

/**
 * Removes finished jobs beyond those limits. Needed where strangers enqueue: a sender's own `removeOnComplete: false`
 * goes before the worker's setting.
 */
export async function removeFinished(queue: Queue): Promise<void> {
  for (const [state, keep] of [
    ['completed', KEEP_COMPLETED],
    ['failed', KEEP_FAILED],
  ] as const) {
    const counts = await queue.getJobCounts(state);
    const surplus = (counts[state] ?? 0) - keep.count;
    // The oldest go first; a limit of 0 would mean all.
    if (surplus > 0) await queue.clean(0, surplus, state);
    await queue.clean(keep.age * 1_000, 1_000, state);
  }
}
