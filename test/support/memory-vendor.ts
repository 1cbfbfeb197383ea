import type { GrantFields, Provider, VendorAnswer } from '../../src/provider';
import type { Credential, Kind } from '../../src/types';
import type { Gate } from './gates';
import { TRAITS } from './traits';

/** What a second issue does to the first grant: the vendors do not say (shared/model, "Vendors"). */
export type Behaviour = 'in-place' | 'overlap' | 'same' | 'replace';

/** Who issued a grant: an attempt, or a person in the vendor's portal. */
type Issuer = string;

export interface MemoryVendor {
  /** Live grants, and who issued each. */
  readonly live: ReadonlyMap<string, Issuer>;
  /** The verbs for one worker, whose attempt is asked for at each issue. */
  provider(gate: Gate, attempt: () => Issuer, onRevoke: (grant: string) => void): Provider;
  /** A person makes a grant by hand. */
  byHand(): VendorAnswer;
}

const ANSWERS: Readonly<Record<Kind, (grant: string) => VendorAnswer>> = {
  'flinks-outbound-recipient': (grant) => ({ client_id: 'dc-memory', client_secret: grant }),
  'flinks-auth-secret': (grant) => ({ PermissionId: grant, AuthSecret: `secret of ${grant}` }),
  'finicity-access-key': (grant) => ({ receipt: { receiptId: grant, version: '1' }, proof: {} }),
  'finout-api-token': (grant) => ({ clientId: grant, secretKey: `secret of ${grant}` }),
};

/** Grants are numbered in the order of their issue. */
export const numberOf = (grant: string): number => Number(grant.split('-')[1]);

/** A vendor in memory, with true lifecycles: for tests that run the algorithm thousands of times. */
export function memoryVendor(kind: Kind, behaviour: Behaviour): MemoryVendor {
  const live = new Map<string, Issuer>();
  let count = 0;

  const issue = (by: Issuer): VendorAnswer => {
    const last = [...live.keys()].at(-1);
    if (behaviour === 'same' && last !== undefined) return ANSWERS[kind](last);
    if (behaviour === 'in-place' || behaviour === 'replace') live.clear();
    count += 1;
    const grant = `grant-${count}`;
    live.set(grant, by);
    return ANSWERS[kind](grant);
  };
  const works = ({ secret, grant }: GrantFields): boolean => live.has(grant ?? secret?.reveal() ?? '');

  return {
    live,
    byHand: () => issue('person'),
    provider(gate, attempt, onRevoke): Provider<Credential> {
      const call = <T>(name: string, input: unknown, perform: () => T) => gate({ at: 'vendor', name, input }, perform);
      return {
        kind,
        traits: TRAITS[kind],
        prepare: async () => ({
          issue: () => {
            const by = attempt();
            return call('issue', by, () => issue(by));
          },
          release: async () => undefined,
        }),
        verify: (_credential, value) => call('verify', value, () => (works(value) ? 'works' : 'refused')),
        revoke: (_credential, { grant }) =>
          call('revoke', grant, () => {
            onRevoke(grant);
            live.delete(grant);
            return { outcome: 'revoked' };
          }),
        reinstate: (_credential, grant) =>
          call('reinstate', grant, () => {
            live.set(grant, 'reinstated');
            return true;
          }),
      };
    },
  };
}
