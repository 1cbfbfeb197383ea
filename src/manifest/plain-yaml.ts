// A reader of the plain YAML that programs write: maps and lists, each value on one line. It reads
// 100,000 entries in a part of a second where a whole YAML parser needs ten. It understands little on purpose: for
// everything else it answers undefined, and the file goes to the parser of `yaml`, which also words every error. A property
// test holds that the two agree on whatever this one takes.

import { isName, oneLine, type Plain } from './plain-line';

interface Line {
  readonly indent: number;
  readonly text: string;
}

/** Where the reader stands; `undefined` from any function below means "not plain": give up. */
interface Cursor {
  readonly lines: readonly Line[];
  next: number;
}

// Printable ASCII and Latin letters: nothing that YAML, or trim(), could take for a break, a tab or another blank.
const PLAIN_TEXT = /^[\n -~\u00c0-\u024f]*$/;
const KEY = /^([A-Za-z][\w-]{0,99}):(?: +|$)/;

/** The value of a plain YAML text, or undefined where it is not plain enough. */
export function readPlainYaml(text: string): Plain | undefined {
  const lines = PLAIN_TEXT.test(text) ? linesOf(text) : [];
  if (lines[0]?.indent !== 0) return undefined;
  const cursor = { lines, next: 0 };
  const value = block(cursor, 0);
  return cursor.next === lines.length ? value : undefined;
}

function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  for (const raw of text.split('\n')) {
    const line = uncommented(raw).trimEnd();
    const indent = line.length - line.trimStart().length;
    if (line === '') continue;
    lines.push({ indent, text: line.slice(indent) });
  }
  return lines;
}

/** A cut within quotes does no harm: it leaves a quote without its partner, which is not plain. */
function uncommented(line: string): string {
  if (line.startsWith('#')) return '';
  const comment = line.indexOf(' #');
  return comment < 0 ? line : line.slice(0, comment);
}

function block(cursor: Cursor, indent: number): Plain | undefined {
  return cursor.lines[cursor.next]?.text.startsWith('- ') ? list(cursor, indent) : map(cursor, indent);
}

function list(cursor: Cursor, indent: number): Plain | undefined {
  const items: Plain[] = [];
  for (;;) {
    const line = cursor.lines[cursor.next];
    if (line === undefined || line.indent !== indent || !line.text.startsWith('- ')) return items;
    const item = itemOf(cursor, indent, line.text);
    if (item === undefined) return undefined;
    items.push(item);
  }
}

function itemOf(cursor: Cursor, indent: number, line: string): Plain | undefined {
  const text = line.slice(2).trimStart();
  if (KEY.test(text)) return map(cursor, indent + line.length - text.length, text);
  cursor.next += 1;
  return oneLine(text);
}

/** @param first the text of its first line, where that stands behind the dash of a list */
function map(cursor: Cursor, indent: number, first?: string): Plain | undefined {
  const entries: { [key: string]: Plain } = {};
  for (let text = first ?? textAt(cursor, indent); text !== undefined; text = textAt(cursor, indent)) {
    const [start, key] = KEY.exec(text) ?? [];
    if (start === undefined || key === undefined || !isName(key)) return undefined;
    if (Object.hasOwn(entries, key)) return undefined;
    cursor.next += 1;
    const rest = text.slice(start.length);
    const value = rest === '' ? nested(cursor, indent) : oneLine(rest);
    if (value === undefined) return undefined;
    entries[key] = value;
  }
  return entries;
}

function textAt(cursor: Cursor, indent: number): string | undefined {
  const line = cursor.lines[cursor.next];
  return line?.indent === indent && !line.text.startsWith('- ') ? line.text : undefined;
}

/** What stands below a key: deeper, or a list at the same indent. */
function nested(cursor: Cursor, indent: number): Plain | undefined {
  const line = cursor.lines[cursor.next];
  if (line === undefined || line.indent < indent) return undefined;
  if (line.indent === indent && !line.text.startsWith('- ')) return undefined;
  return block(cursor, line.indent);
}
