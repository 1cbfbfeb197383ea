import { existsSync, readFileSync } from 'node:fs';
import { STORING_MS } from '../../jobs/start-worker';
import { readConfig, VARIABLES } from '../../src/config';
import { loadManifest } from '../../src/manifest';
import { LONGEST_TIMEOUT } from '../../src/manifest/accounts';
import { parseDuration } from '../../src/manifest/durations';
import { parseDockerfile, type Stage } from '../image/dockerfile';
import { readSettings } from '../sandbox/settings';
import { composeMs, readCompose, type Service } from '../support/compose';

const services = readCompose();
const { worker, redis, sandbox, 'demo-worker': demoWorker } = services;
const workers = [
  ['worker', worker],
  ['demo-worker', demoWorker],
] as const;
const all = Object.entries(services);
const stages = parseDockerfile(readFileSync('Dockerfile', 'utf8'));

const stageOf = ({ build }: Service): Stage | undefined => stages.find(({ name }) => name === build?.target);

/** The variables of the image itself, and of its stages before. */
function imageEnv(stage: Stage | undefined): Readonly<Record<string, string>> {
  if (stage === undefined) return {};
  const own = stage.steps.flatMap((step) => (step.does === 'ENV' ? [[step.name, step.value]] : []));
  return { ...imageEnv(stages.find(({ name }) => name === stage.base)), ...Object.fromEntries(own) };
}

describe('what compose gives the worker is what the code reads', () => {
  it.each(workers)('%s: every variable is one of the code', (_, { environment }) => {
    expect(Object.keys(environment).filter((name) => !(name in VARIABLES))).toEqual([]);
  });

  it('demo-worker: the environment is complete and good', () => {
    const config = readConfig(demoWorker.environment);
    expect(config).toMatchObject({ redis: { host: 'redis', port: 6379 }, dryRun: false });
  });

  it('worker: with .env, as .env.example has it, the environment is complete and good', () => {
    expect(worker.env_file).toEqual([{ path: '.env', required: false }]);
    const example = [...readFileSync('.env.example', 'utf8').matchAll(/^([A-Z_]+)=(.*)$/gm)];
    const fromFile = Object.fromEntries(example.map(([, name, value]) => [name, value]));
    const config = readConfig({ ...fromFile, ...worker.environment });
    expect(config).toMatchObject({ redis: { host: 'redis', port: 6379 }, manifestPath: '/config/rotation.yaml' });
  });

  it.each(workers)('%s: the manifest lies in what is mounted, read-only', (_, { environment, volumes }) => {
    const [mount = ''] = volumes;
    const [, inside, mode] = mount.split(':');
    expect([volumes.length, mode]).toEqual([1, 'ro']);
    expect(environment.ROTATION_MANIFEST).toBe(`${inside}/rotation.yaml`);
  });
});

describe('the demo', () => {
  const mount = './test/demo/compose:/demo:ro';
  const settings = readSettings({
    SANDBOX_PORTS: imageEnv(stageOf(sandbox)).SANDBOX_PORTS,
    SANDBOX_SEED: sandbox.environment.SANDBOX_SEED?.replace('/demo', 'test/demo/compose'),
  });

  it('has its own manifest, which is good', async () => {
    expect([demoWorker.volumes, sandbox.volumes]).toEqual([[mount], [mount]]);
    const { credentials } = await loadManifest('test/demo/compose/rotation.yaml', demoWorker.environment);
    expect(new Set(credentials.map(({ kind }) => kind)).size).toBeGreaterThanOrEqual(3);
  });

  it('speaks to the stand-ins at their ports, on the loopback that it shares with them', async () => {
    const { ports } = settings;
    expect(demoWorker.network_mode).toBe('service:sandbox');
    expect(demoWorker.environment.AWS_ENDPOINT_URL_SECRETS_MANAGER).toBe(`http://127.0.0.1:${ports.secretsManager}`);
    const { accounts } = await loadManifest('test/demo/compose/rotation.yaml');
    const expected = { outbound: ports.flinksOutbound, sharing: ports.flinksDataSharing, mastercard: ports.finicity };
    const spoken = [...accounts.values()].map(({ name, baseUrl }) => [name, baseUrl]);
    expect(Object.fromEntries(spoken)).toEqual(
      Object.fromEntries(Object.entries(expected).map(([name, port]) => [name, `http://127.0.0.1:${port}`])),
    );
    const adminPort = readConfig(demoWorker.environment).admin?.port;
    expect(Object.values(ports)).not.toContain(adminPort);
  });

  it('has keys of its own in the Redis that it shares with the worker', () => {
    expect(readConfig(demoWorker.environment).prefix).not.toBe(
      readConfig({ ...demoWorker.environment, BULLMQ_PREFIX: '' }).prefix,
    );
  });
});

describe('health and stop', () => {
  it.each(all)('%s has a health check', (_, service) => {
    const check = stageOf(service)?.steps.find((step) => step.does === 'HEALTHCHECK');
    expect(service.healthcheck ?? check).toBeDefined();
  });

  it.each(['sandbox', 'worker'])('the health check of the image %s is a file of the build', (target) => {
    const check = stages.find(({ name }) => name === target)?.steps.find((step) => step.does === 'HEALTHCHECK');
    const [, file = ''] = check?.command ?? [];
    expect(existsSync(file.replace(/^dist/, '.').replace(/js$/, 'ts'))).toBe(true);
  });

  it.each(all)('%s waits until what it depends on is healthy', (_, { depends_on: dependencies }) => {
    expect(Object.values(dependencies).filter(({ condition }) => condition !== 'service_healthy')).toEqual([]);
  });

  it('the workers wait for Redis, the demo for its stand-ins as well', () => {
    expect([worker, demoWorker].map(({ depends_on }) => Object.keys(depends_on))).toEqual([
      ['redis'],
      ['redis', 'sandbox'],
    ]);
  });

  it.each(workers)('%s has more time to stop than its longest stop takes', (_, { stop_grace_period: grace = '' }) => {
    const longestMs = parseDuration(LONGEST_TIMEOUT);
    expect(longestMs).toBeGreaterThan(0);
    expect(composeMs(grace)).toBeGreaterThan((longestMs ?? 0) + STORING_MS);
  });
});

describe('what an engine holds them to', () => {
  it.each(all)('%s: a root that cannot be written, no capability, no way to more', (_, service) => {
    const { read_only, cap_drop, security_opt } = service;
    expect({ read_only, cap_drop, security_opt }).toEqual({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
  });

  it.each(all)('%s: an image of a pinned version, or one that is built here', (_, { image, build }) => {
    expect(build !== undefined || /:\d+\.\d+/.test(image)).toBe(true);
  });

  it('Redis evicts nothing, and keeps what it was given', () => {
    const command = redis.command?.join(' ') ?? '';
    expect(command).toContain('--maxmemory-policy noeviction');
    expect(command).toContain('--appendonly yes');
    expect(redis.volumes).toEqual(['redis-data:/data']);
    expect(redis.healthcheck?.test).toEqual(['CMD', 'redis-cli', 'ping']);
  });

  it('no service but Redis is in both profiles, and none is started unasked', () => {
    const profiles = Object.fromEntries(all.map(([name, service]) => [name, service.profiles]));
    expect(profiles).toEqual({ worker: ['production'], redis: [], sandbox: ['demo'], 'demo-worker': ['demo'] });
  });
});

test('no secret stands in the file: the worker gets none, the demo such as open nothing', () => {
  const SECRET = /SECRET(?!S_MANAGER)|TOKEN|PASSWORD|KEY/;
  const given = all.flatMap(([name, { environment }]) =>
    Object.entries(environment).flatMap(([variable, value]) =>
      SECRET.test(variable) ? [[name, variable, value]] : [],
    ),
  );
  expect(given).toEqual([
    ['demo-worker', 'AWS_ACCESS_KEY_ID', 'synthetic'],
    ['demo-worker', 'AWS_SECRET_ACCESS_KEY', 'synthetic'],
  ]);
  expect(
    all.flatMap(([, { environment }]) => Object.values(environment)).filter((value) => /:\/\/[^/]*@/.test(value)),
  ).toEqual([]);
});
