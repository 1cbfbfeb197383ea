import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Environment, readConfig, VARIABLES } from '../../src/config';
import { ConfigError } from '../../src/errors';

const GOOD = {
  ROTATION_MANIFEST: 'rotation.yaml',
  REDIS_URL: 'redis://localhost',
  AWS_REGION: 'ca-central-1',
} satisfies Environment;

const PEM = '-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n';

function problemsOf(env: Environment, readText?: (path: string) => string): readonly string[] {
  try {
    readConfig(env, readText);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('the environment', () => {
  it('needs three variables, and gives defaults to the rest', () => {
    expect(readConfig(GOOD)).toEqual({
      manifestPath: 'rotation.yaml',
      redis: { host: 'localhost', port: 6379, db: 0 },
      region: 'ca-central-1',
      logLevel: 'info',
      prefix: '{rotation}',
      concurrency: 10,
      dryRun: false,
      metricsPerCredential: false,
      admin: { host: '127.0.0.1', port: 8080 },
    });
  });

  it('reads host, port, user, password and database from a rediss URL, and the authority from its file', () => {
    const env = { ...GOOD, REDIS_URL: 'rediss://work%40er:p%23ss@[::1]:6380/3', REDIS_CA_FILE: '/ca.pem' };
    const { redis } = readConfig(env, (path) => (path === '/ca.pem' ? PEM : ''));
    expect(redis).toMatchObject({ host: '::1', port: 6380, db: 3, username: 'work@er', tls: { ca: PEM } });
    expect(redis.password?.reveal()).toBe('p#ss');
  });

  it('takes rediss without an authority of its own', () => {
    expect(readConfig({ ...GOOD, REDIS_URL: 'rediss://localhost' }).redis.tls).toEqual({});
  });

  it('counts an empty variable as unset', () => {
    expect(readConfig({ ...GOOD, LOG_LEVEL: '', OUTBOUND_PROXY: ' ' })).toEqual(readConfig(GOOD));
  });

  it('reads the emulator, the proxy and the dry run', () => {
    const config = readConfig({
      ...GOOD,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: 'http://127.0.0.1:4566',
      OUTBOUND_PROXY: 'http://me:pw@proxy:3128',
      DRY_RUN: '1',
    });
    expect(config).toMatchObject({ secretsManagerEndpoint: 'http://127.0.0.1:4566', dryRun: true });
    expect(config.outboundProxy?.reveal()).toBe('http://me:pw@proxy:3128');
  });

  it('reads no proxy but its own', () => {
    expect(readConfig({ ...GOOD, HTTPS_PROXY: 'http://x', https_proxy: 'http://x' }).outboundProxy).toBeUndefined();
  });

  it('names every missing and every bad value at once', () => {
    const problems = problemsOf({
      REDIS_URL: 'http://localhost',
      AWS_ENDPOINT_URL_SECRETS_MANAGER: 'localhost:4566',
      LOG_LEVEL: 'loud',
      BULLMQ_PREFIX: 'a:b',
      WORKER_CONCURRENCY: '0',
      OUTBOUND_PROXY: 'socks://x',
      DRY_RUN: 'true',
      METRICS_PER_CREDENTIAL: 'all',
      ADMIN_HOST: '[::1]:80',
      ADMIN_PORT: '65536',
      ADMIN_TOKEN: 'short',
    });
    const variables = [
      ...['ROTATION_MANIFEST', 'REDIS_URL', 'AWS_REGION', 'AWS_ENDPOINT_URL_SECRETS_MANAGER', 'OUTBOUND_PROXY'],
      ...['LOG_LEVEL', 'BULLMQ_PREFIX', 'WORKER_CONCURRENCY', 'DRY_RUN', 'METRICS_PER_CREDENTIAL'],
      ...['ADMIN_HOST', 'ADMIN_PORT', 'ADMIN_TOKEN'],
    ];
    expect(problems.map((problem) => problem.split(':')[0])).toEqual(variables);
    expect(problems).toContain('DRY_RUN: "true": write 1 or 0');
  });

  it.each([
    ['a path that is no database', 'redis://user:hunter2@host/hunter2'],
    ['a password with a bare slash', 'redis://user:hun/ter2@host'],
    ['a password with a bare hash', 'redis://user:#hunter2@host'],
    ['a password with a bare percent', 'redis://user:hunter2%@host'],
    ['a query', 'redis://user:hunter2@host?hunter2'],
    ['another scheme', 'hunter2://user:hunter2@host'],
    ['no host', 'redis:///0'],
  ])('shows nothing of a Redis URL with %s', (_, REDIS_URL) => {
    const [problem, ...others] = problemsOf({ ...GOOD, REDIS_URL });
    expect(problem).toMatch(/^REDIS_URL: .*(write|leave)/);
    expect(problem).not.toMatch(/hun|ter2/);
    expect(others).toEqual([]);
  });

  it('shows nothing of a bad proxy URL', () => {
    expect(problemsOf({ ...GOOD, OUTBOUND_PROXY: 'me:hunter2@proxy' }).join()).not.toContain('hunter2');
  });

  it.each(['127.0.0.1', '127.8.9.10', '::1', 'localhost'])('serves its pages on %s without a token', (ADMIN_HOST) => {
    expect(readConfig({ ...GOOD, ADMIN_HOST }).admin).toEqual({ host: ADMIN_HOST, port: 8080 });
  });

  it.each(['0.0.0.0', '::', '10.0.0.7', 'worker-1', '::ffff:127.0.0.1', '127.0.0.1.example.org'])(
    'refuses to serve its pages on %s without a token',
    (ADMIN_HOST) => {
      expect(problemsOf({ ...GOOD, ADMIN_HOST })).toEqual([
        `ADMIN_TOKEN: is not set, and ADMIN_HOST ${ADMIN_HOST} is reached from other machines: write at least 16 characters, or ADMIN_HOST=127.0.0.1`,
      ]);
      const { admin } = readConfig({ ...GOOD, ADMIN_HOST, ADMIN_TOKEN: 'hunter2-hunter2.~+/-_=' });
      expect(admin).toMatchObject({ host: ADMIN_HOST });
      expect(admin?.token?.reveal()).toBe('hunter2-hunter2.~+/-_=');
    },
  );

  it('serves no pages where the port is off, and needs no token then', () => {
    expect(readConfig({ ...GOOD, ADMIN_HOST: '0.0.0.0', ADMIN_PORT: 'off' }).admin).toBeUndefined();
  });

  it('shows nothing of a bad token', () => {
    for (const ADMIN_TOKEN of ['hunter2', 'hunter2 hunter2 hunter2', 'hunter2-hünter2-hunter2']) {
      const problems = problemsOf({ ...GOOD, ADMIN_HOST: '0.0.0.0', ADMIN_TOKEN });
      expect(problems.map((problem) => problem.split(':')[0])).toEqual(['ADMIN_TOKEN']);
      expect(problems.join()).not.toMatch(/hunter2|nter2/);
    }
  });

  it('refuses an authority that cannot be read, holds no certificate, or would not be used', () => {
    const env = { ...GOOD, REDIS_URL: 'rediss://localhost', REDIS_CA_FILE: '/nowhere/ca.pem' };
    expect(problemsOf(env)).toEqual([
      'REDIS_CA_FILE: /nowhere/ca.pem cannot be read (ENOENT): name a PEM file that this user may read',
    ]);
    expect(problemsOf(env, () => 'hello')).toEqual([
      'REDIS_CA_FILE: /nowhere/ca.pem holds no certificate: name a PEM file',
    ]);
    expect(problemsOf({ ...env, REDIS_URL: 'redis://localhost' }).join()).toContain('write rediss://');
  });

  it('says that the SDK does not read AWS_DEFAULT_REGION', () => {
    const { AWS_REGION: _, ...rest } = GOOD;
    expect(problemsOf({ ...rest, AWS_DEFAULT_REGION: 'us-east-1' }).join()).toContain('AWS_DEFAULT_REGION');
    expect(problemsOf({ ...GOOD, AWS_REGION: 'Canada' })).toEqual([
      'AWS_REGION: "Canada" is not a region: write one like ca-central-1',
    ]);
  });

  it('stands in .env.example with a line for each variable', () => {
    const text = readFileSync(join(process.cwd(), '.env.example'), 'utf8');
    const lines = [...text.matchAll(/^# (.+)\n#?([A-Z_]+)=/gm)].map(([, meaning, name]) => [name, meaning]);
    expect(lines).toEqual(Object.entries(VARIABLES));
  });
});
