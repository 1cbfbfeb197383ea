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
  /** Everything that is not as promised; empty when the audit holds. */
  readonly violations: readonly string[];
}

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

/**
 * The promises, looked at through the doors beside the wire: every AWSCURRENT works; what lives besides is AWSPREVIOUS not
 * yet settled, or is listed; nothing is unfinished. Values must be stored verbatim. Grants that were planted do not count.
 */
export function audit(sandbox: Sandbox, company: Company): Audit {
  const violations: string[] = [];
  const counts = { working: 0, inGrace: 0, suspects: 0 };
  const accountedFor = new Set<string>();
  const { control } = sandbox;
  const known = (kind: string, value: unknown): void => {
    const text = JSON.stringify(value ?? '');
    for (const grant of control.grants()) {
      if (grant.kind === kind && text.includes(JSON.stringify(grant.secret)))
        accountedFor.add(`${grant.kind} ${grant.secret}`);
    }
  };
  for (const { id, kind, secret } of company.credentials) {
    const { holder, value, tags } = look(sandbox, secret);
    const suspects = Object.keys(tags).filter((key) => key.startsWith('rotation:suspected-orphan:')).length;
    counts.suspects += suspects;
    if (control.storedValueWorks(kind, value('AWSCURRENT'))) counts.working += 1;
    else violations.push(`${id}: AWSCURRENT does not work`);
    known(kind, value('AWSCURRENT'));
    const previous = holder('AWSPREVIOUS');
    if (
      previous !== undefined &&
      tags['rotation:revoked'] !== previous &&
      control.storedValueWorks(kind, value('AWSPREVIOUS'))
    ) {
      counts.inGrace += 1;
      known(kind, value('AWSPREVIOUS'));
    }
    const pending = holder('AWSPENDING');
    if (pending !== undefined && ![holder('AWSCURRENT'), previous, holder('ROTATION_GIVEN_UP')].includes(pending)) {
      violations.push(`${id}: a rotation is unfinished`);
    }
    if (tags['rotation:blocked'] !== undefined) violations.push(`${id}: blocked: ${tags['rotation:blocked']}`);
  }
  const issued = control
    .grants()
    .filter(({ kind, secret }) => kind !== 'finicity-partner-secret' && !company.planted.has(secret));
  const strays = issued.filter(({ alive, kind, secret }) => alive && !accountedFor.has(`${kind} ${secret}`));
  if (strays.length > counts.suspects) {
    violations.push(...strays.map(({ kind, subject }) => `${kind} of ${subject}: a live grant that nobody holds`));
  }
  const dead = issued.filter(({ alive }) => !alive).length;
  return { credentials: company.credentials.length, ...counts, dead, violations };
}
