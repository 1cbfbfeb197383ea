import type { GrantView } from '../sandbox/inspection/grant-view';
import type { Sandbox } from '../sandbox/start';
import type { Company, CompanyCredential } from './company';
import { type Holdings, holdingsOf, isUnfinished, isUnsettled } from './holdings';

export interface Audit {
  readonly credentials: number;
  /** AWSCURRENT works at the vendor. */
  readonly working: number;
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
 * The promises, looked at through the doors beside the wire: every AWSCURRENT works; what lives besides is AWSPREVIOUS not
 * yet settled, or is listed on the credential that it belongs to; nothing is unfinished; no request departed from the
 * vendors' pages. Values must be stored verbatim. Grants that were planted do not count.
 */
export function audit(sandbox: Sandbox, company: Company): Audit {
  const { control } = sandbox;
  const issued = control.grants().filter((grant) => isIssued(grant, company));
  const credentials = [...company.credentials, ...company.tokens];
  const found = credentials.map((credential) => auditOne(sandbox, credential, issued));
  const sum = (count: (one: AuditOfOne) => number): number => found.reduce((total, one) => total + count(one), 0);
  const strangers = issued.filter((grant) => !credentials.some((credential) => belongsTo(grant, credential)));
  return {
    credentials: credentials.length,
    working: sum(({ works }) => Number(works)),
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
  readonly inGrace: boolean;
  readonly suspects: number;
  readonly orphans: number;
  readonly listed: number;
  readonly violations: readonly string[];
}

function auditOne(sandbox: Sandbox, credential: CompanyCredential, issued: readonly GrantView[]): AuditOfOne {
  const { kind, secret } = credential;
  const holdings = holdingsOf(sandbox, secret);
  const current = holdings.value(holdings.current);
  const works = sandbox.control.storedValueWorks(kind, current);
  const previous = isUnsettled(holdings) ? holdings.value(holdings.previous) : undefined;
  const inGrace = sandbox.control.storedValueWorks(kind, previous);
  const suspects = namedBy(holdings, 'rotation:suspected-orphan:').filter((id) => !isResolved(holdings, id)).length;
  const leftAlive = ['rotation:unrevoked:', 'rotation:still-alive:'].flatMap((tag) => namedBy(holdings, tag));
  const known = [current, previous, ...leftAlive.map((version) => holdings.value(version))];
  const strays = issued.filter((grant) => grant.alive && belongsTo(grant, credential) && !isAmong(grant, known));
  const orphans = Math.min(strays.length, suspects);
  return { works, inGrace, suspects, orphans, listed: leftAlive.length, violations: found(credential.id) };

  function found(id: string): string[] {
    return [
      ...(works ? [] : [`${id}: AWSCURRENT does not work`]),
      ...(isUnfinished(holdings) ? [`${id}: a rotation is unfinished`] : []),
      ...(strays.length > suspects
        ? [`${id}: ${strays.length} live grants that nobody holds, ${suspects} suspected`]
        : []),
      ...['rotation:blocked'].flatMap((tag) => (tag in holdings.tags ? [`${id}: blocked: ${holdings.tags[tag]}`] : [])),
    ];
  }
}

const isIssued = ({ kind, secret }: GrantView, { planted }: Company): boolean =>
  kind !== 'finicity-partner-secret' && !planted.has(secret);

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
