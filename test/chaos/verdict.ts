import type { Audit } from '../support/audit';
import { type Broken, count } from '../support/proof';
import type { Chaos } from './play';
import { type Promotions, promotionsOf } from './promotions';
import { type Resumption, resumptionsOf } from './resumptions';

export interface Verdict {
  readonly audit: Audit;
  readonly promotions: Promotions;
  readonly resumptions: readonly Resumption[];
  /** Everything that is not as promised. */
  readonly findings: readonly string[];
}

/** Judges a run that is over, and counts it. */
export async function judgedChaos(chaos: Chaos, rotateEveryMs: number): Promise<Verdict> {
  const { sandbox, company, lives, happened, sent } = chaos;
  const seen = await sandbox.seen();
  const lines = chaos.workers.flatMap((worker) => worker.lines());
  const credentials = [...company.credentials, ...company.tokens];
  const audit = await chaos.audit();
  const promotions = promotionsOf({ seen, credentials, rotateEveryMs, lines, sent });
  const resumptions = resumptionsOf({ seen, credentials, lives, happened });
  const bugs = lines
    .filter(({ alarm }) => alarm === 'invariant')
    .map((line) => `a bug of ours: ${JSON.stringify(line)}`);
  const exits = chaos.exits.flatMap((code) =>
    code === 0 ? [] : [`a worker that was told to stop exited with ${code}`],
  );
  const findings = [...audit.violations, ...promotions.findings, ...bugs, ...exits];
  count('crash points', lives.filter(({ killedAt }) => killedAt !== undefined).length);
  for (const broken of new Set([
    ...audit.violations.flatMap(brokenBy),
    ...promotions.findings.map(() => 'issued twice' as const),
  ]))
    count(broken);
  return { audit, promotions, resumptions, findings };
}

function brokenBy(violation: string): readonly Broken[] {
  if (violation.endsWith('AWSCURRENT does not work')) return ['lost'];
  return /live grants that nobody holds|nobody asked for/.test(violation) ? ['leaked'] : [];
}
