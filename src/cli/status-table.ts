import Table from 'cli-table3';
import type { Instant } from '../types';
import { type Colour, paint } from './output';
import type { Row } from './status-rows';
import { adviceFor, duration, nextAction, relative } from './words';

const HEAD = ['credential', 'kind', 'state', 'age', 'expires', 'last', 'next'];
/** No lines and two spaces between columns: it can be read, copied and cut by other programs. */
const NO_LINES = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '' },
  ...{ 'bottom-right': '', left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' },
};
const STYLE = { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true };

/** Cells are measured one by one: with so many rows at once a large fleet costs no more than a small one, row by row. */
const ROWS_AT_ONCE = 1_000;

/** One line a credential. Columns are as wide as their widest cell. */
export function statusTable(rows: readonly Row[], now: Instant): string {
  const cells = rows.map((row) => cellsOf(row, now));
  const colWidths = HEAD.map((name, i) => cells.reduce((most, line) => Math.max(most, width(line[i])), name.length));
  const lines = [rendered([HEAD.map((name) => paint('bold', name))], colWidths)];
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
    const part = cells.slice(from, from + ROWS_AT_ONCE);
    lines.push(
      rendered(
        part.map((line, i) => painted(line, rows[from + i])),
        colWidths,
      ),
    );
  }
  return lines.join('\n');
}

const width = (cell: string | undefined): number => cell?.length ?? 0;

function rendered(lines: readonly (readonly string[])[], colWidths: number[]): string {
  const table = new Table({ chars: NO_LINES, style: STYLE, colWidths });
  for (const line of lines) table.push([...line]);
  return table.toString().replaceAll(/ +$/gm, '');
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

function painted(cells: readonly string[], row: Row | undefined): string[] {
  const [id = '', kind = '', state = '', ...rest] = cells;
  return [id, paint('dim', kind), paint(row === undefined ? 'dim' : colourOf(row), state), ...rest];
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
