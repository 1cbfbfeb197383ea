import { hostname, userInfo } from 'node:os';
import type { CompanyCredential } from '../support/company';
import { isUnsettled } from '../support/holdings';
import { jsonOf, rotator } from '../support/rotator';
import { openScene, type Scene } from '../support/scene';
import { holdAnswers } from '../support/vendor-calls';
import type { WorkerProcess } from '../support/worker-process';

jest.setTimeout(60_000);

const NEVER = '0 0 0 29 2 *';

let scene: Scene;
let worker: WorkerProcess;

beforeAll(async () => {
  scene = await openScene({ perKind: 6, pattern: NEVER, defaults: { grace: '1h' } });
  worker = await scene.startWorker();
  await scene.finished();
}, 60_000);

const currentOf = (credential: CompanyCredential): string => scene.holdings(credential).current ?? '';
const ask = (...args: string[]) => rotator(scene, args);

test('rotate --wait follows each until AWSCURRENT has changed, and says the new version', async () => {
  const both = [scene.untouched('flinks-outbound-recipient'), scene.untouched('finicity-access-key')];
  const before = both.map(currentOf);

  const ended = await ask('rotate', ...both.map(({ id }) => id), '--wait', '30', '--json');

  expect(ended.code).toBe(0);
  expect(both.map(currentOf)).not.toEqual(expect.arrayContaining([before[0]]));
  expect(jsonOf(ended).results).toEqual(
    both.map((one, i) => ({
      credential: one.id,
      outcome: 'rotated',
      reason: `AWSCURRENT is ${currentOf(one)}`,
      version: before[i],
      message: expect.any(String),
    })),
  );
});

test('without --wait it is sent, with what follows it; the log says who asked and why', async () => {
  const credential = scene.untouched();
  const before = currentOf(credential);

  const { code, stdout } = await ask('rotate', credential.id, '--reason', 'partner asked');

  expect(code).toBe(0);
  expect(stdout).toBe(
    `${credential.id}: sent (a worker takes it within seconds)\n  next: rotator status ${credential.id}, or send it with --wait\n`,
  );
  await scene.until(() => currentOf(credential) !== before, 'it has rotated');
  const requestedBy = `${userInfo().username}@${hostname()}`;
  await worker.logged({ step: 'promote', credential: credential.id, requestedBy, wanted: 'partner asked' });
});

test('a refusal comes with its reason, and with the command that helps: revoke ends the grace', async () => {
  const credential = scene.untouched();
  const first = currentOf(credential);
  expect((await ask('rotate', credential.id, '--wait')).code).toBe(0);
  const second = currentOf(credential);

  const refused = await ask('rotate', credential.id, '--wait');
  expect(refused.code).toBe(1);
  expect(refused.stdout).toMatch(/refused \(the version before it is in grace until/);
  expect(refused.stdout).toContain(`rotator revoke ${credential.id}`);
  expect(isUnsettled(scene.holdings(credential))).toBe(true);

  const revoked = await ask('revoke', credential.id, '--wait', '--json');
  expect(jsonOf(revoked).results).toMatchObject([{ outcome: 'revoked', version: first }]);
  expect(scene.holdings(credential).tags['rotation:revoked']).toBe(first);

  expect((await ask('rotate', credential.id, '--compromised', '--wait')).code).toBe(0);
  await scene.until(() => scene.holdings(credential).tags['rotation:revoked'] === second, 'without grace');
});

test('one that is blocked is not waited for: the reason, and resolve', async () => {
  const credential = scene.untouched();
  const { store } = scene.sandbox.secretsManager;
  const Tags = [{ Key: 'rotation:blocked', Value: 'somebody looks into it' }];
  store.TagResource({ SecretId: credential.secret, Tags });

  const refused = await ask('rotate', credential.id, '--wait');
  const noted = await ask('rotate', credential.id, '--wait', '--compromised');

  expect([refused.code, noted.code]).toEqual([1, 1]);
  expect(refused.stdout).toContain(
    `refused (blocked: somebody looks into it)\n  next: rotator resolve ${credential.id}`,
  );
  expect(noted.stdout).toContain('failed (blocked: somebody looks into it)');
});

test('what does not happen in time says how it stands', async () => {
  const credential = scene.untouched('finicity-access-key');
  holdAnswers(scene.sandbox, 20_000);

  const { code, stdout } = await ask('rotate', credential.id, '--wait', '2');
  scene.sandbox.control.clearFaults();

  expect(code).toBe(1);
  expect(stdout).toMatch(/not-yet \(enqueued; in-flight \(owner-may-act\), next: take it over in/);
});

test('an unknown id sends nothing, not even for the known ones', async () => {
  const [{ id = '' } = {}] = scene.company.credentials;
  const before = await scene.sender.queue.getJobCounts();

  const { code, stderr, stdout } = await ask('rotate', id, 'partner-aaab', 'nobody');

  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain('no credential "partner-aaab" in the manifest. Did you mean partner-aaaa');
  expect(stderr).toContain('no credential "nobody" in the manifest. rotator status lists them all.');
  expect(await scene.sender.queue.getJobCounts()).toEqual(before);
});

test('no worker: it says so, and the message stays', async () => {
  const away = { BULLMQ_PREFIX: `${scene.redis.prefix.slice(0, -1)}-idle}` };
  const { code, stdout } = await rotator(scene, ['rotate', 'partner-aaaa', '--wait', '1'], { env: away });
  expect(code).toBe(1);
  expect(stdout).toContain('not-yet (no worker has taken the message; it stays in the queue. Is a worker running?)');
});

test('Redis away: nothing is sent, and it says what to check', async () => {
  const { code, stderr, stdout } = await rotator(scene, ['rotate', 'partner-aaaa'], {
    env: { REDIS_URL: 'redis://127.0.0.1:1' },
  });
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toContain('Redis is away, or refused: 127.0.0.1:1 cannot be reached\nNext: check REDIS_URL');
});

test.each([
  ['--wait', 'soon', /--wait takes whole seconds/],
  ['--wait', '0', /--wait takes whole seconds/],
  ['--reason', 'x'.repeat(501), /--reason takes a text/],
  ['--reason', '\u0007', /--reason takes a text/],
])('%s %.6s is refused before anything is connected to', async (option, value, said) => {
  const { code, stderr } = await rotator(scene, ['rotate', 'partner-aaaa', option, value], {
    env: { REDIS_URL: 'redis://127.0.0.1:1' },
  });
  expect(code).toBe(2);
  expect(stderr).toMatch(said);
});

test.each([
  ['rotate', 'partner-aaaa'],
  ['revoke', 'partner-aaaa'],
  ['release', 'revoke-stale-flinks-permissions'],
])('DRY_RUN=1: %s sends nothing', async (command, subject) => {
  const { code, stdout, stderr } = await rotator(scene, [command, subject], { env: { DRY_RUN: '1' } });
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain('DRY_RUN=1 is set: nothing is changed.');
});

test('--wait while Secrets Manager does not answer this command: the message is sent, and that is said', async () => {
  const credential = scene.untouched();
  const before = currentOf(credential);
  const away = { AWS_ENDPOINT_URL_SECRETS_MANAGER: 'http://127.0.0.1:1' };

  const ended = await rotator(scene, ['rotate', credential.id, '--wait', '20', '--json'], { env: away });

  const reason = 'enqueued; how it went is not known: DescribeSecret';
  expect(ended.code).toBe(1);
  expect(jsonOf(ended).results).toMatchObject([{ outcome: 'not-yet', reason: expect.stringContaining(reason) }]);
  await scene.until(() => currentOf(credential) !== before, 'the worker has rotated it');
});
