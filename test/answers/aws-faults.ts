import { FAULT_KINDS, type FaultKind } from '../sandbox/secrets-manager/faults';

// What Secrets Manager can answer instead of the right thing. What the vendors' faults have besides has no meaning there: AWS throttles by
// a name of its own, never with 202, and of the answer of a call that changes something no field is used.

/** The client waits for its time-out. */
const SLOW: readonly FaultKind[] = ['delay', 'hang', 'hang-after'];
const NEVER_BY_ITSELF = 3_600_000;

export interface AwsFault {
  readonly name: FaultKind;
  readonly slow: boolean;
  /** Of a `delay`. */
  readonly delayMs: number;
}

/** Every kind of fault that the sandbox knows. */
export const AWS_FAULTS: readonly AwsFault[] = FAULT_KINDS.map((name) => ({
  name,
  slow: SLOW.includes(name),
  delayMs: name === 'delay' ? NEVER_BY_ITSELF : 0,
}));
