import { join } from 'node:path';
import { z } from 'zod';
import { startNode } from './processes';
import type { Scene } from './scene';
import { FALSE_CREDENTIALS } from './worker-process';

export const ROTATOR = join(__dirname, '../../src/cli/main.js');

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string;
}

type Worlds = Pick<Scene, 'company' | 'redis'>;

/** What a command needs of a scene to reach its worlds. */
export const environmentOf = ({ company, redis }: Worlds): Readonly<Record<string, string>> => ({
  ...FALSE_CREDENTIALS,
  ...company.env,
  REDIS_URL: redis.url,
  BULLMQ_PREFIX: redis.prefix,
});

/** Runs one command as a process of its own, to its end. Standard input is empty where none is given. */
export async function rotator(
  scene: Worlds,
  args: readonly string[],
  { env = {}, input }: RunOptions = {},
): Promise<Ended> {
  const child = startNode(ROTATOR, {
    args: [...args],
    env: { ...environmentOf(scene), ...env },
    ...(input === undefined ? {} : { input }),
  });
  const { code } = await child.exited;
  return { code, stdout: child.stdout(), stderr: child.stderr() };
}

const objectSchema = z.record(z.string(), z.unknown());

/** The JSON object that a command has printed; fails where there is anything beside it. */
export const jsonOf = ({ stdout }: Ended): Readonly<Record<string, unknown>> => objectSchema.parse(JSON.parse(stdout));
