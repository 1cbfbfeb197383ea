import { type Collaborators, openCollaborators } from '../collaborators';
import { type Config, type Environment, readConfig } from '../config';
import { UsageError } from '../errors';
import { loadManifest, type Manifest } from '../manifest';
import { type Connections, connect, orUnavailable, redisFailure } from '../queue/connection';
import type { Context } from '../rotation-context';
import type { Credential, Log } from '../types';
import { logForPeople } from './output';

/** What a command works with. */
export interface Workplace {
  readonly config: Config;
  readonly manifest: Manifest;
  readonly collaborators: Collaborators;
  readonly connections: Connections;
  readonly log: Log;
}

export interface Opening {
  readonly env: Environment;
  readonly verbose: boolean;
}

/**
 * What a command talks to. `secrets`: Secrets Manager alone. `queue`: Redis too. `vendors`: the vendors too, within the
 * limits that all replicas share, or where Redis is away within those of this process.
 */
export type Reach = 'secrets' | 'queue' | 'vendors';

/** Never connected to: a command that needs no Redis does not ask for one. */
const NO_REDIS = { REDIS_URL: 'redis://localhost', REDIS_CA_FILE: undefined };

/** An outage is told where it matters, once. */
const SILENT: Log = { info: () => {}, warn: () => {}, alarm: () => {} };

/** @throws ConfigError, and RedisUnavailableError where the queue cannot be reached */
export async function atWork<T>(
  { env, verbose }: Opening,
  reach: Reach,
  work: (place: Workplace) => Promise<T>,
): Promise<T> {
  const config = readConfig(reach === 'secrets' ? { ...env, ...NO_REDIS } : env);
  // Only where the vendors are talked to must the worker's own credentials be there.
  const manifest = await loadManifest(config.manifestPath, reach === 'vendors' ? env : undefined);
  const log = logForPeople(verbose);
  const connections = connect(config.redis, SILENT, 'on-demand');
  const collaborators = openCollaborators({ config, manifest, connections, log });
  try {
    if (reach !== 'secrets') await reachRedis(connections, config, reach, log);
    return await work({ config, manifest, collaborators, connections, log });
  } finally {
    collaborators.close();
    await connections.close();
  }
}

async function reachRedis({ failFast }: Connections, { redis }: Config, reach: Reach, log: Log): Promise<void> {
  const where = `${redis.host}:${redis.port}`;
  if (reach === 'queue') return orUnavailable(`${where} cannot be reached`, () => failFast.connect());
  await failFast.connect().catch((error: unknown) => {
    log.warn({ redis: redisFailure(error) }, `Redis at ${where} is away: calls are limited by this process alone`);
  });
}

/** One run of the algorithm for one credential. A paused account does not keep a person out; how it answered is noted. */
export async function run<T>(
  { collaborators, log }: Workplace,
  credential: Credential,
  work: (context: Context) => Promise<T>,
): Promise<T> {
  const context = collaborators.contextOf(credential, log, () => false);
  try {
    return await work(context);
  } finally {
    await context.gate?.leave();
  }
}

/** In an environment of which only plans are wanted nothing is changed by hand either. */
export function refuseDryRun({ config }: Workplace): void {
  if (config.dryRun) throw new UsageError('DRY_RUN=1 is set: nothing is changed. Unset it to go on.');
}
