/** Faults by route, usable on every stand-in: the one module to import from. */
export { type Fault, type FaultInput, faultSchema } from './faults/fault';
export { type FaultPlan, makeFaultPlan } from './faults/plan';
export { type Outcome, playOut } from './faults/play';
export {
  fieldsOf,
  lateEffect,
  missingField,
  successForAnother,
  successWithoutSecret,
  successWithUnusableSecret,
  wrongCasing,
} from './faults/presets';
