import { setTimeout as sleep } from 'node:timers/promises';

interface UntilOptions {
  withinMs: number;
  everyMs?: number;
  /** What is waited for, in the words of the error if it does not happen. */
  what?: () => string;
}

type Truthy<T> = Exclude<T, false | 0 | '' | null | undefined>;

/**
 * Waits until the condition gives something truthy, and gives that. Tests wait for what they need by this and never
 * sleep: a sleep is too short on a busy machine and too long on all others. A condition that throws is asked again.
 */
export async function until<T>(condition: () => T | Promise<T>, options: UntilOptions): Promise<Truthy<T>> {
  const { withinMs, everyMs = 20, what = () => condition.toString() } = options;
  const deadline = performance.now() + withinMs;
  for (;;) {
    const { value, error } = await attempt(condition);
    if (value !== undefined) return value;
    if (performance.now() > deadline) throw new Error(`Not within ${withinMs} ms: ${what()}`, { cause: error });
    await sleep(everyMs);
  }
}

async function attempt<T>(condition: () => T | Promise<T>): Promise<{ value?: Truthy<T>; error?: unknown }> {
  try {
    const value = await condition();
    return value ? { value: value as Truthy<T> } : {};
  } catch (error) {
    return { error };
  }
}
