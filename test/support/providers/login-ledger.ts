import { LockHeldError } from '../../../src/errors';
import type { Exclusive, LoginLedger } from '../../../src/provider';
import { Sensitive } from '../../../src/sensitive';

type Verb = keyof LoginLedger;

/** The partner secret and what is written beside it, in memory; one for all replicas, like Secrets Manager. */
export interface TestLedger extends LoginLedger {
  /** In order; the verbs that write. */
  readonly written: string[];
  readonly tags: { proven?: string; loginOpen?: number; blocked?: string; changing?: boolean };
  put(version: string, value: string): void;
  /** The next call of this verb fails; `after`: it is carried out all the same. */
  fail(verb: Verb, times?: number, after?: boolean): void;
  /** Runs before a verb is carried out. */
  before(verb: Verb, act: () => void | Promise<void>): void;
}

export function makeTestLedger(): TestLedger {
  const values = new Map<string, string>();
  const tries = new Set<string>();
  const failures: { verb: Verb; after: boolean }[] = [];
  const hooks = new Map<Verb, () => void | Promise<void>>();
  const written: string[] = [];
  const tags: TestLedger['tags'] = {};
  let current: string | undefined;

  const run = async <T>(verb: Verb, act: () => T): Promise<T> => {
    await hooks.get(verb)?.();
    const at = failures.findIndex((failure) => failure.verb === verb);
    const [failure] = at === -1 ? [] : failures.splice(at, 1);
    if (failure !== undefined && !failure.after) throw new Error('the store is gone');
    const result = act();
    if (failure !== undefined) throw new Error('the answer of the store was lost');
    return result;
  };

  return {
    written,
    tags,
    put: (version, value) => {
      values.set(version, value);
      current = version;
    },
    fail: (verb, times = 1, after = false) => {
      for (let n = 0; n < times; n += 1) failures.push({ verb, after });
    },
    before: (verb, act) => void hooks.set(verb, act),
    observe: () =>
      run('observe', () => ({
        currentVersion: current,
        proven: tags.proven,
        loginOpen: tags.loginOpen,
        changing: tags.changing ?? false,
        blocked: tags.blocked,
      })),
    read: (_secret, version) => run('read', () => new Sensitive(values.get(version) ?? '')),
    takeTry: (_secret, version, n) =>
      run('takeTry', () => {
        const name = `try ${n} of ${version}`;
        if (tries.has(name)) return false;
        tries.add(name);
        written.push(name);
        return true;
      }),
    openLogin: (_secret, at) =>
      run('openLogin', () => {
        tags.loginOpen = at;
        written.push('open');
      }),
    closeLogin: (_secret, proven) =>
      run('closeLogin', () => {
        delete tags.loginOpen;
        if (proven !== undefined) tags.proven = proven;
        written.push(`close ${proven}`);
      }),
    block: (_secret, reason) =>
      run('block', () => {
        tags.blocked = reason;
        written.push('block');
      }),
  };
}

/** One holder at a time over all that share it; who comes second waits. */
export function makeTestExclusive(): Exclusive {
  const tails = new Map<string, Promise<unknown>>();
  return async (name, _ttlMs, work) => {
    const before = tails.get(name) ?? Promise.resolve();
    const mine = before.catch(() => undefined).then(work);
    tails.set(
      name,
      mine.catch(() => undefined),
    );
    return mine;
  };
}

/** Somebody else holds every lock. */
export const heldByAnother: Exclusive = async (name) => {
  throw new LockHeldError(`${name} is held`);
};
