import type { Kind } from '../../src/types';
import type { Control } from '../sandbox/control';
import type { GrantView } from '../sandbox/inspection/grant-view';
import type { Company, CompanyCredential } from './company';
import { type Holdings, holdingsOf, isUnfinished, isUnsettled, type WithSecrets } from './holdings';

/** What an audit looks at: a sandbox in this process, or what was seen of one in another. */
export interface Audited extends WithSecrets {
  readonly control: Pick<Control, 'grants' | 'storedValueWorks' | 'deviations'>;
}

export interface Audit {
  /** Those that are not retired. */
  readonly credentials: number;
  /** AWSCURRENT works at the vendor. */
  readonly working: number;
  /** The kinds of those that work. */
  readonly kinds: readonly Kind[];
  /** Entries that say `state: retired`; of them, those whose grants are all dead. */
  readonly retired: number;
  readonly ended: number;
  /** Live grants of AWSPREVIOUS within its grace. */
  readonly inGrace: number;
  /** Grants that were superseded and are dead. */
  readonly dead: number;
  /** Attempts listed as suspected orphans. */
  readonly suspects: number;
  /** Live grants that nobody holds, each listed as a suspect of its credential. */
  readonly orphans: number;
  /** Versions listed as not revoked, or as still alive after they were settled. */
  readonly listed: number;
  /** Everything that is not as promised; empty when the audit holds. */
  readonly violations: readonly string[];
}

/**
 * The promises, looked at through the doors beside the wire: every AWSCURRENT works, but of what is retired none; what lives
 * besides is AWSPREVIOUS not yet settled, or is listed on the credential that it belongs to; nothing is unfinished; no
 * request departed from the vendors' pages. Values must be stored verbatim. Grants that were planted do not count.
 */
export function audit(sandbox: Audited, company: Company): Audit {
  const { control } = sandbox;
  const { retired } = company;
  const issued = control.grants().filter(({ secret }) => !company.planted.has(secret));
  const credentials = [...company.credentials, ...company.tokens];
  const isRetired = ({ id }: CompanyCredential): boolean => retired.has(id);
  const active = credentials.filter((credential) => !isRetired(credential));
  const found = credentials.map((credential) => auditOne(sandbox, credential, issued, isRetired(credential)));
  const sum = (count: (one: AuditOfOne) => number): number => found.reduce((total, one) => total + count(one), 0);
  const strangers = issued.filter((grant) => !credentials.some((credential) => belongsTo(grant, credential)));
  return {
    credentials: active.length,
    working: sum(({ works }) => Number(works)),
    kinds: [...new Set(credentials.flatMap(({ kind }, i) => (found[i]?.works ? [kind] : [])))],
    retired: credentials.length - active.length,
    ended: sum(({ ended }) => Number(ended)),
    inGrace: sum(({ inGrace }) => Number(inGrace)),
    dead: issued.filter(({ alive }) => !alive).length,
    suspects: sum(({ suspects }) => suspects),
    orphans: sum(({ orphans }) => orphans),
    listed: sum(({ listed }) => listed),
    violations: [
      ...found.flatMap(({ violations }) => violations),
      ...strangers.map(({ kind, subject }) => `${kind} of ${subject}: a grant that nobody asked for`),
      ...control.deviations().map(({ method, path, deviations }) => `${method} ${path}: ${deviations.join('; ')}`),
    ],
  };
}

interface AuditOfOne {
  readonly works: boolean;
  readonly ended: boolean;
  readonly inGrace: boolean;
  readonly suspects: number;
  readonly orphans: number;
  readonly listed: number;
  readonly violations: readonly string[];
}

function auditOne(
  sandbox: Audited,
  credential: CompanyCredential,
  issued: readonly GrantView[],
  retired: boolean,
): AuditOfOne {
  const { id, kind, secret } = credential;
  const holdings = holdingsOf(sandbox, secret);
  const current = retired ? undefined : holdings.value(holdings.current);
  const works = sandbox.control.storedValueWorks(kind, current);
  const previous = !retired && isUnsettled(holdings) ? holdings.value(holdings.previous) : undefined;
  const inGrace = sandbox.control.storedValueWorks(kind, previous);
  const suspects = namedBy(holdings, 'rotation:suspected-orphan:').filter((one) => !isResolved(holdings, one)).length;
  const leftAlive = ['rotation:unrevoked:', 'rotation:still-alive:'].flatMap((tag) => namedBy(holdings, tag));
  const known = [current, previous, ...leftAlive.map((version) => holdings.value(version))];
  const living = issued.filter((grant) => grant.alive && belongsTo(grant, credential));
  const strays = living.filter((grant) => !isAmong(grant, known));
  const orphans = Math.min(strays.length, suspects);
  const blocked = holdings.tags['rotation:blocked'];
  const violations = [
    ...(works || retired ? [] : [`${id}: AWSCURRENT does not work`]),
    ...(isUnfinished(holdings) ? [`${id}: a rotation is unfinished`] : []),
    ...(strays.length > suspects
      ? [`${id}: ${strays.length} live grants that nobody holds, ${suspects} suspected`]
      : []),
    ...(blocked === undefined ? [] : [`${id}: blocked: ${blocked}`]),
  ];
  const ended = retired && living.length === 0;
  return { works, ended, inGrace, suspects, orphans, listed: leftAlive.length, violations };
}

const belongsTo = (grant: GrantView, { kind, subject }: CompanyCredential): boolean =>
  grant.kind === kind && grant.subject === subject;

/** A receipt that was extended has several revisions, all as good: what counts is its id. */
const isAmong = ({ kind, secret, grantId }: GrantView, values: readonly unknown[]): boolean => {
  const sought = JSON.stringify(kind === 'finicity-access-key' ? grantId : secret);
  return values.some((value) => JSON.stringify(value ?? '').includes(sought));
};

const namedBy = ({ tags }: Holdings, prefix: string): string[] =>
  Object.keys(tags)
    .filter((key) => key.startsWith(prefix))
    .map((key) => key.slice(prefix.length));

const isResolved = ({ tags }: Holdings, rotation: string): boolean =>
  tags[`rotation:suspected-orphan:${rotation}`]?.startsWith('resolved') ?? false;
