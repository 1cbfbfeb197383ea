/** Timers that the sandbox owns: none outlives it, and a reset of all state forgets them. */
export interface Later {
  /** Runs `act` after `ms` of real time. */
  run(ms: number, act: () => void): void;
  /** Resolves after `ms` of real time, or at once when everything is cancelled. */
  wait(ms: number): Promise<void>;
  /** What is to come later comes now. */
  runAll(): void;
  cancelAll(): void;
}

export function makeLater(): Later {
  const pending = new Map<NodeJS.Timeout, { readonly act: () => void; readonly onCancel: () => void }>();
  const schedule = (ms: number, act: () => void, onCancel: () => void): void => {
    const timer = setTimeout(() => {
      pending.delete(timer);
      act();
    }, ms);
    pending.set(timer, { act, onCancel });
  };
  return {
    run: (ms, act) => schedule(ms, act, () => undefined),
    wait: (ms) => new Promise((resolve) => schedule(ms, resolve, resolve)),
    runAll: () => {
      const due = [...pending];
      pending.clear();
      for (const [timer, { act }] of due) {
        clearTimeout(timer);
        act();
      }
    },
    cancelAll: () => {
      for (const [timer, { onCancel }] of pending) {
        clearTimeout(timer);
        onCancel();
      }
      pending.clear();
    },
  };
}
