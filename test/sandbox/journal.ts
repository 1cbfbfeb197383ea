import { type Operation, perOperation, type Vendor } from './vendor-facts/operations';

/** A request in which the client departed from the vendor's pages. */
export interface Deviation {
  readonly vendor: Vendor;
  readonly method: string;
  readonly path: string;
  readonly deviations: readonly string[];
}

/** One request as it went by: what it was and what became of it. */
export interface SeenRequest {
  readonly at: string;
  readonly vendor: Vendor;
  readonly operation: Operation | null;
  readonly method: string;
  readonly path: string;
  readonly fault: string | null;
  /** The status that was sent, or `reset`. */
  readonly outcome: number | 'reset';
}

export interface Counters {
  /** Requests that arrived, by operation. */
  readonly calls: Readonly<Record<Operation, number>>;
  /** Requests that took effect (the vendor itself answered 2xx), whatever the client saw of it. */
  readonly effects: Readonly<Record<Operation, number>>;
  /** Refused logins by account or client id, of Flinks Outbound's token route and of Finicity's two login routes. */
  readonly loginsFailed: Readonly<Record<string, number>>;
}

const KEPT_REQUESTS = 10_000;

/** What the stand-ins write down about the requests they get. */
export interface Journal {
  arrived(operation: Operation): void;
  tookEffect(operation: Operation): void;
  loginFailed(account: string): void;
  deviated(deviation: Deviation): void;
  seen(request: SeenRequest): void;
  counters(): Counters;
  deviations(): readonly Deviation[];
  requests(): readonly SeenRequest[];
  clearDeviations(): void;
  clear(): void;
}

const zeros = (): Record<Operation, number> => perOperation(() => 0);

export function makeJournal(): Journal {
  let calls = zeros();
  let effects = zeros();
  let loginsFailed: Record<string, number> = {};
  let deviations: Deviation[] = [];
  let requests: SeenRequest[] = [];
  return {
    arrived: (operation) => {
      calls[operation] += 1;
    },
    tookEffect: (operation) => {
      effects[operation] += 1;
    },
    loginFailed: (account) => {
      loginsFailed[account] = (loginsFailed[account] ?? 0) + 1;
    },
    deviated: (deviation) => {
      deviations.push(deviation);
    },
    seen: (request) => {
      requests.push(request);
      if (requests.length > 2 * KEPT_REQUESTS) requests = requests.slice(-KEPT_REQUESTS);
    },
    counters: () => structuredClone({ calls, effects, loginsFailed }),
    deviations: () => [...deviations],
    requests: () => requests.slice(-KEPT_REQUESTS),
    clearDeviations: () => {
      deviations = [];
    },
    clear: () => {
      calls = zeros();
      effects = zeros();
      loginsFailed = {};
      deviations = [];
      requests = [];
    },
  };
}
