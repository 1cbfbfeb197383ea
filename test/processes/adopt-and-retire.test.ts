import { randomUUID } from 'node:crypto';
import type { CompanyCredential } from '../support/company';
import { iamPolicy } from '../support/iam-policy';
import { openScene, type Scene } from '../support/scene';
import type { WorkerProcess } from '../support/worker-process';

jest.setTimeout(120_000);

// The life of secrets that existed before the worker came, over restarts, with the permissions of iam-policy.json only: left alone, adopted, rotated, retired, restored.

const RECIPIENT = 'flinks-outbound-recipient';
/** What the recipient's consumers read: the vendor's fields under names of their own. */
const MAPPING = { value: { fields: { id: 'client_id', secret: 'client_secret' }, constants: { url: 'https://x' } } };
const adopted = ({ kind }: CompanyCredential) => ({ adopt: true, ...(kind === RECIPIENT ? MAPPING : {}) });

let scene: Scene;
let worker: WorkerProcess | undefined;
let ids: ReadonlyMap<string, string>;
let values: ReadonlyMap<string, unknown>;
let entries: readonly Record<string, unknown>[];

/** With a manifest whose entries say this more than they did at first. */
async function restarted(more: (credential: CompanyCredential) => object): Promise<WorkerProcess> {
  await worker?.kill('SIGTERM');
  scene.company.edit((manifest) => {
    manifest.credentials = scene.company.credentials.map((one, n) => ({ ...entries[n], ...more(one) }));
  });
  worker = await scene.startWorker();
  return worker;
}

const all = (holds: (credential: CompanyCredential) => unknown): boolean => scene.company.credentials.every(holds);
const each = <T>(of: (credential: CompanyCredential) => T): T[] => scene.company.credentials.map(of);
const tags = (credential: CompanyCredential) => scene.holdings(credential).tags;
const described = ({ secret }: CompanyCredential) =>
  scene.sandbox.secretsManager.store.DescribeSecret({ SecretId: secret });

/** As people stored it before: under a UUID, without a tag; the recipient's under names of their own. */
function storeByHand({ kind, secret }: CompanyCredential, value: unknown): string {
  const { store } = scene.sandbox.secretsManager;
  const { client_id, client_secret } = Object(value);
  const theirs = kind === RECIPIENT ? { id: client_id, secret: client_secret, url: 'https://x' } : value;
  const ClientRequestToken = randomUUID();
  store.DeleteSecret({ SecretId: secret, ForceDeleteWithoutRecovery: true });
  store.CreateSecret({ Name: secret, ClientRequestToken, SecretString: JSON.stringify(theirs) });
  return ClientRequestToken;
}

const works = (credential: CompanyCredential, value: unknown): boolean => {
  const { id, secret } = Object(value);
  const asSent = credential.kind === RECIPIENT && id !== undefined ? { client_id: id, client_secret: secret } : value;
  return scene.sandbox.control.storedValueWorks(credential.kind, asSent);
};
const currentWorks = (credential: CompanyCredential): boolean => {
  const { current, value } = scene.holdings(credential);
  return works(credential, value(current));
};

afterAll(() => {
  const { all: calls } = scene.sandbox.secretsManager.calls;
  expect(calls.filter(({ outcome }) => outcome === 'AccessDeniedException')).toEqual([]);
});

beforeAll(async () => {
  scene = await openScene({ perKind: 1, sandbox: { secretsManager: { policy: iamPolicy() } } });
  scene.company.edit(({ credentials }) => {
    entries = [...credentials];
  });
  worker = await scene.startWorker();
  await scene.finished();
  await worker.kill('SIGTERM');
  values = new Map(each((one) => [one.id, scene.holdings(one).value(scene.holdings(one).current)]));
  ids = new Map(each((one) => [one.id, storeByHand(one, values.get(one.id))]));
}, 60_000);

test('without a word in their entries they are left alone, and reported', async () => {
  const { logged } = await restarted(() => ({}));
  for (const credential of scene.company.credentials.map(({ id }) => id)) {
    await logged({ alarm: 'foreign-secret', credential, reason: 'holds-a-value-of-another' });
  }
  expect(each(tags)).toEqual([{}, {}, {}]);
});

test('adopted they keep their versions; a value with other fields waits for its entry to map them', async () => {
  const { logged } = await restarted(() => ({ adopt: true }));
  await scene.until(() => all((one) => 'rotation:adopted' in tags(one)), 'all are adopted');
  const recipient = scene.credential(RECIPIENT);
  const reason = 'a rotation would lose id secret url - the value lacks client_id client_secret';
  await logged({ alarm: 'value-unmapped', credential: recipient.id, reason });
  expect(await scene.rotate([recipient])).toMatchObject([{ outcome: 'refused', reason: `unmapped: ${reason}` }]);
  expect(scene.current()).toEqual(ids);

  await restarted(adopted);
  await scene.until(() => !(`rotation:unmapped:${ids.get(recipient.id)}` in tags(recipient)), 'its entry maps them');
  expect(scene.current()).toEqual(ids);
  expect(all(currentWorks)).toBe(true);
});

test('asked for they are rotated: consumers read the same fields, and the old grants are revoked', async () => {
  expect(await scene.rotate()).toMatchObject(each(({ id }) => ({ outcome: 'accepted', version: ids.get(id) })));
  await scene.finished(ids);
  expect(all(currentWorks)).toBe(true);
  expect(each((one) => works(one, values.get(one.id)))).toEqual([false, false, false]);
  const recipient = scene.credential(RECIPIENT);
  const { current, value } = scene.holdings(recipient);
  expect(value(current)).toEqual({ id: recipient.subject, secret: expect.any(String), url: 'https://x' });
});

test('retired their grants are revoked, and their secrets deleted where nothing is left for a person', async () => {
  const { logged } = await restarted((one) => ({ ...adopted(one), state: 'retired', deleteSecret: true }));
  const recipient = scene.credential(RECIPIENT);
  const revocable = scene.company.credentials.filter(({ kind }) => kind !== RECIPIENT);
  await scene.until(() => revocable.every((one) => described(one).DeletedDate !== undefined), 'they are to be deleted');
  await logged({ alarm: 'grant-unrevoked', credential: recipient.id });
  expect(revocable.map(currentWorks)).toEqual([false, false]);
  expect(described(recipient).DeletedDate).toBeUndefined();
  expect(await scene.rotate()).toMatchObject(
    each(() => ({ outcome: 'refused', reason: expect.stringMatching(/^retired/) })),
  );
});

test('active again they are restored, and issued anew', async () => {
  const before = scene.current();
  await restarted(adopted);
  await scene.finished(before);
  await scene.until(() => all((one) => !('rotation:retired' in tags(one))), 'the tags are gone');
  expect(all(currentWorks)).toBe(true);
  expect(all((one) => described(one).DeletedDate === undefined)).toBe(true);
});
