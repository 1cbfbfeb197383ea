// Everything that is wrong, collected, and told at once: `file:line: path: what is wrong: how to mend it`.

import { ConfigError } from '../errors';
import type { Path, Source } from './source';

/** Something wrong with one part of an object; the path leads there from the object. */
export interface Finding {
  readonly path: Path;
  readonly text: string;
}

export interface Problems {
  add(source: Source, path: Path, text: string): void;
  addAll(source: Source, path: Path, findings: readonly Finding[]): void;
  /** What keeps a file from being read as YAML. */
  addSyntax(source: Source): void;
  /** @throws ConfigError where anything was added */
  throwIfAny(): void;
}

interface Problem {
  readonly source: Source;
  readonly line: number;
  readonly path: Path;
  readonly text: string;
}

export function collectProblems(): Problems {
  const problems: Problem[] = [];
  const add = (source: Source, path: Path, text: string): void => {
    problems.push({ source, path, text, line: source.lineOf(path) });
  };
  return {
    add,
    addAll(source, path, findings) {
      for (const finding of findings) add(source, [...path, ...finding.path], finding.text);
    },
    addSyntax(source) {
      for (const { line, text } of source.syntax) problems.push({ source, path: [], text, line });
    },
    throwIfAny() {
      if (problems.length > 0) throw new ConfigError(inOrder(problems).map(lineText));
    },
  };
}

/** File by file, in the order in which the files were first found at fault, and from top to bottom. */
function inOrder(problems: readonly Problem[]): Problem[] {
  const place = new Map<Source, number>();
  for (const { source } of problems) if (!place.has(source)) place.set(source, place.size);
  const rank = ({ source }: Problem): number => place.get(source) ?? 0;
  return [...problems].sort((a, b) => rank(a) - rank(b) || a.line - b.line);
}

const lineText = ({ source, line, path, text }: Problem): string => `${source.name}:${line}: ${said(path, text)}`;

const said = (path: Path, text: string): string => (path.length === 0 ? text : `${pathText(path)}: ${text}`);

function pathText(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}

/** `credentials/b.yaml:12`, for a message that points from one place to another. */
export const placeOf = (source: Source, path: Path): string => `${source.name}:${source.lineOf(path)}`;
