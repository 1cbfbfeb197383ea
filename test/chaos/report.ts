import type { Chaos } from './play';
import { distributionOf, type Remainder, type Resumption } from './resumptions';
import type { Happening } from './timeline';
import type { Verdict } from './verdict';

/** What a run has come to, for people. Times are reported, not promised: the machine may be busy. */
export function report(chaos: Chaos, seed: number, { audit, promotions, resumptions }: Verdict): string {
  const { happened, leftToAPerson, sent, quietMs, loginsCleared } = chaos;
  const troubles = tally(happened.filter(({ lane }) => lane !== 'sender').map(({ lane, what }) => `${lane} ${what}`));
  const left = tally(leftToAPerson.map(({ state, reason }) => `${state} (${reason})`));
  return [
    `chaos, seed ${seed}: ${troubles}; ${sent.length} messages`,
    `  ${audit.working} of ${audit.credentials} credentials work; ${audit.dead} grants ended; ${audit.suspects} suspects, ${audit.orphans} of them alive`,
    `  promoted, by reason: ${tallied(promotions.reasons)}`,
    `  ${(quietMs / 1_000).toFixed(1)} s of quiet until everything due was rotated; left to a person: ${left || 'none'}; logins cleared: ${loginsCleared}`,
    ...timesOf(resumptions),
  ].join('\n');
}

/** What the design promises. */
const GOALS: Readonly<Record<Remainder, string>> = {
  staged: 'goal: 5 s',
  intent: "goal: 17 s, its owner's limit and 5 s more",
};

function timesOf(resumptions: readonly Resumption[]): string[] {
  const lines: string[] = [];
  for (const remainder of ['staged', 'intent'] as const) {
    for (const calm of [true, false]) {
      const those = resumptions.filter((one) => one.remainder === remainder && one.calm === calm);
      if (those.length === 0) continue;
      const { n, p50, p90, max } = distributionOf(those);
      const how = calm ? 'all else well' : 'under troubles';
      const times = `n ${n}, p50 ${p50} ms, p90 ${p90} ms, max ${max} ms`;
      lines.push(`  kill -9 to resumed, ${remainder}, ${how} (${GOALS[remainder]}): ${times}`);
    }
  }
  return lines;
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
