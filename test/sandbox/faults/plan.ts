import type { WireRequest } from '../http/wire';
import type { Operation } from '../vendor-facts/operations';
import { type Fault, type FaultInput, faultSchema } from './fault';

/** The faults in force, used up call by call. */
export interface FaultPlan {
  add(...faults: readonly FaultInput[]): void;
  replace(faults: readonly FaultInput[]): void;
  clear(): void;
  /** What is left of them, in order. */
  list(): readonly Fault[];
  /** The fault that this call meets, if any; counts it. Faults on one route queue up behind each other. */
  take(route: Operation, request: Pick<WireRequest, 'path' | 'body'>): Fault | null;
}

export function makeFaultPlan(): FaultPlan {
  let active: Fault[] = [];

  const concerns = (fault: Fault, route: Operation, { path, body }: Pick<WireRequest, 'path' | 'body'>): boolean =>
    fault.route === route && path.includes(fault.pathContains ?? '') && body.includes(fault.bodyContains ?? '');

  return {
    add: (...faults) => {
      active.push(...faults.map((fault) => faultSchema.parse(fault)));
    },
    replace: (faults) => {
      active = faults.map((fault) => faultSchema.parse(fault));
    },
    clear: () => {
      active = [];
    },
    list: () => structuredClone(active),
    take: (route, request) => {
      let taken: Fault | null = null;
      for (const fault of active) {
        if (!concerns(fault, route, request)) continue;
        if (fault.skip > 0) fault.skip -= 1;
        else if (taken === null) taken = fault;
      }
      if (taken === null) return null;
      taken.count -= 1;
      if (taken.count === 0) active = active.filter((fault) => fault !== taken);
      return taken;
    },
  };
}
