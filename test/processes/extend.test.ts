import { readFileSync, writeFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import type { CompanyCredential } from '../support/company';
import { openScene, type Scene } from '../support/scene';
import { holdAnswers } from '../support/vendor-calls';

jest.setTimeout(90_000);

const KIND = 'finicity-access-key';
const GENERATE = 'finicity.access-key.generate';
const UPDATE = 'finicity.access-key.update';
const REVOKE = 'finicity.access-key.revoke';
const EXTENDED = { [KIND]: { renewal: 'extend', validity: '730d', renewBefore: '1d' } };
const CLEAN = { suspects: 0, listed: 0, violations: [] as string[] };

const key = z.object({
  receipt: z.object({
    receiptId: z.string(),
    receiptVersion: z.number(),
    products: z.array(z.object({ product: z.string() })),
  }),
});

async function extending(defaults: object = {}): Promise<{ scene: Scene; credential: CompanyCredential }> {
  const scene = await openScene({ perKind: 1, timeout: '2s', defaults: { ...EXTENDED, ...defaults } });
  return { scene, credential: scene.credential(KIND) };
}

const receipt = ({ holdings }: Scene, credential: CompanyCredential) => {
  const { value, current } = holdings(credential);
  return key.parse(value(current)).receipt;
};
const effects = ({ sandbox }: Scene) => {
  const all = sandbox.control.counters().effects;
  return { generated: all[GENERATE], updated: all[UPDATE], revoked: all[REVOKE] };
};

test.concurrent('a key that is rotated is extended: the same receipt, its next revision, nothing revoked', async () => {
  const { scene, credential } = await extending();
  await scene.startWorker();
  await scene.finished();
  const before = scene.current();
  const { receiptId } = receipt(scene, credential);

  for (let revision = 2; revision <= 3; revision += 1) {
    await scene.rotate([credential]);
    await scene.until(() => receipt(scene, credential).receiptVersion === revision, `revision ${revision}`);
    expect(receipt(scene, credential).receiptId).toBe(receiptId);
    await scene.until(() => {
      const { previous, tags } = scene.holdings(credential);
      return tags['rotation:revoked'] === previous;
    }, 'the one before is settled');
  }

  expect(scene.holdings(credential).current).not.toBe(before.get(credential.id));
  expect(effects(scene)).toEqual({ generated: 1, updated: 2, revoked: 0 });
  expect(scene.audit()).toMatchObject({ ...CLEAN, working: 3 });
});

test.concurrent('compromised, it is replaced, and its receipt deleted', async () => {
  const { scene, credential } = await extending();
  await scene.startWorker();
  await scene.finished();
  await scene.rotate([credential]);
  await scene.until(() => receipt(scene, credential).receiptVersion === 2, 'it is extended');
  const { receiptId } = receipt(scene, credential);

  await scene.rotate([credential], { urgency: 'compromised' });

  await scene.until(() => !scene.sandbox.control.works(KIND, { grantId: receiptId }), 'the receipt is dead');
  expect(receipt(scene, credential).receiptId).not.toBe(receiptId);
  await scene.finished();
  expect(scene.audit()).toMatchObject({ ...CLEAN, working: 3 });
});

test.concurrent('kill -9 while the vendor answers a renewal, and a restart: it is asked again, nothing is suspected', async () => {
  const { scene, credential } = await extending();
  const doomed = await scene.startWorker();
  await scene.finished();
  const { receiptId } = receipt(scene, credential);
  holdAnswers(scene.sandbox, 60_000, [UPDATE]);
  await scene.rotate([credential]);
  await scene.until(() => effects(scene).updated === 1, 'the vendor has acted');
  await doomed.kill('SIGKILL');
  scene.sandbox.control.clearFaults();

  await scene.startWorker();
  await scene.until(() => scene.holdings(credential).givenUp !== undefined, 'the attempt is given up');
  await scene.rotate([credential]);
  await scene.until(() => receipt(scene, credential).receiptVersion === 3, 'it is extended');

  expect(receipt(scene, credential).receiptId).toBe(receiptId);
  await scene.finished();
  expect(scene.audit()).toMatchObject({ ...CLEAN, working: 3 });
});

test.concurrent('products that are changed in the entry are sent when the worker starts with it', async () => {
  const { scene, credential } = await extending({ grace: '0s' });
  const first = await scene.startWorker();
  await scene.finished();
  await first.kill('SIGTERM');
  const { manifestPath } = scene.company;
  const manifest = z
    .looseObject({ credentials: z.array(z.looseObject({ id: z.string() })) })
    .parse(parse(readFileSync(manifestPath, 'utf8')));
  for (const entry of manifest.credentials) {
    if (entry.id === credential.id) entry.products = [{ product: 'availableBalance', accountId: '5011000000' }];
  }
  writeFileSync(manifestPath, stringify(manifest));

  await scene.startWorker();

  await scene.until(() => receipt(scene, credential).products[0]?.product === 'availableBalance', 'they are sent');
  await scene.finished();
  expect(effects(scene)).toEqual({ generated: 1, updated: 1, revoked: 0 });
  expect(scene.audit()).toMatchObject({ ...CLEAN, working: 3 });
});

test.concurrent('a receipt that has ended at the vendor is replaced', async () => {
  const { scene, credential } = await extending();
  await scene.startWorker();
  await scene.finished();
  const { receiptId } = receipt(scene, credential);
  scene.sandbox.control.advanceClock(731 * 86_400_000); // of the vendors only: the worker does not know

  await scene.rotate([credential]);

  await scene.until(() => receipt(scene, credential).receiptId !== receiptId, 'it is replaced');
  expect(effects(scene)).toMatchObject({ generated: 2, updated: 0 });
});
