import { Redis, type RedisOptions } from 'ioredis';
import type { RedisConfig } from '../config';
import { RedisUnavailableError } from '../errors';
import type { Log } from '../types';
import { cleaned } from './cleaned';

export interface Connections {
  /** For BullMQ's workers: a command waits as long as Redis is away. They duplicate it for their blocking reads. */
  readonly patient: Redis;
  /** For everything that somebody waits for: a command fails at once, or within COMMAND_TIMEOUT_MS, when Redis is away. */
  readonly failFast: Redis;
  /** Calls back once, as soon as Redis takes commands. */
  whenReady(start: () => void): void;
  /** @throws RedisUnavailableError where Redis does not answer */
  ping(): Promise<void>;
  close(): Promise<void>;
}

const COMMAND_TIMEOUT_MS = 3_000;
/** A connection whose packets are dropped is given up after this; BullMQ's longest blocking read is 10 s. */
const SILENT_SOCKET_MS = 30_000;

/**
 * Opens both connections. Never throws for a Redis that is away: they connect when it comes; or
 * `on-demand`, when somebody asks them to.
 */
export function connect(config: RedisConfig, log: Log, when: 'now' | 'on-demand' = 'now'): Connections {
  const watched = watchOutages(log);
  const lazyConnect = when === 'on-demand';
  // BullMQ refuses an instance whose maxRetriesPerRequest is not null.
  const patient = watched(open(config, { lazyConnect, maxRetriesPerRequest: null, socketTimeout: SILENT_SOCKET_MS }));
  const failFast = watched(
    open(config, {
      lazyConnect,
      maxRetriesPerRequest: 0,
      enableOfflineQueue: false,
      commandTimeout: COMMAND_TIMEOUT_MS,
      socketTimeout: COMMAND_TIMEOUT_MS * 2,
    }),
  );
  return {
    patient,
    failFast,
    whenReady(start) {
      if (failFast.status === 'ready') start();
      else failFast.once('ready', start);
    },
    async ping() {
      await orUnavailable('it does not answer', () => failFast.ping());
    },
    async close() {
      await Promise.all([disconnect(patient), disconnect(failFast)]);
    },
  };
}

function open({ host, port, db, username, password, tls }: RedisConfig, own: RedisOptions): Redis {
  return new Redis({
    ...own,
    host,
    port,
    db,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password: password.reveal() }),
    ...(tls === undefined ? {} : { tls }),
    connectTimeout: 5_000,
    retryStrategy: (times) => Math.min(50 * times, 1_000),
    // What BullMQ reads. Said here because the type asks for one of the two by name.
    replyMapping: 'legacy',
  });
}

/** ioredis emits no `end` where it was waiting to connect again, so the socket is what to wait for. */
async function disconnect(redis: Redis): Promise<void> {
  const { stream } = redis;
  const closed = new Promise<void>((resolve) => {
    if (!stream || stream.destroyed) resolve();
    else stream.once('close', () => resolve());
  });
  redis.disconnect();
  await closed;
}

/** One line when Redis goes away and one when it is back, however many connections and attempts notice it. */
function watchOutages(log: Log): (redis: Redis) => Redis {
  const away = new Set<Redis>();
  return (redis) => {
    redis.on('error', (error: unknown) => {
      if (away.size === 0) log.warn({ redis: redisFailure(error) }, 'Redis is away: new work waits');
      away.add(redis);
    });
    redis.on('ready', () => {
      if (away.delete(redis) && away.size === 0) log.info({}, 'Redis is back');
    });
    return redis;
  };
}

/** Runs commands of `failFast` and says in our own words that Redis did not carry them out (or did not answer). */
export async function orUnavailable<T>(what: string, commands: () => Promise<T>): Promise<T> {
  try {
    return await commands();
  } catch (error) {
    throw new RedisUnavailableError(`Redis is away, or refused: ${what}`, { redis: redisFailure(error) });
  }
}

/** What ioredis and BullMQ say holds addresses, job ids and Redis's own words; Redis knows no secret that it could repeat. */
export function redisFailure(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'unknown';
  if ('code' in error && typeof error.code === 'string') return error.code;
  if ('name' in error && error.name === 'MaxRetriesPerRequestError') return 'the connection was lost';
  return 'message' in error ? cleaned(String(error.message), 120) : 'unknown';
}

const NOT_CONNECTED =
  /ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|EHOSTUNREACH|Connection is closed|Stream isn't writeable/;

/** The outage has its line already (BullMQ repeats it for every worker and every attempt to connect). */
export function isConnectionError(error: unknown): boolean {
  return NOT_CONNECTED.test(redisFailure(error));
}
