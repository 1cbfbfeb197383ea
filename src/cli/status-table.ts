import type { Instant } from '../types';
import { type Colour, paint } from './output';
import type { Row } from './status-rows';
import { adviceFor, duration, nextAction, relative } from './words';

const HEAD = ['credential', 'kind', 'state', 'age', 'expires', 'last', 'next'];

/** One line a credential, columns as wide as their widest cell. cli-table3 takes minutes for 100,000 of them (measured). */
export function statusTable(rows: readonly Row[], now: Instant): string {
  const cells = rows.map((row) => cellsOf(row, now));
  const widths = HEAD.map((name, i) => cells.reduce((most, line) => Math.max(most, line[i]?.length ?? 0), name.length));
  const padded = (line: readonly string[]): string[] => line.map((cell, i) => cell.padEnd(widths[i] ?? 0));
  const lines = rows.map((row, i) => painted(padded(cells[i] ?? []), row));
  return [padded(HEAD).map((name) => paint('bold', name)), ...lines]
    .map((line) => line.join('  ').trimEnd())
    .join('\n');
}

function cellsOf(row: Row, now: Instant): string[] {
  const { credential, decision, issuedAt, expiresAt, lastOutcome } = row;
  return [
    credential.id,
    credential.kind,
    decision.state,
    issuedAt === undefined ? '-' : duration(now - issuedAt),
    expiresAt === undefined ? '-' : relative(expiresAt, now),
    lastOutcome,
    next(row, now),
  ];
}

function next({ credential, decision, needsAPerson, open }: Row, now: Instant): string {
  const found = Object.entries(open)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${WORD[name] ?? name}`);
  const then = nextAction(decision, now);
  const advice = needsAPerson ? ` -> ${adviceFor(credential.id, decision)}` : '';
  return `${[then, ...found].join('; ')}${advice}`;
}

const WORD: Readonly<Record<string, string>> = {
  suspects: 'suspected',
  unrevoked: 'unrevoked',
  stillAlive: 'still alive',
};

function painted([id = '', kind = '', state = '', ...rest]: readonly string[], row: Row): string[] {
  return [id, paint('dim', kind), paint(colourOf(row), state), ...rest];
}

function colourOf({ needsAPerson, decision: { state } }: Row): Colour {
  if (needsAPerson) return 'red';
  if (state === 'fresh') return 'green';
  return state === 'in-grace' ? 'blue' : 'cyan';
}

/** `7 credentials: 5 fresh, 2 blocked; 2 need a person`. */
export function summaryLine(rows: readonly Row[]): string {
  const states = Object.entries(countsByState(rows)).map(([state, count]) => `${count} ${state}`);
  const problems = rows.filter(({ needsAPerson }) => needsAPerson).length;
  const all = `${rows.length} credential${rows.length === 1 ? '' : 's'}`;
  const person = problems === 0 ? 'none needs a person' : `${problems} need${problems === 1 ? 's' : ''} a person`;
  return `${all}${states.length === 0 ? '' : `: ${states.join(', ')}`}; ${person}`;
}

export function countsByState(rows: readonly Row[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { decision } of rows) counts[decision.state] = (counts[decision.state] ?? 0) + 1;
  return counts;
}
