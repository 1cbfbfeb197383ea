/** Lets through, or holds whoever asks until it is opened. */
export interface Latch {
  shut(): void;
  open(): void;
  passed(): Promise<void>;
}

export function makeLatch(): Latch {
  let waiting: (() => void)[] | undefined;
  return {
    shut() {
      waiting ??= [];
    },
    open() {
      for (const go of waiting ?? []) go();
      waiting = undefined;
    },
    async passed() {
      while (waiting !== undefined) await new Promise<void>((go) => waiting?.push(go));
    },
  };
}
