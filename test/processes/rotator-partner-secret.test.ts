import { Redis } from 'ioredis';
import { findLeaks, placesInRedis } from '../support/leaks';
import { type Ended, rotator } from '../support/rotator';
import { openScene, type Scene } from '../support/scene';
import type { WorkerProcess } from '../support/worker-process';

jest.setTimeout(120_000);

const ID = 'partner-secret';
const SECRET = 'own/first_comes_by_hand';
const WRONG = 'Wrong-By-Hand-4711';

let scene: Scene;
let worker: WorkerProcess;
let right: string;
/** All that any command has printed. */
const printed: string[] = [];

beforeAll(async () => {
  scene = await openScene({ perKind: 1, pattern: '* * * * * *', accounts: { mastercard: { pauseFor: '2s' } } });
  right = scene.sandbox.secretsManager.store.GetSecretValue({ SecretId: 'own/finicity_partner' }).SecretString ?? '';
  scene.company.edit(({ providers, credentials }) => {
    Object.assign(providers.mastercard ?? {}, { partnerSecret: { secret: SECRET, key: 'partnerSecret' } });
    credentials.push({ id: ID, kind: 'finicity-partner-secret', account: 'mastercard', secret: SECRET });
  });
  worker = await scene.startWorker({ LOG_LEVEL: 'trace' });
  await worker.logged({ alarm: 'import-needed', credential: ID });
}, 60_000);

async function run(args: readonly string[], input?: string): Promise<Ended> {
  const ended = await rotator(scene, args, input === undefined ? {} : { input });
  printed.push(ended.stdout, ended.stderr);
  return ended;
}

const currentValue = (): string =>
  scene.sandbox.secretsManager.store.GetSecretValue({ SecretId: SECRET }).SecretString ?? '';

test('the first value comes by import, verified by one login; then access keys are issued with it', async () => {
  expect((await run(['status', ID])).stdout).toMatch(
    /^state +needs-import .*\n[\s\S]*^do +rotator import partner-secret$/m,
  );

  const ended = await run(['import', ID], right);

  expect([ended.code, ended.stdout]).toEqual([0, expect.stringContaining(`${ID}: imported (verified)`)]);
  expect(currentValue()).toBe(right);
  await scene.finished();
  expect(scene.sandbox.control.partners()).toMatchObject([{ strikes: 0, locked: false }]);
});

test('one that the vendor refuses is not current, stops the logins, and the command says so; resolved, the next is taken', async () => {
  const ended = await run(['import', ID], JSON.stringify({ partnerSecret: WRONG }));

  expect(ended.code).toBe(1);
  expect(ended.stdout).toMatch(
    /not imported \(value-refused\)\n {2}next: nobody logs in now.*rotator resolve partner-secret/,
  );
  expect(currentValue()).toBe(right);
  expect((await run(['import', ID], right)).stdout).toContain(`next: rotator resolve ${ID}`);
  expect((await run(['resolve', '--account', 'mastercard'])).stdout).toContain(
    'no login: the imported value was refused',
  );
  expect(scene.sandbox.control.partners()).toMatchObject([{ strikes: 1 }]);

  expect((await run(['resolve', ID, '--block', '--yes'])).code).toBe(0);
  expect((await run(['import', ID], right)).code).toBe(0);
});

test('within the grace of the vendor the worker changes it only where it is compromised; no secret was seen anywhere', async () => {
  const refused = await run(['rotate', ID, '--wait', '30']);
  expect(refused.stdout).toMatch(
    /refused \(.*in the vendor's grace until .*\)\n {2}next: wait, or rotator rotate partner-secret --compromised\n$/,
  );
  expect((await run(['revoke', ID, '--wait', '30'])).stdout).toContain('the vendor ends the old one itself');
  expect((await run(['rollback', ID])).stdout).toMatch(
    /not rolled back \(previous-in-grace, until .*\)\n {2}next: wait, or rotator rotate partner-secret --compromised\n$/,
  );
  expect(currentValue()).toBe(right);

  expect((await run(['rotate', ID, '--compromised', '--wait', '30'])).code).toBe(0);

  const secrets = [WRONG, ...[right, currentValue()].map((text) => String(JSON.parse(text).partnerSecret))];
  expect(new Set(secrets).size).toBe(3);
  const said = [...printed, worker.stdout(), worker.stderr()].map((text, n) => ({ where: `output ${n}`, text }));
  const redis = new Redis(scene.redis.url);
  const kept = await placesInRedis(redis, scene.redis.prefix);
  await redis.quit();
  expect(kept.length).toBeGreaterThan(0);
  expect(findLeaks([...said, ...kept], secrets)).toEqual([]);
});
