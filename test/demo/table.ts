import { styleText } from 'node:util';
import Table from 'cli-table3';
import type { Decision, State } from '../../src/decision';
import type { Row } from './fleet';

type Colour = 'green' | 'blue' | 'cyan' | 'yellow' | 'red';

const COLOUR_OF: Readonly<Record<State, Colour>> = {
  fresh: 'green',
  'in-grace': 'blue',
  stale: 'cyan',
  due: 'cyan',
  absent: 'cyan',
  missing: 'cyan',
  staged: 'yellow',
  'in-flight': 'yellow',
  interrupted: 'yellow',
  superseded: 'yellow',
  suspended: 'yellow',
  paused: 'red',
  expiring: 'yellow',
  expired: 'red',
  suspected: 'red',
  'needs-import': 'red',
  blocked: 'red',
  foreign: 'red',
  unmapped: 'red',
  'being-deleted': 'red',
  retiring: 'yellow',
  retired: 'blue',
  unused: 'blue',
};

const HEAD = ['credential', 'kind', 'state', 'age', 'susp', 'next action'];
const WIDTHS = [14, 25, 13, 4, 4, 15];
const ALIGNS: Table.HorizontalAlignment[] = ['left', 'left', 'left', 'right', 'right', 'left'];
/** No lines and one space between columns of fixed width: it fits into 80 columns and, with some log, into 24 rows. */
const NO_LINES = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '' },
  ...{ 'bottom-right': '', left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: ' ' },
};

const isState = (name: string): name is State => name in COLOUR_OF;
export const STATES: readonly State[] = Object.keys(COLOUR_OF).filter(isState);

export function renderTable(rows: readonly Row[], now: number, colour: boolean): string {
  const paint = (format: Colour | 'dim' | 'bold', text: string): string => (colour ? styleText(format, text) : text);
  const style = { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true };
  const head = HEAD.map((name) => paint('bold', name));
  const table = new Table({ head, chars: NO_LINES, style, colWidths: WIDTHS, colAligns: ALIGNS });
  for (const row of rows) {
    const [id, kind, state, age, suspects, next] = cells(row, now);
    table.push([id, paint('dim', kind), paint(COLOUR_OF[row.decision.state], state), age, suspects, next]);
  }
  return table.toString().replaceAll(/ +$/gm, '');
}

type Cells = readonly [id: string, kind: string, state: string, age: string, suspects: string, next: string];

/** What one line of the table says, in its columns. */
export function cells(row: Row, now: number): Cells {
  const { credential, seen, decision } = row;
  const suspects = String(seen?.tags.suspects.length || '');
  return [credential.id, credential.kind, decision.state, age(row, now), suspects, nextAction(decision, now)];
}

const age = ({ seen }: Row, now: number): string =>
  seen?.current?.is === 'value' ? short(now - seen.current.issuedAt) : '-';

/** In the largest unit of which there are two. */
function short(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)}h` : `${Math.round(seconds / 86_400)}d`;
}

/** In the words of a person: what the decision's action means in its state. */
function nextAction({ action, state, reason, at }: Decision, now: number): string {
  const when = at === undefined || at <= now ? 'now' : `in ${short(at - now)}`;
  switch (action) {
    case 'rotate':
      return state === 'absent' ? 'issue the first' : `rotate ${when}`;
    case 'settle':
      return 'revoke old now';
    case 'retire':
      return 'revoke all now';
    case 'verify':
      return 'see if it works';
    case 'resume':
      return resumption(state, when);
    case 'none':
      return waiting(state, reason, at === undefined ? '' : ` ${when}`);
  }
}

function resumption(state: State, when: string): string {
  if (state === 'staged') return 'promote it now';
  return state === 'in-flight' || state === 'interrupted' ? `resume ${when}` : 'clear up now';
}

function waiting(state: State, reason: string, when: string): string {
  if (state === 'fresh') return `rotate${when}`;
  if (state === 'in-grace') return `old ends${when}`;
  if (state === 'needs-import') return 'rotator import';
  return state === 'retired' ? 'none' : `${reason}${when}`;
}
