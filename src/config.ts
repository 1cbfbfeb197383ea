// The environment of `npm start`. What belongs to the credentials stands in the manifest (src/manifest.ts).

import { readFileSync } from 'node:fs';
import { type AdminConfig, readAdmin } from './admin/config';
import { errorCode } from './error-code';
import { ConfigError } from './errors';
import { DEFAULT_PREFIX } from './queue/names';
import { Sensitive } from './sensitive';
import { urlOf } from './url';

/** Every variable that `npm start` knows, with its line in .env.example. The SDK's and node's own are only named here. */
export const VARIABLES = {
  ROTATION_MANIFEST: 'the manifest: which credentials there are (rotation.example.yaml shows one)',
  REDIS_URL: 'redis://user:password@host:6379/0, or rediss:// for TLS; percent-encode what is special in a password',
  REDIS_CA_FILE:
    'PEM file with the authority that signed the certificate of a rediss:// server; default: those of node',
  AWS_REGION: "region of the secrets; this and the other AWS_ variables are the AWS SDK's own",
  AWS_ACCESS_KEY_ID: 'credentials; better none here, but the role of the container, which the SDK finds by itself',
  AWS_SECRET_ACCESS_KEY: 'belongs to AWS_ACCESS_KEY_ID',
  AWS_SESSION_TOKEN: 'belongs to temporary credentials',
  AWS_ENDPOINT_URL_SECRETS_MANAGER: 'an emulator of Secrets Manager; default: AWS',
  LOG_LEVEL: 'trace, debug, info, warn, error, fatal or silent; default: info',
  BULLMQ_PREFIX: 'prefix of every key in Redis; the braces keep them in one slot of a cluster; default: {rotation}',
  WORKER_CONCURRENCY: 'jobs at a time in one process, per queue; default: 10',
  OUTBOUND_PROXY: 'http:// or https:// proxy for the calls to the vendors; HTTP_PROXY and HTTPS_PROXY are not read',
  DRY_RUN: '1: sweeps log what they would do, and do nothing; default: 0',
  ADMIN_HOST: 'where /healthz, /readyz and /metrics are served; default: 127.0.0.1; elsewhere ADMIN_TOKEN is needed',
  ADMIN_PORT: 'their port; 0: a free one, which the log names; off: none is served; default: 8080',
  ADMIN_TOKEN: 'callers of /readyz and /metrics send it as "Authorization: Bearer …"; 16 characters or more',
  METRICS_PER_CREDENTIAL: '1: age and expiry in /metrics for each credential as well, by its id; default: 0',
  NODE_EXTRA_CA_CERTS: "PEM file with further authorities for every TLS connection; node's own",
} as const;

type Variable = keyof typeof VARIABLES;
export type Environment = Readonly<Record<string, string | undefined>>;

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface RedisConfig {
  readonly host: string;
  readonly port: number;
  readonly db: number;
  readonly username?: string;
  readonly password?: Sensitive;
  /** Present for rediss://; `ca` is the PEM text of REDIS_CA_FILE. */
  readonly tls?: { readonly ca?: string };
}

export interface Config {
  readonly manifestPath: string;
  readonly redis: RedisConfig;
  readonly region: string;
  readonly secretsManagerEndpoint?: string;
  readonly logLevel: LogLevel;
  readonly prefix: string;
  readonly concurrency: number;
  /** The URL; it may hold a password. */
  readonly outboundProxy?: Sensitive;
  readonly dryRun: boolean;
  /** Absent: there is no admin server. */
  readonly admin?: AdminConfig;
  readonly metricsPerCredential: boolean;
}

export interface Reader {
  /** The value; an empty one counts as unset, as in a compose file. */
  get(name: Variable): string | undefined;
  required(name: Variable): string | undefined;
  /** Notes what is wrong and how to mend it. */
  bad(name: Variable, problem: string): undefined;
  readText(path: string): string;
}

const readFileText = (path: string): string => readFileSync(path, 'utf8');

/** @throws ConfigError with every bad value at once; no password is in it */
export function readConfig(env: Environment, readText: (path: string) => string = readFileText): Config {
  const problems: string[] = [];
  const reader = readerOf(env, problems, readText);
  const manifestPath = reader.required('ROTATION_MANIFEST');
  const redis = readRedis(reader);
  const region = readRegion(reader, env);
  const secretsManagerEndpoint = readHttpUrl(reader, 'AWS_ENDPOINT_URL_SECRETS_MANAGER');
  const outboundProxy = readHttpUrl(reader, 'OUTBOUND_PROXY');
  const rest = {
    logLevel: readLogLevel(reader),
    prefix: readPrefix(reader),
    concurrency: readConcurrency(reader),
    dryRun: readSwitch(reader, 'DRY_RUN'),
    metricsPerCredential: readSwitch(reader, 'METRICS_PER_CREDENTIAL'),
  };
  const admin = readAdmin(reader);
  if (problems.length > 0 || manifestPath === undefined || redis === undefined || region === undefined) {
    throw new ConfigError(problems);
  }
  return {
    ...{ manifestPath, redis, region, ...rest },
    ...(secretsManagerEndpoint === undefined ? {} : { secretsManagerEndpoint }),
    ...(outboundProxy === undefined ? {} : { outboundProxy: new Sensitive(outboundProxy) }),
    ...(admin === undefined ? {} : { admin }),
  };
}

function readerOf(env: Environment, problems: string[], readText: (path: string) => string): Reader {
  const get = (name: Variable): string | undefined => (env[name]?.trim() ? env[name].trim() : undefined);
  const bad = (name: Variable, problem: string): undefined => {
    problems.push(`${name}: ${problem}`);
  };
  const required = (name: Variable): string | undefined => get(name) ?? bad(name, `is not set: ${VARIABLES[name]}`);
  return { get, required, bad, readText };
}

function readRedis(reader: Reader): RedisConfig | undefined {
  const text = reader.required('REDIS_URL');
  if (text === undefined) return undefined;
  const url = urlOf(text);
  if (url === undefined) return reader.bad('REDIS_URL', `is not a URL: write ${VARIABLES.REDIS_URL}`);
  const wrong = redisUrlProblem(url);
  if (wrong !== undefined) return reader.bad('REDIS_URL', wrong);
  const tls = readRedisTls(reader, url.protocol === 'rediss:');
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? 6379 : Number(url.port),
    db: Number(url.pathname.slice(1)),
    ...(url.username === '' ? {} : { username: decodeURIComponent(url.username) }),
    ...(url.password === '' ? {} : { password: new Sensitive(decodeURIComponent(url.password)) }),
    ...(tls === undefined ? {} : { tls }),
  };
}

/** Shows nothing of the value: a password that is not percent-encoded can end up in any part of the URL. */
function redisUrlProblem(url: URL): string | undefined {
  const mend = `write ${VARIABLES.REDIS_URL}`;
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:') {
    return `begins with neither redis:// nor rediss://: ${mend}`;
  }
  if (url.hostname === '') return `names no host: ${mend}`;
  if (!/^\/?\d{0,5}$/.test(url.pathname)) return `its path is not the number of a database: ${mend}`;
  if (url.search !== '' || url.hash !== '') return `has a query or a fragment, which nobody reads: ${mend}`;
  if (!isPercentEncoded(url.username) || !isPercentEncoded(url.password)) {
    return `user or password holds a % that begins no code: write %25 for it`;
  }
  return undefined;
}

function isPercentEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false; // URIError: the only thing that it throws
  }
}

function readRedisTls(reader: Reader, wanted: boolean): RedisConfig['tls'] {
  const path = reader.get('REDIS_CA_FILE');
  if (!wanted) {
    return path === undefined
      ? undefined
      : reader.bad('REDIS_CA_FILE', 'is set, but REDIS_URL is redis://, without TLS: write rediss://, or leave it out');
  }
  if (path === undefined) return {};
  try {
    const ca = reader.readText(path);
    if (ca.includes('-----BEGIN CERTIFICATE-----')) return { ca };
    return reader.bad('REDIS_CA_FILE', `${path} holds no certificate: name a PEM file`);
  } catch (error) {
    return reader.bad(
      'REDIS_CA_FILE',
      `${path} cannot be read (${errorCode(error)}): name a PEM file that this user may read`,
    );
  }
}

function readRegion(reader: Reader, env: Environment): string | undefined {
  const region = reader.get('AWS_REGION');
  if (region === undefined) {
    const hint = env.AWS_DEFAULT_REGION ? ' (the SDK for JavaScript does not read AWS_DEFAULT_REGION)' : '';
    return reader.bad('AWS_REGION', `is not set${hint}: write the region of the secrets, like ca-central-1`);
  }
  if (/^[a-z]{2,}(-[a-z]+)+-\d+$/.test(region)) return region;
  return reader.bad('AWS_REGION', `${JSON.stringify(region)} is not a region: write one like ca-central-1`);
}

function readHttpUrl(reader: Reader, name: Variable): string | undefined {
  const text = reader.get(name);
  if (text === undefined) return undefined;
  const url = urlOf(text);
  if (url !== undefined && /^https?:$/.test(url.protocol)) return text;
  // not shown: a proxy's URL may hold a password
  return reader.bad(name, 'is not a URL that begins with http:// or https://: mend it, or leave the variable out');
}

function readLogLevel(reader: Reader): LogLevel {
  const text = reader.get('LOG_LEVEL') ?? 'info';
  const level = LOG_LEVELS.find((known) => known === text.toLowerCase());
  if (level === undefined) reader.bad('LOG_LEVEL', `${JSON.stringify(text)}: write one of ${LOG_LEVELS.join(', ')}`);
  return level ?? 'info';
}

function readPrefix(reader: Reader): string {
  const prefix = reader.get('BULLMQ_PREFIX') ?? DEFAULT_PREFIX;
  if (!/^[\w{}.-]{1,64}$/.test(prefix)) {
    reader.bad('BULLMQ_PREFIX', `${JSON.stringify(prefix)}: write letters, digits and . _ - { }, like {rotation}`);
  }
  return prefix;
}

function readConcurrency(reader: Reader): number {
  const text = reader.get('WORKER_CONCURRENCY') ?? '10';
  const number = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > 1000) {
    reader.bad('WORKER_CONCURRENCY', `${JSON.stringify(text)}: write a whole number from 1 to 1000`);
  }
  return number;
}

/** Anything but 0 and 1 is refused: somebody who writes `true` must not find that his dry run was a real one. */
function readSwitch(reader: Reader, name: Variable): boolean {
  const text = reader.get(name) ?? '0';
  if (text !== '0' && text !== '1') reader.bad(name, `${JSON.stringify(text)}: write 1 or 0`);
  return text === '1';
}
