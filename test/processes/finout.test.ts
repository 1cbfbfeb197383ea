import { awsClock } from '../../src/clock';
import { loadManifest } from '../../src/manifest';
import type { Provider } from '../../src/provider';
import { type Context, PACE } from '../../src/rotation-context';
import { secretsManagerClient } from '../../src/secrets-manager/client';
import { secretStore } from '../../src/secrets-manager/secret-store';
import { afterFile } from '../support/after-file';
import type { CompanyCredential } from '../support/company';
import { stageOnly } from '../support/import';
import { findLeaks, placesInRedis } from '../support/leaks';
import { openScene, type Scene } from '../support/scene';
import { asked } from '../support/sender';
import { TRAITS } from '../support/traits';
import { holdAnswers } from '../support/vendor-calls';
import type { WorkerProcess } from '../support/worker-process';

// The worker as a process, and a person beside it who makes Finout tokens and imports them.

jest.setTimeout(120_000);

const TOKENS = 3;
let scene: Scene;
let worker: WorkerProcess;

beforeAll(async () => {
  scene = await openScene({ perKind: 0, tokens: TOKENS, pattern: '* * * * * *', defaults: { grace: '2s' } });
  worker = await scene.startWorker();
});

const line = ({ id }: CompanyCredential, alarm: string, more: object = {}) => ({ alarm, credential: id, ...more });
const currentValue = (one: CompanyCredential): unknown => {
  const { current, value } = scene.holdings(one);
  return value(current);
};

/** As `rotator import` in a process of its own, which dies when the value is staged. */
async function importUntilStaged(one: CompanyCredential, expiresInMs?: number) {
  const { control, urls } = scene.sandbox;
  process.env.AWS_ENDPOINT_URL_SECRETS_MANAGER = urls.secretsManager;
  const clock = awsClock();
  const client = secretsManagerClient({ clock });
  afterFile(() => client.destroy());
  const { byId } = await loadManifest(scene.company.manifestPath, scene.company.env);
  const credential = byId.get(one.id);
  if (credential === undefined) throw new Error(`no entry ${one.id}`);
  const never = (): Promise<never> => Promise.reject(new Error('not a step of an import that dies early'));
  const provider: Provider = {
    ...{ kind: credential.kind, traits: TRAITS[credential.kind] },
    ...{ prepare: never, verify: never, revoke: never, reinstate: never },
  };
  const context: Context = {
    ...{ credential, provider, clock, pace: PACE, store: secretStore(client, clock) },
    log: { info: () => undefined, warn: () => undefined, alarm: () => undefined },
    reserveWrites: async () => undefined,
    stopping: () => false,
  };
  const { clientId, secretKey, expiresAt } = control.adminPortal.generate({
    name: one.subject,
    ...(expiresInMs === undefined ? {} : { expiresInMs }),
  });
  await stageOnly(context, { clientId, secretKey }, expiresAt?.getTime());
  return { pair: { clientId, secretKey }, expiresAt };
}

test('[41] from the first alarm to the deletion of a replaced token', async () => {
  const { control } = scene.sandbox;
  const { tokens } = scene.company;
  const [one] = tokens;
  if (one === undefined) throw new Error('no token');

  // nothing there: said once for each, whatever number of sweeps
  for (const token of tokens) await worker.logged(line(token, 'import-needed', { state: 'needs-import' }));
  const sweeps = () => worker.lines({ step: 'sweep', sweep: 'reissue-expiring-tokens' }).length;
  await scene.until(() => sweeps() > 3, 'several sweeps');
  for (const token of tokens) expect(worker.lines(line(token, 'import-needed'))).toHaveLength(1);
  expect(worker.lines({ alarm: 'create-brake' })).toEqual([]);
  expect(await scene.sender.ask('rotate', asked(one.id))).toMatchObject({
    outcome: 'refused',
    reason: `a person has to make a new one in the portal of the vendor: rotator import ${one.id}`,
  });

  // staged by imports that died: the worker verifies, one at a time, and promotes
  holdAnswers(scene.sandbox, 200, ['finout.view'], TOKENS);
  const ninetyDays = 90 * 24 * 3_600_000;
  const first = await Promise.all(tokens.map((token) => importUntilStaged(token, ninetyDays)));
  await scene.until(() => tokens.every((token, n) => isSame(currentValue(token), first[n]?.pair)), 'all are current');
  expect(control.adminPortal.mostAtOnce()).toBe(1);
  expect(scene.audit()).toMatchObject({ credentials: TOKENS, working: TOKENS, violations: [] });

  // compromised: noted, and asked for again
  const before = scene.holdings(one).current;
  expect(await scene.sender.ask('rotate', { ...asked(one.id), urgency: 'compromised' })).toMatchObject({
    outcome: 'accepted',
    reason: expect.stringContaining('noted, and a person has to make a new one'),
  });
  await worker.logged(line(one, 'import-needed', { reason: 'compromised' }));

  // another one: the compromised one is settled without grace, and left to a person
  const second = await importUntilStaged(one);
  await scene.until(() => isSame(currentValue(one), second.pair), 'the new one is current');
  await worker.logged(line(one, 'grant-unrevoked', { version: before }));
  await scene.until(() => scene.holdings(one).tags['rotation:revoked'] === before, 'the old one is settled');
  expect(scene.holdings(one).tags[`rotation:unrevoked:${before}`]).toMatch(/^made by a person/);
  expect(scene.audit()).toMatchObject({ working: TOKENS, listed: 1, violations: [] });

  // near its end: a reminder with the date
  const third = await importUntilStaged(one, 3 * 24 * 3_600_000);
  await scene.until(() => isSame(currentValue(one), third.pair), 'the short one is current');
  const expires = `${third.expiresAt?.toISOString().slice(0, 19)}.000Z`; // in whole seconds, as the version id keeps it
  await worker.logged(line(one, 'import-needed', { state: 'expiring', reason: 'expires-soon', expires }));

  await worker.kill('SIGTERM');
  expect(control.counters().calls['finout.endpoints']).toBe(0);
  const lines = worker.stdout().split('\n');
  const places = [
    ...lines.map((text, n) => ({ where: `line ${n}`, text })),
    ...(await placesInRedis(scene.sender.redis, scene.redis.prefix)),
  ];
  const clientIds = control.grants().flatMap(({ grantId }) => (grantId === null ? [] : [grantId]));
  expect(findLeaks(places, [...control.secretValues(), ...clientIds])).toEqual([]);
});

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
