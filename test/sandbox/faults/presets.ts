import type { Operation } from '../vendor-facts/operations';
import type { FaultInput } from './fault';

/** Where each issuing operation puts its secret, and the id that names whose it is. */
const FIELDS = {
  'flinks-outbound.token': { secret: 'access_token', subject: 'token_type' },
  'flinks-outbound.regenerate': { secret: 'client_secret', subject: 'client_id' },
  'flinks-data-sharing.generate': { secret: 'AuthSecret', subject: 'PermissionId' },
  'flinks-data-sharing.enable': { secret: 'authSecret', subject: 'permissionId' },
  'flinks-data-sharing.disable': { secret: 'authSecret', subject: 'permissionId' },
  'finicity.authenticate': { secret: 'token', subject: 'token' },
  'finicity.access-key.generate': { secret: 'data.0.receipt', subject: 'data.0.receipt.receiptId' },
  'finicity.access-key.update': { secret: 'data.0.receipt', subject: 'data.0.receipt.receiptId' },
} as const satisfies Partial<Record<Operation, { secret: string; subject: string }>>;

/** An operation whose answer carries a secret. */
export type Issuing = keyof typeof FIELDS;

/** A success whose secret is empty, null or of the wrong type. */
export function successWithUnusableSecret(route: Issuing, secret: '' | null | number | boolean = ''): FaultInput {
  return { kind: 'rewrite', route, set: { [FIELDS[route].secret]: secret } };
}

/** A success that leaves the secret out. */
export function successWithoutSecret(route: Issuing): FaultInput {
  return { kind: 'rewrite', route, remove: [FIELDS[route].secret] };
}

/** A success that names another subject: the `client_id`, PermissionId or receipt id of somebody else. */
export function successForAnother(route: Issuing, subject: string): FaultInput {
  return { kind: 'rewrite', route, set: { [FIELDS[route].subject]: subject } };
}

export function missingField(route: Operation, field: string): FaultInput {
  return { kind: 'rewrite', route, remove: [field] };
}

export function wrongCasing(route: Operation, casing: 'camel' | 'pascal' | 'snake'): FaultInput {
  return { kind: 'rewrite', route, casing };
}

/** The request takes effect `lateMs` after its connection was reset: the late effect of providers.md 5, line 10. */
export function lateEffect(route: Operation, lateMs: number): FaultInput {
  return { kind: 'reset', route, effect: 'late', lateMs };
}
