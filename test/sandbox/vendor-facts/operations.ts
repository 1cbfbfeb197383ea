import { matchPath, type PathParameters } from '../http/paths';
import { finicityFacts } from './finicity';
import { finoutFacts } from './finout';
import { flinksDataSharingFacts } from './flinks-data-sharing';
import { flinksOutboundFacts } from './flinks-outbound';
import type { OperationFacts } from './types';

const VENDORS = ['flinks-outbound', 'flinks-data-sharing', 'finicity', 'finout'] as const;
export type Vendor = (typeof VENDORS)[number];

export type FlinksOutboundOperation = keyof typeof flinksOutboundFacts;
export type FlinksDataSharingOperation = keyof typeof flinksDataSharingFacts;
export type FinicityOperation = keyof typeof finicityFacts;
export type FinoutOperation = keyof typeof finoutFacts;
export type Operation = FlinksOutboundOperation | FlinksDataSharingOperation | FinicityOperation | FinoutOperation;

export const facts: Readonly<Record<Operation, OperationFacts>> = {
  ...flinksOutboundFacts,
  ...flinksDataSharingFacts,
  ...finicityFacts,
  ...finoutFacts,
};

const isOperation = (name: string): name is Operation => name in facts;

/** Every operation's name, `<vendor>.<operation>`: also the route names of faults and counters. */
export const OPERATIONS: readonly Operation[] = Object.keys(facts).filter(isOperation);

/** A value for every operation. */
export const perOperation = <Value>(make: (operation: Operation) => Value): Record<Operation, Value> =>
  // fromEntries forgets which keys it was given.
  Object.fromEntries(OPERATIONS.map((operation) => [operation, make(operation)])) as Record<Operation, Value>;

export const vendorOf = (operation: Operation): Vendor => {
  const vendor = VENDORS.find((name) => operation.startsWith(`${name}.`));
  if (vendor === undefined) throw new Error(`no vendor in ${operation}`);
  return vendor;
};

/** Finds the documented operation that a request line means; enable and disable come before generate. */
export function findOperation(
  vendor: Vendor,
  method: string,
  path: string,
): { operation: Operation; parameters: PathParameters } | null {
  for (const operation of OPERATIONS) {
    const { method: wanted, path: template } = facts[operation];
    if (wanted !== method || !operation.startsWith(`${vendor}.`)) continue;
    const parameters = matchPath(template, path);
    if (parameters !== null) return { operation, parameters };
  }
  return null;
}
