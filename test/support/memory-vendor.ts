import { GrantEndedError } from '../../src/errors';
import type { GrantFields, Provider, VendorAnswer } from '../../src/provider';
import { grantIn } from '../../src/stored-value';
import type { Credential, Kind } from '../../src/types';
import type { Gate } from './gates';
import { TRAITS } from './traits';

/**
 * What a second issue does to the first grant: the vendors do not say (test/model/README.md, "Vendors"). `other-id`: both live, and
 * a renewal answers with another grant.
 */
export type Behaviour = 'in-place' | 'overlap' | 'same' | 'replace' | 'other-id' | 'chosen' | 'chosen+grace';

/** Who issued a grant: an attempt, or a person in the vendor's portal. */
type Issuer = string;

/** What a lab asks of a vendor, beside the verbs. */
export interface LabVendor {
  /** Live grants, and who issued each. */
  readonly live: ReadonlyMap<string, Issuer>;
  /** Grants are numbered in the order of their issue. */
  numberOf(grant: string): number;
  /** Does a stored value that holds this grant work? */
  works(grant: string, text: string): boolean;
  /** Of a partner: what was asked with a wrong secret. */
  readonly refused: { readonly logins: number; readonly changes: number };
}

export interface MemoryVendor extends LabVendor {
  /** The verbs for one worker, whose attempt is asked for at each issue. */
  provider(gate: Gate, attempt: () => Issuer, onRevoke: (grant: string) => void): Provider;
  /** Of a kind whose value we choose. */
  readonly partner: MemoryPartner;
  /** A person makes a grant by hand. */
  byHand(): VendorAnswer;
  /** A grant ends at the vendor, by nobody's hand or a person's. */
  ends(grant: string): void;
  /** How often each grant was prolonged. */
  readonly renewals: ReadonlyMap<string, number>;
  /** Another that holds the same, and goes its own way from now on. */
  fork(): MemoryVendor;
}

const ANSWERS: Readonly<Record<Kind, (grant: string) => VendorAnswer>> = {
  'flinks-outbound-recipient': (grant) => ({ client_id: 'dc-memory', client_secret: grant }),
  'flinks-auth-secret': (grant) => ({ PermissionId: grant, AuthSecret: `secret of ${grant}` }),
  'finicity-access-key': (grant) => ({ receipt: { receiptId: grant, version: '1' }, proof: {} }),
  'finicity-partner-secret': (grant) => ({ partnerSecret: grant }),
  'finout-api-token': (grant) => ({ clientId: grant, secretKey: `secret of ${grant}` }),
};

/** A partner whose secret we choose; each wrong one that is sent counts towards the lock. */
interface MemoryPartner {
  readonly refused: { logins: number; changes: number };
  choose(): VendorAnswer;
  logIn(secret: string): boolean;
  change(change: { readonly from: string; readonly to: string; readonly immediate: boolean }): boolean;
}

/** What revocation would act on; of an Outbound recipient the secret itself. */
export const grantOf = (kind: Kind, answer: VendorAnswer): string =>
  grantIn(kind, answer) ?? String(answer.client_secret);

export const numberOf = (grant: string): number => Number(grant.split('-')[1]);

/** What a vendor remembers. */
interface Books {
  readonly live: Map<string, Issuer>;
  readonly renewals: Map<string, number>;
  readonly replaced: Set<string>;
  readonly refused: { logins: number; changes: number };
  readonly count: number;
}

const EMPTY: Books = {
  live: new Map(),
  renewals: new Map(),
  replaced: new Set(),
  refused: { logins: 0, changes: 0 },
  count: 0,
};

/** A vendor in memory, with true lifecycles: for tests that run the algorithm thousands of times. */
export const memoryVendor = (kind: Kind, behaviour: Behaviour): MemoryVendor => vendorWith(kind, behaviour, EMPTY);

function vendorWith(kind: Kind, behaviour: Behaviour, books: Books): MemoryVendor {
  const live = new Map(books.live);
  const renewals = new Map(books.renewals);
  const replaced = new Set(books.replaced);
  const refused = { ...books.refused };
  let { count } = books;

  const issue = (by: Issuer): VendorAnswer => {
    const last = [...live.keys()].at(-1);
    if (behaviour === 'same' && last !== undefined) return ANSWERS[kind](last);
    if (behaviour === 'in-place' || behaviour === 'replace') {
      for (const grant of live.keys()) replaced.add(grant);
      live.clear();
    }
    return make(by);
  };
  const make = (by: Issuer): VendorAnswer => {
    count += 1;
    const grant = `grant-${count}`;
    live.set(grant, by);
    return ANSWERS[kind](grant);
  };
  const renew = (by: Issuer, grant: string): VendorAnswer => {
    if (!live.has(grant)) throw new GrantEndedError('the receipt has ended');
    if (behaviour === 'other-id') return make(by);
    renewals.set(grant, (renewals.get(grant) ?? 0) + 1);
    return ANSWERS[kind](grant);
  };
  const accepts = ({ secret, grant }: GrantFields): boolean => live.has(grant ?? secret?.reveal() ?? '');

  const partner: MemoryPartner = {
    refused,
    choose() {
      count += 1;
      return ANSWERS[kind](`grant-${count}`);
    },
    logIn(secret) {
      if (!live.has(secret)) refused.logins += 1;
      return live.has(secret);
    },
    change({ from, to, immediate }) {
      if (!live.has(from)) refused.changes += 1;
      if (!live.has(from)) return false;
      live.clear();
      if (behaviour === 'chosen+grace' && !immediate) live.set(from, 'in the grace of the vendor');
      live.set(to, 'changed');
      return true;
    },
  };

  return {
    live,
    numberOf,
    works: (grant) => live.has(grant),
    refused,
    partner,
    renewals,
    fork: () => vendorWith(kind, behaviour, { live, renewals, replaced, refused, count }),
    ends: (grant) => void live.delete(grant),
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
        prepareRenewal: async (_credential, grant) => ({
          issue: () => {
            const by = attempt();
            return call('renew', grant, () => renew(by, grant));
          },
          release: async () => undefined,
        }),
        verify: (_credential, value) => call('verify', value, () => (accepts(value) ? 'works' : 'refused')),
        revoke: (_credential, { grant }) =>
          call('revoke', grant, () => {
            onRevoke(grant);
            live.delete(grant);
            return { outcome: 'revoked' };
          }),
        reinstate: (_credential, grant) =>
          call('reinstate', grant, () => {
            if (replaced.has(grant)) return false;
            if (!live.has(grant)) live.set(grant, 'reinstated');
            return true;
          }),
      };
    },
  };
}
