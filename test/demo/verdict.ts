import { KINDS } from '../../src/types';
import type { Audit } from '../support/audit';
import type { Extension } from './extension';

/** What was found when all was over. */
export interface Findings {
  readonly audit: Audit;
  /** Requests in which the worker departed from the vendors' documents. */
  readonly deviations: readonly string[];
  readonly leaks: readonly string[];
  readonly searched: {
    readonly values: number;
    readonly logLines: number;
    readonly redisKeys: number;
    readonly commands: number;
  };
  readonly extension: Extension;
  /** Exit codes after SIGTERM. */
  readonly exits: readonly (number | null)[];
  readonly counts: Readonly<Record<string, number>>;
}

interface Check {
  readonly says: string;
  readonly holds: boolean;
  readonly but: readonly string[];
}

export interface Verdict {
  readonly holds: boolean;
  readonly lines: readonly string[];
}

const PER_LINE = 4;

/** Whether every promise was kept, and the counts, in lines to print. */
export function verdictOf(findings: Findings): Verdict {
  const all = checks(findings);
  const holds = all.every((check) => check.holds);
  const counts = { ...findings.counts, suspects: findings.audit.suspects };
  return {
    holds,
    lines: [...all.flatMap(lines), ...counted(counts), holds ? 'THE AUDIT HOLDS' : 'THE AUDIT DOES NOT HOLD'],
  };
}

const lines = ({ says, holds, but }: Check): string[] => [
  `${holds ? 'ok  ' : 'FAIL'} ${says}`,
  ...but.map((violation) => `       ${violation}`),
];

/** `issued 41, promoted 39, …`, a few in a line. */
function counted(counts: Findings['counts']): string[] {
  const words = Object.entries(counts).map(([name, n]) => `${name} ${n}`);
  const rows = Array.from({ length: Math.ceil(words.length / PER_LINE) }, (_, i) => i * PER_LINE);
  return rows.map((from) => `     ${words.slice(from, from + PER_LINE).join(', ')}`);
}

function checks({ audit, deviations, leaks, searched, exits, extension }: Findings): readonly Check[] {
  const { credentials, working, kinds, retired, ended, dead, inGrace, listed, suspects, orphans, violations } = audit;
  const { values, logLines, redisKeys, commands } = searched;
  const { credential, revision, values: stored, isSame, alive } = extension;
  return [
    {
      says: `every AWSCURRENT works: ${working} of ${credentials}, of ${kinds.length} kinds`,
      holds: working === credentials && kinds.length === KINDS.length,
      but: [],
    },
    {
      says: `what was retired has no grant left: ${ended} of ${retired}`,
      holds: retired > 0 && ended === retired,
      but: [],
    },
    {
      says: `the extended ${credential} is one receipt, and lives: ${stored} values, revision ${revision}`,
      holds: isSame && alive && stored > 1,
      but: [],
    },
    {
      says: `every superseded grant past its grace is dead: ${dead} dead, ${inGrace + listed} not`,
      holds: inGrace + listed === 0,
      but: [],
    },
    {
      says: `nothing else is alive, but listed: ${suspects} suspected orphans, ${orphans} of them alive`,
      holds: violations.length === 0,
      but: violations,
    },
    {
      says: 'every request was as the vendors document it',
      holds: deviations.length === 0,
      but: deviations,
    },
    {
      says: `no secret is seen: ${values} values; ${logLines} lines of log, ${redisKeys} keys, ${commands} commands`,
      holds: leaks.length === 0 && logLines > 0 && redisKeys > 0 && commands > 0,
      but: leaks,
    },
    {
      says: `SIGTERM ended the worker with exit code 0: ${exits.join(', ')}`,
      holds: exits.length > 0 && exits.every((code) => code === 0),
      but: [],
    },
  ];
}
