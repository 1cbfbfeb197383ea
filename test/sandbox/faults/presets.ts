import type { Operation } from '../vendor-facts/operations';
import type { FaultInput } from './fault';

/** Where each issuing operation puts its secret. */
const SECRETS = {
  'flinks-outbound.token': 'access_token',
  'flinks-outbound.regenerate': 'client_secret',
  'flinks-data-sharing.generate': 'AuthSecret',
  'flinks-data-sharing.enable': 'authSecret',
  'flinks-data-sharing.disable': 'authSecret',
  'finicity.authenticate': 'token',
  'finicity.access-key.generate': 'data.0.receipt',
  'finicity.access-key.update': 'data.0.receipt',
} as const satisfies Partial<Record<Operation, string>>;

/** Where it puts the id that names whose the secret is; tokens name nobody. */
const SUBJECTS = {
  'flinks-outbound.regenerate': 'client_id',
  'flinks-data-sharing.generate': 'PermissionId',
  'flinks-data-sharing.enable': 'permissionId',
  'flinks-data-sharing.disable': 'permissionId',
  'finicity.access-key.generate': 'data.0.receipt.receiptId',
  'finicity.access-key.update': 'data.0.receipt.receiptId',
} as const satisfies Partial<Record<Operation, string>>;

/** Where the answer of an operation has its secret, and whose it is; undefined where it has none. */
export const fieldsOf = (
  route: Operation,
): { readonly secret: string | undefined; readonly subject: string | undefined } => ({
  secret: new Map<string, string>(Object.entries(SECRETS)).get(route),
  subject: new Map<string, string>(Object.entries(SUBJECTS)).get(route),
});

/** An operation whose answer carries a secret. */
type Issuing = keyof typeof SECRETS;

/** A success whose secret is empty, null or of the wrong type. */
export function successWithUnusableSecret(route: Issuing, secret: '' | null | number | boolean = ''): FaultInput {
  return { kind: 'rewrite', route, set: { [SECRETS[route]]: secret } };
}

/** A success that leaves the secret out. */
export function successWithoutSecret(route: Issuing): FaultInput {
  return { kind: 'rewrite', route, remove: [SECRETS[route]] };
}

/** A success that names another subject: the `client_id`, PermissionId or receipt id of somebody else. */
export function successForAnother(route: keyof typeof SUBJECTS, subject: string): FaultInput {
  return { kind: 'rewrite', route, set: { [SUBJECTS[route]]: subject } };
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
