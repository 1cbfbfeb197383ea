// One file of the manifest: its data at once, the line of any part of it when an error needs one.

import { readFile } from 'node:fs/promises';
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type YAMLError,
} from 'yaml';
import { errorCode } from '../error-code';
import { readPlainYaml } from './plain-yaml';

/** Names and positions that lead from the top of a file to one of its values. */
export type Path = readonly PropertyKey[];

interface SyntaxProblem {
  readonly line: number;
  readonly text: string;
}

export interface Source {
  /** The path as people write it: relative to where the manifest was named. */
  readonly name: string;
  /** undefined where the file cannot be read or parsed; then `syntax` says why. */
  readonly data: unknown;
  readonly syntax: readonly SyntaxProblem[];
  /** Line of the value at this path, or of the last part of the path that is there. */
  lineOf(path: Path): number;
}

interface Parsed {
  readonly document: Document.Parsed;
  readonly lines: LineCounter;
}

/** @param path where the file is; @param name how messages call it */
export async function readSource(path: string, name: string): Promise<Source> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const problem = `cannot be read (${errorCode(error)}): name a file that this user may read`;
    return { name, data: undefined, syntax: [{ line: 1, text: problem }], lineOf: () => 1 };
  }
  return sourceOf(name, text);
}

function sourceOf(name: string, text: string): Source {
  let kept: Parsed | undefined;
  const lineOf = (path: Path): number => {
    kept ??= parseYaml(text); // ten times the size of the text: only for errors
    return lineAt(kept, path);
  };
  const plain = readPlainYaml(text);
  if (plain !== undefined) return { name, data: plain, syntax: [], lineOf };
  const parsed = parseYaml(text);
  const syntax = syntaxProblems(text, parsed);
  return { name, data: syntax.length === 0 ? parsed.document.toJS() : undefined, syntax, lineOf };
}

function parseYaml(text: string): Parsed {
  const lines = new LineCounter();
  // pretty errors would quote the line, and with it a secret that somebody wrote there
  return { document: parseDocument(text, { lineCounter: lines, prettyErrors: false }), lines };
}

function syntaxProblems(text: string, { document, lines }: Parsed): SyntaxProblem[] {
  const found = [...document.errors, ...document.warnings].map((error) => ({
    line: lines.linePos(error.pos[0]).line,
    text: worded(text, error),
  }));
  const forbidden = text.indexOf('__proto__');
  if (forbidden >= 0) {
    found.push({ line: lines.linePos(forbidden).line, text: '__proto__ is no name that can be used: choose another' });
  }
  return found.length > 0 ? found : aliasProblems(document);
}

function worded(text: string, error: YAMLError): string {
  if (error.code === 'DUPLICATE_KEY') {
    const key = /^[\w"'.-]+/.exec(text.slice(error.pos[0]))?.[0] ?? 'a key';
    return `${key} stands twice in the same map: remove one of them`;
  }
  if (error.code === 'MULTIPLE_DOCS') return 'a second document begins here (---): write one file for each';
  // what follows a colon or a quote in the parser's words is text of the file
  return `is not YAML (${error.message.split(/[:"]/)[0]?.trim()}): check indentation and quotes on this line and the one before`;
}

/** Aliases that multiply beyond all measure are refused only when they are resolved. */
function aliasProblems(document: Document.Parsed): SyntaxProblem[] {
  try {
    document.toJS();
    return [];
  } catch {
    return [{ line: 1, text: 'its aliases (*name) cannot be resolved, or grow too large: write the values out' }];
  }
}

function lineAt({ document, lines }: Parsed, path: Path): number {
  let node: unknown = document.contents;
  let offset = document.contents?.range[0] ?? 0;
  for (const part of path) {
    const child = childOf(isAlias(node) ? node.resolve(document) : node, part);
    if (child === undefined) break;
    offset = child.offset ?? offset;
    node = child.value;
  }
  return lines.linePos(offset).line;
}

function childOf(node: unknown, part: PropertyKey): { offset: number | undefined; value: unknown } | undefined {
  if (isMap(node)) {
    const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part));
    return pair && { offset: isNode(pair.key) ? pair.key.range?.[0] : undefined, value: pair.value };
  }
  if (!isSeq(node)) return undefined;
  const item = node.items[Number(part)];
  return isNode(item) ? { offset: item.range?.[0], value: item } : undefined;
}
