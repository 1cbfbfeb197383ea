import type { CompanyCredential } from '../support/company';
import { jsonOf, rotator } from '../support/rotator';
import { openScene, type Scene } from '../support/scene';
import type { WorkerProcess } from '../support/worker-process';

jest.setTimeout(60_000);

let scene: Scene;
let worker: WorkerProcess;

beforeAll(async () => {
  scene = await openScene({ perKind: 3, pattern: '0 0 0 29 2 *', defaults: { grace: '1h' } });
  worker = await scene.startWorker();
  await scene.finished();
}, 60_000);

function find(id: string): CompanyCredential {
  const found = scene.company.credentials.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no credential ${id}`);
  return found;
}

const currentValue = (credential: CompanyCredential): unknown => {
  const { current, value } = scene.holdings(credential);
  return value(current);
};

async function rotated(id: string): Promise<{ credential: CompanyCredential; before: unknown }> {
  const credential = find(id);
  const { current } = scene.holdings(credential);
  const before = currentValue(credential);
  await scene.rotate([credential]);
  await scene.until(() => scene.holdings(credential).current !== current, 'it has rotated');
  return { credential, before };
}

test('the value before becomes current again, as a new version; no message is sent for it', async () => {
  const { credential, before } = await rotated('partner-aaaa');
  const { current, previous } = scene.holdings(credential);
  const messages = worker.lines({ step: 'request' }).length;

  const ended = await rotator(scene, ['rollback', credential.id, '--json']);

  expect(ended.code).toBe(0);
  const { current: copy } = scene.holdings(credential);
  expect(jsonOf(ended)).toMatchObject({ credential: credential.id, outcome: 'promoted', version: copy });
  expect([current, previous]).not.toContain(copy);
  expect(currentValue(credential)).toEqual(before);
  expect(scene.sandbox.control.storedValueWorks(credential.kind, before)).toBe(true);
  expect(worker.lines({ step: 'request' })).toHaveLength(messages);
});

test.each([
  ['recipient-aaaa', /not rolled back \(.+\)\n {2}next: its vendor does not bring .*: rotator rotate recipient-aaaa/],
  ['partner-baaa', /not rolled back \(.*compromised.*\)/],
])('%s is refused, with the reason', async (id, said) => {
  const { credential } = await rotated(id);
  const { current, previous, intents } = scene.holdings(credential);
  const Tags = [{ Key: `rotation:compromised:${previous}`, Value: 'by-hand' }];
  scene.sandbox.secretsManager.store.TagResource({ SecretId: credential.secret, Tags });

  const { code, stdout } = await rotator(scene, ['rollback', id]);

  expect(code).toBe(1);
  expect(stdout).toMatch(said);
  expect(scene.holdings(credential)).toMatchObject({ current, intents });
});

test('what has no value before it has nothing to go back to', async () => {
  const { code, stdout } = await rotator(scene, ['rollback', 'key-aaaa']);
  expect(code).toBe(1);
  expect(stdout).toContain('not rolled back');
});

test('an unknown id says which is meant perhaps', async () => {
  const { code, stderr } = await rotator(scene, ['rollback', 'partner-aaab']);
  expect(code).toBe(2);
  expect(stderr).toContain('Did you mean partner-aaaa');
});
