import { join } from 'node:path';
import { startAlone } from './own-process';

/** One command that a person has run, with all that it took as arguments and printed. */
export interface Ran {
  readonly args: readonly string[];
  readonly output: string;
  readonly lines: readonly string[];
}

export interface Errand {
  /** What it reads on standard input. */
  readonly input?: string;
  /** Exit codes that are no failure; 0 by default. */
  readonly codes?: readonly number[];
}

/** Whoever works with the command line: each command is a process of its own. */
export interface Person {
  /** @throws where it ends with another code than it may */
  rotator(args: readonly string[], errand?: Errand): Promise<Ran>;
  readonly ran: readonly Ran[];
}

const ROTATOR = join(__dirname, '../../src/cli/main.js');

/** @param env what a command gets to know, by the time it is run */
export function makePerson(env: () => Readonly<Record<string, string>>): Person {
  const ran: Ran[] = [];
  return {
    ran,
    async rotator(args, { input, codes = [0] } = {}) {
      const process = startAlone(ROTATOR, { env: env(), args, ...(input === undefined ? {} : { input }) });
      const { code } = await process.exited;
      const output = process.stdout() + process.stderr();
      const lines = process.stdout().trimEnd().split('\n').map(shortIds);
      ran.push({ args, output, lines });
      if (code === null || !codes.includes(code))
        throw new Error(`rotator ${args.join(' ')} ended with ${code}:\n${output}`);
      return { args, output, lines };
    },
  };
}

/** Version ids have 64 characters: their beginning, which is the time, will do. */
const shortIds = (line: string): string => line.replaceAll(/\b([0-9a-f]{12})[0-9a-f]{20}-[\w-]{31}/g, '$1…');
