import { type Grant, type GrantQuery, isAlive, matches, type NewGrant, worksAt } from './grants';

/** Every grant of every vendor, dead ones too, indexed so that a hundred thousand of them stay quick to find. */
export interface Ledger {
  add(grant: NewGrant): Grant;
  find(query: GrantQuery): Grant[];
  /** Ends every alive grant that matches, at `at`, unless it ends earlier anyway. */
  end(query: GrantQuery, now: number, at: number, why: string): void;
  addRevision(grant: Grant, secret: string): void;
  alive(query: GrantQuery, now: number): Grant[];
  works(query: GrantQuery, now: number): boolean;
  clear(): void;
}

/** `onSecret` hears of every secret value that is written down. */
export function makeLedger(onSecret: (secret: string) => void = () => undefined): Ledger {
  let nextId = 1;
  const all: Grant[] = [];
  const index = new Map<string, Grant[]>();

  const remember = (key: string, grant: Grant): void => {
    const known = index.get(key);
    if (known === undefined) index.set(key, [grant]);
    else known.push(grant);
  };

  const candidates = (query: GrantQuery): readonly Grant[] => {
    if (query.secret !== undefined) return index.get(`secret ${query.secret}`) ?? [];
    if (query.grantId !== undefined) return index.get(`grant ${query.grantId}`) ?? [];
    if (query.subject !== undefined) return index.get(`subject ${query.subject}`) ?? [];
    return all;
  };

  const find = (query: GrantQuery): Grant[] => candidates(query).filter((grant) => matches(grant, query));

  return {
    add: (given) => {
      const grant: Grant = {
        usableFrom: given.issuedAt,
        end: null,
        ...given,
        id: nextId++,
        earlierSecrets: [],
        disabled: null,
      };
      all.push(grant);
      onSecret(grant.secret);
      remember(`secret ${grant.secret}`, grant);
      remember(`subject ${grant.subject}`, grant);
      if (grant.grantId !== null) remember(`grant ${grant.grantId}`, grant);
      return grant;
    },
    find,
    end: (query, now, at, why) => {
      for (const grant of find(query)) {
        if (isAlive(grant, now) && (grant.end === null || at < grant.end.at)) grant.end = { at, why };
      }
    },
    addRevision: (grant, secret) => {
      grant.earlierSecrets.push(grant.secret);
      grant.secret = secret;
      onSecret(secret);
      remember(`secret ${secret}`, grant);
    },
    alive: (query, now) => find(query).filter((grant) => isAlive(grant, now)),
    works: (query, now) => find(query).some((grant) => worksAt(grant, now)),
    clear: () => {
      all.length = 0;
      index.clear();
    },
  };
}
