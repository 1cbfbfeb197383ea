import { z } from 'zod';

/** One step of a stage. Paths are as they stand there. */
export type Step =
  | { readonly does: 'WORKDIR'; readonly path: string }
  | { readonly does: 'COPY'; readonly stage: string | undefined; readonly from: readonly string[]; readonly to: string }
  | { readonly does: 'RUN'; readonly line: string }
  | { readonly does: 'ENV'; readonly name: string; readonly value: string }
  | { readonly does: 'USER'; readonly uid: number; readonly gid: number }
  | { readonly does: 'HEALTHCHECK'; readonly options: Readonly<Record<string, string>>; readonly command: Command }
  | { readonly does: 'CMD'; readonly command: Command };
export type Command = readonly string[];

export interface Stage {
  readonly name: string;
  /** An image of a registry, or an earlier stage. */
  readonly base: string;
  readonly steps: readonly Step[];
}

interface Line {
  readonly number: number;
  readonly word: string;
  readonly rest: string;
}

/**
 * The stages of our Dockerfile, ARG filled in. It knows what stands there and no more: whatever else Docker would understand is
 * refused with its line, so that no step is left out or done otherwise than an engine would.
 */
export function parseDockerfile(text: string): readonly Stage[] {
  const args = new Map<string, string>();
  const stages: { name: string; base: string; steps: Step[] }[] = [];
  for (const line of linesOf(text)) {
    const stage = stages.at(-1);
    if (line.word === 'ARG' && stage === undefined) args.set(...argOf(line));
    else if (line.word === 'FROM') stages.push({ ...fromOf(line, args), steps: [] });
    else if (stage === undefined) throw refusal(line, 'stands before the first FROM');
    else stage.steps.push(stepOf(line));
  }
  return stages;
}

function linesOf(text: string): Line[] {
  return text.split('\n').flatMap((raw, n) => {
    if (raw.trim() === '' || raw.startsWith('#')) return [];
    const number = n + 1;
    const [, word = '', rest = ''] = /^([A-Z]+) +(.*[^\s\\])$/.exec(raw) ?? [];
    if (word === '') throw new Error(`Dockerfile:${number}: not one instruction on one line: ${raw}`);
    return [{ number, word, rest }];
  });
}

function stepOf(line: Line): Step {
  switch (line.word) {
    case 'WORKDIR':
      return { does: 'WORKDIR', path: matched(line, /^(\/[\w./-]+)$/)[0] };
    case 'COPY':
      return copyOf(line);
    case 'RUN':
      return { does: 'RUN', line: matched(line, /^([\w ./=-]+)$/)[0] };
    case 'ENV': {
      const [name, quoted, bare] = matched(line, /^([A-Z_]+)=(?:"([\w ./-]*)"|([\w./-]*))$/);
      return { does: 'ENV', name, value: quoted ?? bare ?? '' };
    }
    case 'USER': {
      const [uid, gid] = matched(line, /^(\d+):(\d+)$/);
      return { does: 'USER', uid: Number(uid), gid: Number(gid) };
    }
    case 'HEALTHCHECK': {
      const [options, command = ''] = matched(line, /^((?:--[a-z-]+=\w+ +)+)CMD +(\[.*\])$/);
      const pairs = [...options.matchAll(/--([a-z-]+)=(\w+)/g)].map(([, name, value]) => [name, value]);
      return { does: 'HEALTHCHECK', options: Object.fromEntries(pairs), command: execForm(line, command) };
    }
    case 'CMD':
      return { does: 'CMD', command: execForm(line, line.rest) };
    default:
      throw refusal(line, 'is not among the instructions that are known');
  }
}

/** Several sources need a folder as their destination. Wildcards, flags but --from, and the JSON form are not known. */
function copyOf(line: Line): Step {
  const [stage, paths = ''] = matched(line, /^(?:--from=(\w+) +)?([\w./ -]+)$/);
  const all = paths.split(/ +/);
  const to = all.pop() ?? '';
  if (all.length === 0 || (all.length > 1 && !to.endsWith('/')))
    throw refusal(line, 'needs sources, and a folder for them');
  if (all.some((path) => path.startsWith('-'))) throw refusal(line, 'has a flag that is not known');
  return { does: 'COPY', stage, from: all, to };
}

function argOf(line: Line): [string, string] {
  const [name, value = ''] = matched(line, /^([A-Z_]+)=([\w.:/-]+)$/);
  return [name, value];
}

function fromOf(line: Line, args: ReadonlyMap<string, string>): { name: string; base: string } {
  const [variable, plain, name = ''] = matched(line, /^(?:\$\{([A-Z_]+)\}|([\w.:/-]+)) AS (\w+)$/);
  const base = variable === undefined ? plain : args.get(variable);
  if (base === undefined) throw refusal(line, `names ${variable}, which no ARG sets`);
  return { name, base };
}

/** The shell form would put a shell between the engine and the program. */
function execForm(line: Line, text: string): Command {
  try {
    return z.array(z.string()).min(1).parse(JSON.parse(text));
  } catch {
    throw refusal(line, 'is not in exec form, ["program", "argument"]');
  }
}

/** The groups of the pattern; the first one is a text at least where the others are absent. */
function matched(line: Line, pattern: RegExp): [string, ...(string | undefined)[]] {
  const [, first, ...others] = pattern.exec(line.rest) ?? refuse(line);
  return [first as string, ...others];
}

function refuse(line: Line): never {
  throw refusal(line, 'is not in the form that is known');
}

const refusal = ({ number, word, rest }: Line, why: string): Error =>
  new Error(`Dockerfile:${number}: ${word} ${why}: ${rest}`);
