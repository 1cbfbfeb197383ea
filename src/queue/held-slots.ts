interface Slots {
  readonly renewEveryMs: number;
  hold(name: string, token: string): Promise<void>;
  release(name: string, token: string): Promise<void>;
}

/** Nothing holds a slot longer: one that was never given back is a bug, and must not take the place for good. */
const LONGEST_MS = 600_000;

/** Says every few seconds which slots this process holds: a killed one gives its places back, an emptied Redis learns them. */
export function createHeldSlots(slots: Slots): { keep(name: string, token: string): () => Promise<void> } {
  const held = new Map<string, { readonly name: string; readonly until: number }>();
  let timer: NodeJS.Timeout | undefined;

  const renew = () => {
    for (const [token, { name, until }] of held) {
      if (performance.now() > until) held.delete(token);
      // Redis away: the next turn says it again.
      else slots.hold(name, token).catch(() => {});
    }
  };
  const stopWhenIdle = () => {
    if (held.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };

  return {
    keep(name, token) {
      held.set(token, { name, until: performance.now() + LONGEST_MS });
      timer ??= setInterval(renew, slots.renewEveryMs).unref();
      return async () => {
        held.delete(token);
        stopWhenIdle();
        // Redis away: the slot ends by itself.
        await slots.release(name, token).catch(() => {});
      };
    },
  };
}
