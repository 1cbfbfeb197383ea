import { type Credential, type Instant, type Kind, SWEEPS, type SweepName } from '../../src/types';
import { type Heap, heapBy } from './heap';

/** A sweep that has fallen due has run by then. */
const AWAITED_MS = 40 * 60_000;

export const SWEEPS_OF: Readonly<Record<Kind, { readonly rotates: SweepName; readonly settles: SweepName }>> = {
  'flinks-outbound-recipient': { rotates: 'regenerate-outbound-secrets', settles: 'revoke-stale-flinks-permissions' },
  'flinks-auth-secret': { rotates: 'reissue-expiring-tokens', settles: 'revoke-stale-flinks-permissions' },
  'finicity-access-key': { rotates: 'reissue-expiring-tokens', settles: 'revoke-stale-finicity-receipts' },
  'finicity-partner-secret': { rotates: 'reissue-expiring-tokens', settles: 'revoke-stale-finicity-receipts' },
  'finout-api-token': { rotates: 'reissue-expiring-tokens', settles: 'reissue-expiring-tokens' },
};

interface Look {
  readonly at: Instant;
  readonly credential: string;
  /** Void when the credential has another by now. */
  readonly turn: number;
}

/** When policy wants which credential to be looked at again, by which sweep. */
export interface Looks {
  /** Voids what was wanted of this credential before. @returns what wants anew */
  renew(credential: string): (sweep: SweepName, at: Instant) => void;
  /** When the sweep is first wanted. */
  first(sweep: SweepName): Instant | undefined;
  /** Those for whom the sweep is wanted by then; they are wanted no longer. */
  take(sweep: SweepName, by: Instant): Set<string>;
  /** Has one of its sweeps, that fell due by then, not run yet? */
  isAwaited(credential: Credential, by: Instant): boolean;
}

export function looksOfFleet(): Looks {
  const heaps = Object.fromEntries(SWEEPS.map((name) => [name, heapBy<Look>(({ at }) => at)])) as Record<
    SweepName,
    Heap<Look>
  >;
  const turns = new Map<string, number>();
  const isCurrent = ({ credential, turn }: Look): boolean => turns.get(credential) === turn;
  return {
    renew(credential) {
      const turn = (turns.get(credential) ?? 0) + 1;
      turns.set(credential, turn);
      return (sweep, at) => heaps[sweep].push({ at, credential, turn });
    },
    first(sweep) {
      const heap = heaps[sweep];
      for (let look = heap.first(); look !== undefined; look = heap.first()) {
        if (isCurrent(look)) return look.at;
        heap.pop();
      }
      return undefined;
    },
    take(sweep, by) {
      const heap = heaps[sweep];
      const taken = new Set<string>();
      for (let look = heap.first(); look !== undefined && look.at <= by; look = heap.first()) {
        heap.pop();
        if (isCurrent(look)) taken.add(look.credential);
      }
      return taken;
    },
    isAwaited({ id, kind }, by) {
      const { rotates, settles } = SWEEPS_OF[kind];
      const awaits = (look: Look): boolean =>
        look.credential === id && isCurrent(look) && look.at <= by && look.at > by - AWAITED_MS;
      return [rotates, settles].some((sweep) => heaps[sweep].some(awaits));
    },
  };
}
