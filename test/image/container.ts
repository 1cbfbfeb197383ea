import { join } from 'node:path';
import { type OwnProcess, startProcess } from '../support/processes';
import type { Command } from './dockerfile';
import type { Image } from './stages';

export interface Container extends OwnProcess {
  /** Runs the image's HEALTHCHECK as an engine does, and gives its exit code. */
  healthCheck(): Promise<number | null>;
}

type Environment = Readonly<Record<string, string>>;

/**
 * Starts the image's CMD as an engine would: its folder, its user where this test is root, its environment and no other. In place of a
 * read-only root node's own permissions refuse every write, wherever it would go.
 */
export function startContainer(image: Image, env: Environment): Container {
  const started = start(image, image.command, { ...env, NODE_OPTIONS: writesNothing() });
  return {
    ...started,
    get pid() {
      return started.pid;
    },
    healthCheck: () => checkHealth(image, env),
  };
}

export async function checkHealth(image: Image, env: Environment): Promise<number | null> {
  const { exited } = start(image, image.healthCheck, { ...env, NODE_OPTIONS: writesNothing() });
  return (await exited).code;
}

/** Runs another program of node in the image, by which a test sees that the guard holds. */
export async function runInImage(image: Image, code: string): Promise<string> {
  const started = start(image, ['node', '-e', code], { NODE_OPTIONS: writesNothing() });
  await started.exited;
  return started.stderr();
}

function start(image: Image, [program = '', ...args]: Command, env: Environment): OwnProcess {
  if (program !== 'node') throw new Error(`${program}: only node is started, with no shell or npm between`);
  return startProcess(process.execPath, {
    args,
    cwd: join(image.root, image.workdir),
    env: { ...nothingOf(process.env), ...image.env, ...env },
    ...(isRoot() ? { user: image.user } : {}),
  });
}

export const isRoot = (): boolean => process.getuid?.() === 0;

const nothingOf = (env: NodeJS.ProcessEnv): Record<string, undefined> =>
  Object.fromEntries(Object.keys(env).map((name) => [name, undefined]));

/** Reading is free; the network must be allowed where node can forbid it. The flag has lost its `experimental` with Node 23.5. */
function writesNothing(): string {
  const known = (flag: string): boolean => process.allowedNodeEnvironmentFlags.has(flag);
  const permission = known('--permission') ? '--permission' : '--experimental-permission';
  return [permission, '--allow-fs-read=*', ...(known('--allow-net') ? ['--allow-net'] : [])].join(' ');
}
