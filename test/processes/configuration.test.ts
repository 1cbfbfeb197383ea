import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSandbox } from '../sandbox/start';
import { afterFile } from '../support/after-file';
import { foundCompany } from '../support/company';
import { temporaryFolder } from '../support/temporary-folder';
import { startWorkerProcess } from '../support/worker-process';

const BAD = { code: 2, signal: null };

/** What it says before it ends: on standard error, one problem a line. */
async function refusal(env: Readonly<Record<string, string | undefined>>): Promise<string[]> {
  const worker = startWorkerProcess(env);
  expect(await worker.exited).toEqual(BAD);
  expect(worker.stdout()).toBe('');
  return worker
    .stderr()
    .split('\n')
    .filter((line) => line.startsWith('- '));
}

test('a missing environment is told whole', async () => {
  const problems = await refusal({ AWS_REGION: undefined, REDIS_URL: undefined, ROTATION_MANIFEST: undefined });

  expect(problems.map((line) => line.split(':')[0])).toEqual(['- ROTATION_MANIFEST', '- REDIS_URL', '- AWS_REGION']);
});

test('every bad variable is told, and no password', async () => {
  const problems = await refusal({
    ROTATION_MANIFEST: 'rotation.yaml',
    REDIS_URL: 'http://user:hunter2@localhost',
    REDIS_CA_FILE: '/nowhere.pem',
    AWS_REGION: 'Canada',
    AWS_ENDPOINT_URL_SECRETS_MANAGER: 'localhost:4566',
    LOG_LEVEL: 'loud',
    BULLMQ_PREFIX: 'a b',
    WORKER_CONCURRENCY: '0',
    OUTBOUND_PROXY: 'proxy.example:hunter2',
    DRY_RUN: 'true',
    ADMIN_HOST: '0.0.0.0',
  });

  const named = problems.map((line) => line.slice(2).split(':')[0]);
  expect(named.sort()).toEqual([
    'ADMIN_TOKEN',
    'AWS_ENDPOINT_URL_SECRETS_MANAGER',
    'AWS_REGION',
    'BULLMQ_PREFIX',
    'DRY_RUN',
    'LOG_LEVEL',
    'OUTBOUND_PROXY',
    'REDIS_URL',
    'WORKER_CONCURRENCY',
  ]);
  expect(problems.join('\n')).not.toContain('hunter2');
});

test('everything that is wrong in the manifest is told, each with its line, before anything is connected to', async () => {
  const sandbox = await startSandbox();
  afterFile(() => sandbox.stop());
  const folder = temporaryFolder();
  const { env, manifestPath } = foundCompany(sandbox, folder, { perKind: 1 });
  const bad = join(folder, 'bad.yaml');
  const text = readFileSync(manifestPath, 'utf8')
    .replace('partner aaaa', 'p1')
    .replace('finicity-access-key\n', 'finicity-key\n')
    .replace('id: recipient-aaaa', 'id: partner-aaaa')
    .replace('grace: 2s', 'grace: soon');
  writeFileSync(bad, text);

  const problems = await refusal({
    ...env,
    ROTATION_MANIFEST: bad,
    REDIS_URL: 'redis://127.0.0.1:1',
    FINICITY_APP_KEY: '',
  });

  for (const said of [/grace/, /finicity-key/, /partner-aaaa/, /partnerName|p1/, /FINICITY_APP_KEY/]) {
    expect(problems).toContainEqual(expect.stringMatching(said));
  }
  expect(problems.every((line) => /^- bad\.yaml:\d+/.test(line) || line.includes('bad.yaml'))).toBe(true);
  expect(sandbox.secretsManager.calls.all).toEqual([]);
});
