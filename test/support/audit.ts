import type { GrantView } from '../sandbox/inspection/grant-view';
import type { Sandbox } from '../sandbox/start';
import type { Company } from './company';

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
  /** Everything that is not as promised; empty when the audit holds. */
  readonly violations: readonly string[];
}

type CompanyCredential = Company['credentials'][number];

/** What one credential's secret holds, read past every fault through the stand-in's own door. */
function look(sandbox: Sandbox, secret: string) {
  const { store } = sandbox.secretsManager;
  const described = store.DescribeSecret({ SecretId: secret });
  const labels = described.VersionIdsToStages ?? {};
  const holder = (label: string): string | undefined => Object.keys(labels).find((id) => labels[id]?.includes(label));
  const value = (label: string): unknown => {
    const VersionId = holder(label);
    return VersionId === undefined
      ? undefined
      : JSON.parse(store.GetSecretValue({ SecretId: secret, VersionId }).SecretString ?? '{}');
  };
  const tags = Object.fromEntries((described.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
  return { holder, value, tags };
}

type Looked = ReturnType<typeof look>;

interface OneAudit {
  readonly works: boolean;
  readonly inGrace: boolean;
  readonly suspects: number;
  readonly orphans: number;
  readonly violations: readonly string[];
}

/**
 * The promises, looked at through the doors beside the wire: every AWSCURRENT works; what lives besides is AWSPREVIOUS not
 * yet settled, or is listed with its credential; nothing is unfinished. Values must be stored verbatim. Grants that were
 * planted do not count.
 */
export function audit(sandbox: Sandbox, company: Company): Audit {
  const issued = sandbox.control
    .grants()
    .filter(({ kind, secret }) => kind !== 'finicity-partner-secret' && !company.planted.has(secret));
  const all = company.credentials.map((credential) => auditOne(sandbox, credential, issued));
  const count = (what: (one: OneAudit) => number | boolean): number =>
    all.reduce((sum, one) => sum + Number(what(one)), 0);
  return {
    credentials: all.length,
    working: count(({ works }) => works),
    inGrace: count(({ inGrace }) => inGrace),
    dead: issued.filter(({ alive }) => !alive).length,
    suspects: count(({ suspects }) => suspects),
    orphans: count(({ orphans }) => orphans),
    violations: [...all.flatMap(({ violations }) => violations), ...ownerless(company, issued)],
  };
}

function auditOne(sandbox: Sandbox, credential: CompanyCredential, issued: readonly GrantView[]): OneAudit {
  const looked = look(sandbox, credential.secret);
  const works = sandbox.control.storedValueWorks(credential.kind, looked.value('AWSCURRENT'));
  const inGrace = isInGrace(sandbox, credential, looked);
  const held = JSON.stringify([looked.value('AWSCURRENT'), inGrace ? looked.value('AWSPREVIOUS') : null]);
  const strays = issued.filter(
    (grant) => grant.alive && isOf(credential, grant) && !held.includes(JSON.stringify(grant.secret)),
  ).length;
  const suspects = Object.keys(looked.tags).filter((key) => key.startsWith('rotation:suspected-orphan:')).length;
  const says = [
    ...(works ? [] : ['AWSCURRENT does not work']),
    ...(strays > suspects ? [`${strays} live grants that nobody holds, ${suspects} listed`] : []),
    ...unfinished(looked),
  ];
  const violations = says.map((violation) => `${credential.id}: ${violation}`);
  return { works, inGrace, suspects, orphans: Math.min(strays, suspects), violations };
}

const isOf = ({ kind, subject }: CompanyCredential, grant: GrantView): boolean =>
  grant.kind === kind && grant.subject === subject;

function isInGrace({ control }: Sandbox, { kind }: CompanyCredential, { holder, value, tags }: Looked): boolean {
  const previous = holder('AWSPREVIOUS');
  if (previous === undefined || tags['rotation:revoked'] === previous) return false;
  return control.storedValueWorks(kind, value('AWSPREVIOUS'));
}

function unfinished({ holder, tags }: Looked): string[] {
  const pending = holder('AWSPENDING');
  const settled = [undefined, holder('AWSCURRENT'), holder('AWSPREVIOUS'), holder('ROTATION_GIVEN_UP')];
  return [
    ...(settled.includes(pending) ? [] : ['a rotation is unfinished']),
    ...(tags['rotation:blocked'] === undefined ? [] : [`blocked: ${tags['rotation:blocked']}`]),
  ];
}

/** What no credential of the company can have led to. */
const ownerless = ({ credentials }: Company, issued: readonly GrantView[]): string[] =>
  issued
    .filter((grant) => grant.alive && !credentials.some((credential) => isOf(credential, grant)))
    .map(({ kind, subject }) => `${kind} of ${subject}: a live grant of no credential`);
