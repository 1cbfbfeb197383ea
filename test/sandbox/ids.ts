import { randomBytes, randomUUID } from 'node:crypto';

/** Synthetic values. Each carries the word SYNTH (or a fixed first group, in a UUID) and a random part found nowhere else. */
export function unique(prefix: string): string {
  return `${prefix}SYNTH${randomBytes(12).toString('hex')}`;
}

/** A UUID whose first group says what it is, so that a leak search can tell an AuthSecret from a PermissionId. */
export function markedUuid(mark: string): string {
  return mark.slice(0, 8).padEnd(8, '0') + randomUUID().slice(8);
}

/** A decimal id of the given length, as Finicity uses for partners, customers and their pseudo ids. */
export function digits(length: number): string {
  const random = BigInt(`0x${randomBytes(16).toString('hex')}`)
    .toString()
    .padStart(length, '7');
  return `9${random.slice(-(length - 1))}`;
}
