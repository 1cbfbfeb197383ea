import type { Secret } from './secret';

/** The place of one secret, with the states that a delayed reader may still see, newest last. */
export interface Slot {
  readonly name: string;
  /** Counts up with every creation. */
  readonly order: number;
  states: readonly State[];
}

interface State {
  readonly since: number;
  /** Absent: deleted. */
  readonly secret: Secret | undefined;
}

/** A staging label that came to another version, or went. */
export interface Move {
  /** By the host's clock. */
  readonly at: number;
  readonly secret: string;
  readonly label: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

export interface Shelf {
  /** Adds the secret or replaces the state of the one with its name. */
  put(secret: Secret): void;
  remove(name: string): void;
  /** The secret as it was `lagMs` ago. */
  get(name: string, lagMs?: number): Secret | undefined;
  /** All slots in the order of creation, those of deleted secrets that are still visible to a delayed reader included. */
  slots(): readonly Slot[];
  /** The last moves of labels since `clear`, oldest first. */
  moves(): readonly Move[];
  clear(): void;
}

const KEPT_MOVES = 100_000;

/** `keepMs` says how far back a reader may look; `now` is not the store's own clock, which a test may set back. */
export function makeShelf(now: () => number, keepMs: () => number): Shelf {
  let byOrder: Slot[] = [];
  let byName = new Map<string, Slot>();
  let created = 0;
  let gone = 0;
  let moves: Move[] = [];

  const noteMoves = (before: Secret | undefined, after: Secret) => {
    const at = now();
    for (const label of new Set([...(before?.labels.keys() ?? []), ...after.labels.keys()])) {
      const [from, to] = [before?.labels.get(label), after.labels.get(label)];
      if (from !== to) moves.push({ at, secret: after.name, label, from, to });
    }
    if (moves.length > 2 * KEPT_MOVES) moves = moves.slice(-KEPT_MOVES);
  };

  const write = (slot: Slot, secret: Secret | undefined) => {
    const at = now();
    slot.states = since([...slot.states, { since: at, secret }], at - keepMs());
  };

  // Slots of deleted secrets are dropped when they are the half: each then costs constant time on average.
  const compact = () => {
    gone += 1;
    if (gone * 2 < byOrder.length) return;
    const horizon = now() - keepMs();
    byOrder = byOrder.filter(({ states }) => newest(states) !== undefined || (states.at(-1)?.since ?? 0) > horizon);
    gone = 0;
  };

  return {
    put(secret) {
      const slot = byName.get(secret.name) ?? { name: secret.name, order: created++, states: [] };
      if (slot.states.length === 0) {
        byName.set(secret.name, slot);
        byOrder.push(slot);
      }
      noteMoves(newest(slot.states), secret);
      write(slot, secret);
    },
    remove(name) {
      const slot = byName.get(name);
      if (slot === undefined) return;
      write(slot, undefined);
      byName.delete(name);
      compact();
    },
    get(name, lagMs = 0) {
      const slot = byName.get(name);
      return slot && visible(slot, now(), lagMs);
    },
    slots: () => byOrder,
    moves: () => moves.slice(-KEPT_MOVES),
    clear() {
      moves = [];
      byOrder = [];
      byName = new Map();
      gone = 0;
    },
  };
}

/** The state of `lagMs` ago; without lag the newest one, whatever its time says. */
export function visible({ states }: Slot, now: number, lagMs: number): Secret | undefined {
  if (lagMs <= 0) return newest(states);
  return states.findLast((state) => state.since <= now - lagMs)?.secret;
}

const newest = (states: readonly State[]) => states.at(-1)?.secret;

/** The states that somebody looking back no further than `horizon` can see. */
function since(states: readonly State[], horizon: number): readonly State[] {
  const first = states.findLastIndex((state) => state.since <= horizon);
  return first <= 0 ? states : states.slice(first);
}
