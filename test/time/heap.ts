/** What has the smallest key comes first. */
export interface Heap<T> {
  push(item: T): void;
  first(): T | undefined;
  pop(): T | undefined;
  some(is: (item: T) => boolean): boolean;
}

export function heapBy<T>(keyOf: (item: T) => number): Heap<T> {
  const items: T[] = [];
  const key = (n: number): number => {
    const item = items[n];
    return item === undefined ? Number.POSITIVE_INFINITY : keyOf(item);
  };
  const swap = (a: number, b: number): void => {
    const [one, other] = [items[a], items[b]];
    if (one === undefined || other === undefined) return;
    items[a] = other;
    items[b] = one;
  };
  const rise = (from: number): void => {
    for (let n = from; n > 0; ) {
      const parent = (n - 1) >> 1;
      if (key(parent) <= key(n)) return;
      swap(parent, n);
      n = parent;
    }
  };
  const sink = (): void => {
    for (let n = 0; ; ) {
      const [left, right] = [2 * n + 1, 2 * n + 2];
      const least = key(right) < key(left) ? right : left;
      if (key(least) >= key(n)) return;
      swap(least, n);
      n = least;
    }
  };
  return {
    push(item) {
      items.push(item);
      rise(items.length - 1);
    },
    first: () => items[0],
    pop() {
      const first = items[0];
      const last = items.pop();
      if (items.length > 0 && last !== undefined) {
        items[0] = last;
        sink();
      }
      return first;
    },
    some: (is) => items.some(is),
  };
}
