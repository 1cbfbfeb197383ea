import { Command, CommanderError } from 'commander';
import type { Environment } from '../config';
import type { Door } from './door';
import { OK, USAGE } from './exit-codes';
import { addImport } from './import';
import { addRelease } from './release';
import { addResolve } from './resolve';
import { addRevoke } from './revoke';
import { addRollback } from './rollback';
import { addRotate } from './rotate';
import { addStatus } from './status';
import { exitCodeFor } from './trouble';

const ABOUT = `
The environment is that of the worker (README, "Running it"): ROTATION_MANIFEST, AWS_REGION and what the AWS SDK reads;
REDIS_URL where a command needs Redis. A file .env is not read by itself: node --env-file, or your shell, reads it.

Exit codes: 0 done; 1 refused, failed or not in time; 2 the command, the environment or the manifest is wrong.
Results go to standard output, everything else to standard error. No secret is ever printed, nor taken from an argument.`;

/** Runs one command. @returns its exit code */
export async function runRotator(args: readonly string[], env: Environment): Promise<number> {
  let exitCode = OK;
  const program = rotatorProgram(env, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? OK : USAGE;
    return exitCodeFor(error);
  }
}

export function rotatorProgram(env: Environment, ended: (code: number) => void): Command {
  const program = new Command('rotator')
    .description('The doors of the secret-rotation worker that a person needs.')
    .option('-v, --verbose', 'every step on standard error')
    .addHelpText('after', ABOUT)
    .configureOutput({ outputError: (text, write) => write(withoutValues(text)) })
    .showHelpAfterError('rotator --help and rotator help COMMAND say how to write it.')
    .exitOverride();
  const door: Door = {
    opening: () => ({ env, verbose: program.opts().verbose === true }),
    end: async (code) => ended(await code),
  };
  addStatus(program, door);
  addRotate(program, door);
  addRevoke(program, door);
  addImport(program, door);
  addRollback(program, door);
  addResolve(program, door);
  addRelease(program, door);
  return program;
}

/** Commander repeats what it does not know: it may be a value in the wrong place. */
const withoutValues = (text: string): string =>
  text.replace(/unknown (command|option) '.*'/s, 'unknown $1').replace(/^(error: unknown \w+)$/m, '$1.');
