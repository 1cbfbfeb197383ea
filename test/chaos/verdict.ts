import type { Audit } from '../support/audit';
import { type Broken, count } from '../support/proof';
import type { Chaos } from './play';
import { type Promotions, promotionsOf } from './promotions';
import { distributionOf, type Remainder, type Resumption, resumptionsOf } from './resumptions';
import type { Happening } from './timeline';

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

/** What a run has come to, for people. Times are reported, not promised: the machine may be busy. */
export function report(chaos: Chaos, seed: number, { audit, promotions, resumptions }: Verdict): string {
  const { happened, leftToAPerson, sent } = chaos;
  const troubles = tally(happened.filter(({ lane }) => lane !== 'sender').map(({ lane, what }) => `${lane} ${what}`));
  const { credentials, working, suspects, orphans, dead } = audit;
  return [
    `chaos, seed ${seed}: ${troubles}; ${sent.length} messages`,
    `${working} of ${credentials} credentials work; ${dead} grants ended; ${suspects} suspects, ${orphans} of them alive; promoted: ${tallied(promotions.reasons)}`,
    `left to a person after the chaos: ${tally(leftToAPerson.map(({ state, reason }) => `${state}, ${reason}`)) || 'none'}`,
    ...(['staged', 'intent'] as const).flatMap((remainder) => [
      line(
        remainder,
        'all else well',
        resumptions.filter((one) => one.remainder === remainder && one.calm),
      ),
      line(
        remainder,
        'under troubles',
        resumptions.filter((one) => one.remainder === remainder && !one.calm),
      ),
    ]),
  ].join('\n');
}

const GOALS: Readonly<Record<Remainder, string>> = {
  staged: 'goal 5 s',
  intent: "goal 16 s: its owner's limit and 5 s more",
};

function line(remainder: Remainder, how: string, resumptions: readonly Resumption[]): string {
  const { n, p50, p90, max } = distributionOf(resumptions);
  return `after kill -9, until another worker went on (${remainder}, ${how}; ${GOALS[remainder]}): n ${n}, p50 ${p50} ms, p90 ${p90} ms, max ${max} ms`;
}

function tally(words: readonly string[]): string {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return tallied(counts);
}

const tallied = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([word, times]) => `${times} ${word}`)
    .join(', ');

/** The timeline, for the words of a failure. */
export const told = (timeline: readonly Happening[]): string =>
  timeline
    .map(({ at, lane, what, forMs }) => `${at} ms ${lane} ${what}${forMs > 0 ? ` for ${forMs} ms` : ''}`)
    .join('\n');
