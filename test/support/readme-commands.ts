import { accessSync, chmodSync, constants, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { startProcess } from './processes';
import { temporaryFolder } from './temporary-folder';
import { FALSE_CREDENTIALS } from './worker-process';

export interface ReadmeCommand {
  /** The comment above it. */
  readonly what: string;
  /** As it stands in the README, variables and all. */
  readonly line: string;
}

const README = join(__dirname, '../../../README.md');
const STAND_IN = join(__dirname, 'aws-cli/main.js');

/** The `aws` commands of the README, each with the comment above it. */
export function readmeCommands(): ReadmeCommand[] {
  const commands = readFileSync(README, 'utf8').matchAll(/^# (?<what>.+)\n(?<line>aws .+)$/gm);
  return [...commands].map(({ groups = {} }) => ({ what: groups.what ?? '', line: groups.line ?? '' }));
}

/** A folder with a program `aws` in it. */
export interface AwsProgram {
  readonly name: string;
  readonly folder: string;
}

/** The stand-in, always; the AWS command line as well, where it is installed: last. */
export function awsPrograms(): AwsProgram[] {
  const folder = temporaryFolder();
  const file = join(folder, 'aws');
  writeFileSync(file, `#!/bin/sh\nexec "${process.execPath}" "${STAND_IN}" "$@"\n`);
  chmodSync(file, 0o755);
  const installed = (process.env.PATH ?? '').split(delimiter).find((one) => isProgram(join(one, 'aws')));
  return [
    { name: 'the stand-in for aws', folder },
    ...(installed === undefined ? [] : [{ name: 'aws', folder: installed }]),
  ];
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Runs a command as a person would, in a shell that knows its variables. */
export async function runCommand(
  { line }: ReadmeCommand,
  { folder }: AwsProgram,
  endpoint: string,
  variables: Readonly<Record<string, string>>,
): Promise<void> {
  const env = {
    ...FALSE_CREDENTIALS,
    AWS_DEFAULT_REGION: FALSE_CREDENTIALS.AWS_REGION,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoint,
    PATH: `${folder}${delimiter}${process.env.PATH ?? ''}`,
  };
  // -u: a variable that nobody has set is a mistake.
  const shell = startProcess('sh', { args: ['-euc', line], env: { ...env, ...variables } });
  const { code } = await shell.exited;
  if (code !== 0) throw new Error(`${line}\nended with ${code}: ${shell.stdout()}${shell.stderr()}`);
}
