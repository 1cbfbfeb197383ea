import { z } from 'zod';
import type { AwsError } from './errors';

/** AWS JSON 1.1: dates are seconds since 1970 with milliseconds behind the point, bytes are base64, absent members are left out. */
export const toWire = (result: object): string => JSON.stringify(wired(result));

function wired(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1000;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(wired);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, wired(member)]));
  return value;
}

/** Modelled errors say `Message`, the service's front end `message` (recorded: ValidationException, AccessDeniedException). */
export function errorToWire({ type, message }: AwsError): string {
  const unmodelled = [
    'ValidationException',
    'AccessDeniedException',
    'ThrottlingException',
    'UnknownOperationException',
  ];
  return JSON.stringify(unmodelled.includes(type) ? { __type: type, message } : { __type: type, Message: message });
}

const target = z.string().regex(/^secretsmanager\.\w+$/);

/** The operation that an `X-Amz-Target` header names. */
export function operationOf(header: unknown): string | undefined {
  return target.safeParse(header).data?.slice('secretsmanager.'.length);
}
