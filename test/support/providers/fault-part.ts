import type { FaultInput } from '../../sandbox/faults';

type WithoutRoute<F> = F extends unknown ? Omit<F, 'route'> : never;

/** A fault, whatever the route that it is to befall. */
export type FaultPart = WithoutRoute<FaultInput>;

export type ErrorClass = abstract new (...given: never[]) => Error;
