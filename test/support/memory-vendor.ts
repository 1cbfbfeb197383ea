import { randomUUID } from 'node:crypto';
import type { GrantFields, Provider, ProviderTraits, VendorAnswer } from '../../src/provider';
import type { Credential, Kind } from '../../src/types';

/** What a second issue does to the first grant: the vendors do not say (shared/model, "Vendors"). */
export type Behaviour = 'in-place' | 'overlap' | 'same' | 'replace';

export interface MemoryVendor {
  readonly provider: Provider;
  /** Live grants by id; the value is the secret. */
  readonly live: ReadonlyMap<string, string>;
  /** Every grant there has been, and in which order. */
  readonly issued: readonly string[];
}

interface Shape {
  readonly kind: Kind;
  answer(grant: string, secret: string): VendorAnswer;
}

const SHAPES: Readonly<Record<Kind, Shape>> = {
  'flinks-outbound-recipient': {
    kind: 'flinks-outbound-recipient',
    answer: (grant) => ({ client_id: 'dc-memory', client_secret: grant }),
  },
  'flinks-auth-secret': {
    kind: 'flinks-auth-secret',
    answer: (grant, secret) => ({ PermissionId: grant, AuthSecret: secret, RequestId: 'r', Message: 'm' }),
  },
  'finicity-access-key': {
    kind: 'finicity-access-key',
    answer: (grant) => ({ receipt: { receiptId: grant, version: '1' }, proof: {} }),
  },
};

/** A vendor in memory, with true lifecycles: for tests that run the algorithm thousands of times. */
export function memoryVendor(kind: Kind, behaviour: Behaviour, traits: ProviderTraits): MemoryVendor {
  const live = new Map<string, string>();
  const issued: string[] = [];
  const issue = (): VendorAnswer => {
    const [last] = [...live.keys()].slice(-1);
    if (behaviour === 'same' && last !== undefined) return SHAPES[kind].answer(last, live.get(last) ?? '');
    if (behaviour === 'in-place' || behaviour === 'replace') live.clear();
    const grant = `grant-${randomUUID()}`;
    issued.push(grant);
    live.set(grant, `secret of ${grant}`);
    return SHAPES[kind].answer(grant, `secret of ${grant}`);
  };
  const works = ({ secret, grant }: GrantFields): boolean =>
    behaviour === 'in-place' ? live.has(secret?.reveal() ?? '') : live.has(grant ?? '');
  const provider: Provider<Credential> = {
    kind,
    traits,
    prepare: async () => ({ issue: async () => issue(), release: async () => undefined }),
    verify: async (_credential, value) => (works(value) ? 'works' : 'refused'),
    revoke: async (_credential, { grant }) => {
      live.delete(grant);
      return { outcome: 'revoked' };
    },
    reinstate: async (_credential, grant) => {
      live.set(grant, `secret of ${grant}`);
      return true;
    },
  };
  return { provider, live, issued };
}
