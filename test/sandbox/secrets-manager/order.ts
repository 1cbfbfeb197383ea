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

/** A slot in the order asked for. */
export interface Place extends Cursor {
  readonly slot: Slot;
}

export interface Order {
  readonly length: number;
  at(index: number): Place;
  /** Negative: `a` comes before `b`. */
  compare(a: Cursor, b: Cursor): number;
}

/**
 * The slots in the order asked for. By creation they stand as they are, so that a page costs its own length and the search for its
 * start; any other order sorts all secrets for every page (100,000 by name: some 40 ms).
 */
export function inOrder(context: Context, sortBy: SortBy, sortOrder: 'asc' | 'desc'): Order {
  const slots = context.shelf.slots();
  const placed = sortBy === 'created-date' ? undefined : sorted(context, slots, keys[sortBy]);
  const length = placed?.length ?? slots.length;
  const ascending = (index: number) => existing(placed ? placed[index] : asCreated(slots[index]));
  const sign = sortOrder === 'asc' ? 1 : -1;
  return {
    length,
    at: (index) => ascending(sign === 1 ? index : length - 1 - index),
    compare: (a, b) => sign * compare(a, b),
  };
}

const keys: Record<Exclude<SortBy, 'created-date'>, (secret: Secret) => Key> = {
  'last-accessed-date': ({ accessedOn = 0 }) => accessedOn,
  'last-changed-date': ({ changedAt }) => changedAt,
  name: ({ name }) => name,
};

const asCreated = (slot: Slot | undefined): Place | undefined => slot && { slot, key: 0, order: slot.order };

/** A slot with nothing to see has no key, and so no place. */
function sorted({ hostNow, options }: Context, slots: readonly Slot[], key: (secret: Secret) => Key): Place[] {
  const places = slots.flatMap((slot) => {
    const secret = visible(slot, hostNow(), options.listLagMs);
    return secret === undefined ? [] : { slot, key: key(secret), order: slot.order };
  });
  return places.sort(compare);
}

function compare(a: Cursor, b: Cursor): number {
  if (a.key === b.key) return a.order - b.order;
  return a.key < b.key ? -1 : 1;
}

function existing(place: Place | undefined): Place {
  if (place === undefined) throw new RangeError('no secret at this place of the list');
  return place;
}

/** The first index whose slot is behind the cursor, by bisection: the secret that the cursor speaks of may be gone. */
export function indexAfter(order: Order, cursor: Cursor): number {
  let low = 0;
  let high = order.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (order.compare(order.at(middle), cursor) <= 0) low = middle + 1;
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
