import { z } from 'zod';
import type { Context } from './context';
import { badNextToken } from './errors';
import type { Input } from './inputs';
import type { Secret } from './secret';
import { type Slot, visible } from './shelf';

type SortBy = NonNullable<Input<'ListSecrets'>['SortBy']>;
type Key = string | number;

/** Where a page ended: the sort key of the last secret looked at, and its place in the order of creation for equal keys. */
export interface Cursor {
  readonly key: Key;
  readonly order: number;
}

export interface Order {
  readonly length: number;
  at(index: number): Slot;
  key(slot: Slot): Key;
  /** Negative: the cursor is before the other one. */
  compare(a: Cursor, b: Cursor): number;
}

/**
 * The slots in the order asked for. By creation they stand as they are, so that a page costs its own length and the search for its
 * start; any other order sorts all secrets for every page (100,000 by name: some 0.1 s).
 */
export function inOrder(context: Context, sortBy: SortBy, sortOrder: 'asc' | 'desc'): Order {
  const read = keys[sortBy];
  const key = (slot: Slot): Key => {
    const secret = sortBy === 'created-date' ? undefined : visible(slot, context.hostNow(), context.options.listLagMs);
    return secret === undefined ? 0 : read(secret);
  };
  const slots = sortBy === 'created-date' ? context.shelf.slots() : sorted(context.shelf.slots(), key);
  const sign = sortOrder === 'asc' ? 1 : -1;
  return {
    length: slots.length,
    at: (index) => slotAt(slots, sign === 1 ? index : slots.length - 1 - index),
    key,
    compare: (a, b) => sign * compare(a, b),
  };
}

const keys: Record<SortBy, (secret: Secret) => Key> = {
  'created-date': () => 0,
  'last-accessed-date': ({ accessedOn = 0 }) => accessedOn,
  'last-changed-date': ({ changedAt }) => changedAt,
  name: ({ name }) => name,
};

function sorted(slots: readonly Slot[], key: (slot: Slot) => Key): readonly Slot[] {
  const keyed = slots.map((slot) => ({ slot, key: key(slot), order: slot.order }));
  return keyed.sort(compare).map(({ slot }) => slot);
}

function compare(a: Cursor, b: Cursor): number {
  if (a.key === b.key) return a.order - b.order;
  return a.key < b.key ? -1 : 1;
}

function slotAt(slots: readonly Slot[], index: number): Slot {
  const slot = slots[index];
  if (slot === undefined) throw new RangeError(`no slot ${index} of ${slots.length}`);
  return slot;
}

export const cursorOf = (slot: Slot, key: (slot: Slot) => Key): Cursor => ({ key: key(slot), order: slot.order });

/** The first index whose slot is behind the cursor, by bisection: the secret that the cursor speaks of may be gone. */
export function indexAfter(order: Order, cursor: Cursor): number {
  let low = 0;
  let high = order.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (order.compare(cursorOf(order.at(middle), order.key), cursor) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

const cursorSchema = z.tuple([z.union([z.string(), z.number()]), z.number().int()]);

export const encode = ({ key, order }: Cursor) => Buffer.from(JSON.stringify([key, order])).toString('base64url');

export function decode(token: string): Cursor {
  try {
    const [key, order] = cursorSchema.parse(JSON.parse(Buffer.from(token, 'base64url').toString()));
    return { key, order };
  } catch {
    throw badNextToken();
  }
}
