export interface Loop {
  start(): void;
  /** Waits for the turn that is under way; none follows. */
  stop(): Promise<void>;
}

/** Runs an action now and then again and again, each so long after the end of the one before, whatever becomes of it. */
export function createLoop(action: () => Promise<void>, pauseMs: number, onError: (error: unknown) => void): Loop {
  let timer: NodeJS.Timeout | undefined;
  let underWay = Promise.resolve();
  let stopped = false;
  const turn = () => {
    underWay = action()
      .catch(onError)
      .then(() => {
        if (!stopped) timer = setTimeout(turn, pauseMs);
      });
  };
  return {
    start: turn,
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await underWay;
    },
  };
}
