import type { Call } from './faults';

export interface LoggedCall extends Call {
  /** Arrival, by the store's clock. */
  readonly at: number;
  /** `ok`, AWS's error type, or the fault that ate the answer; absent while the call is under way. */
  outcome?: string;
}

export interface CallLog {
  /** In the order of arrival, refused and faulted ones included. */
  readonly all: readonly LoggedCall[];
  /** How often each operation was called, on the named secret only where one is given. */
  counts(secret?: string): Record<string, number>;
  begin(call: Call, at: number): LoggedCall;
  clear(): void;
}

/** Operation, name and time of every call since the last `clear`: never a value. */
export function makeCallLog(): CallLog {
  const all: LoggedCall[] = [];
  return {
    all,
    counts(secret) {
      const counts: Record<string, number> = {};
      for (const call of all)
        if (secret === undefined || call.secret === secret) counts[call.operation] = (counts[call.operation] ?? 0) + 1;
      return counts;
    },
    begin(call, at) {
      const logged: LoggedCall = { ...call, at };
      all.push(logged);
      return logged;
    },
    clear() {
      all.length = 0;
    },
  };
}
