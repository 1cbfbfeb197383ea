import { Redis } from 'ioredis';
import type { FinicitySwitches } from '../sandbox/finicity/switches';
import { isUnsettled } from '../support/holdings';
import { findLeaks, placesInRedis } from '../support/leaks';
import type { FaultPart } from '../support/providers/fault-part';
import { describeWithOwnRedis, startRedis } from '../support/redis-server';
import { openScene, type Scene } from '../support/scene';
import type { WorkerProcess } from '../support/worker-process';

jest.setTimeout(120_000);

const CHANGE = 'finicity.modify-partner-secret';
const LOGIN = 'finicity.authenticate';
const LONG_MS = 60_000;

async function scene(redisUrl?: string, switches: Partial<FinicitySwitches> = {}): Promise<Scene> {
  const opened = await openScene({
    perKind: 1,
    partnerSecret: true,
    timeout: '1s',
    ...(redisUrl === undefined ? {} : { redisUrl }),
  });
  opened.sandbox.control.setSwitches({ finicity: switches });
  return opened;
}

const secret = (here: Scene) => here.credential('finicity-partner-secret');
const accessKey = (here: Scene) => here.credential('finicity-access-key');
const strikes = ({ sandbox }: Scene): number => sandbox.control.partners().reduce((sum, one) => sum + one.strikes, 0);
const works = (here: Scene, version: string | undefined): boolean =>
  here.sandbox.control.storedValueWorks('finicity-partner-secret', here.holdings(secret(here)).value(version));

/** Asks for it, and waits until another version is current. */
async function rotated(here: Scene, which: typeof secret, more: object = {}): Promise<void> {
  const one = which(here);
  const before = here.holdings(one).current;
  if (which === accessKey) await here.until(() => !isUnsettled(here.holdings(one)), 'the access key before is settled');
  expect(await here.rotate([one], more)).toMatchObject([{ outcome: 'accepted' }]);
  await here.until(
    () => here.holdings(one).current !== before && !here.holdings(one).current?.startsWith('intent'),
    `${one.kind} is rotated`,
  );
}

const befalls = ({ sandbox }: Scene, route: typeof CHANGE | typeof LOGIN, fault: FaultPart): void =>
  sandbox.control.addFaults({ ...fault, route });

async function leaks({ sandbox, sender, redis, company }: Scene, workers: readonly WorkerProcess[]) {
  const lines = workers.map((worker) => ({ where: `lines of ${worker.pid}`, text: worker.stdout() + worker.stderr() }));
  const places = [...lines, ...(await placesInRedis(sender.redis, redis.prefix))];
  return findLeaks(places, [...sandbox.control.secretValues(), ...company.ownSecrets]);
}

test.concurrent.each([
  ['tokens live on', {}],
  ['tokens die with it', { tokensSurviveChange: false }],
] as const)(
  'is rotated, within grace and at once, while access keys are, and the worker logs in with what is current: %s',
  async (_, switches) => {
    const here = await scene(undefined, switches);
    const worker = await here.startWorker();
    await here.until(() => here.holdings(accessKey(here)).current?.startsWith('0'), 'there is an access key');
    const first = here.holdings(secret(here)).current;

    await Promise.all([rotated(here, secret), rotated(here, accessKey)]);
    const second = here.holdings(secret(here)).current;
    expect([works(here, first), works(here, second)]).toEqual([true, true]);
    await rotated(here, accessKey);
    expect(await here.rotate([secret(here)])).toMatchObject([{ outcome: 'refused' }]);

    await rotated(here, secret, { urgency: 'compromised' });
    expect([works(here, first), works(here, second)]).toEqual([false, false]);
    const logins = here.sandbox.control.counters().calls[LOGIN];
    await rotated(here, accessKey);
    expect(here.sandbox.control.counters().calls[LOGIN]).toBe(logins + 1); // its token was dropped with the secret

    const { tags, current } = here.holdings(secret(here));
    expect([tags['rotation:proven'], strikes(here)]).toEqual([current, 0]);
    await here.until(
      () => here.holdings(secret(here)).tags['rotation:revoked'] === second,
      'what was compromised is settled',
    );
    expect(here.audit()).toMatchObject({ working: 4, suspects: 0, violations: [] });
    expect(worker.lines({ alarm: 'login-refused' })).toEqual([]);
  },
);

test.concurrent('another replica goes on with the new one as well, though its token was that of the old', async () => {
  const here = await scene(undefined, { tokensSurviveChange: false });
  await here.startWorker();
  await here.startWorker();
  await here.until(() => here.holdings(accessKey(here)).current?.startsWith('0'), 'there is an access key');
  for (let n = 0; n < 2; n += 1) await rotated(here, accessKey);
  await rotated(here, secret, { urgency: 'compromised' });
  for (let n = 0; n < 2; n += 1) await rotated(here, accessKey);
  expect(strikes(here)).toBe(0);
  expect(here.audit()).toMatchObject({ working: 4, violations: [] });
});

test.concurrent('a message cannot end the grace of the vendor', async () => {
  const here = await scene();
  await here.startWorker();
  await rotated(here, secret);
  const { id } = secret(here);
  expect(await here.sender.ask('revoke', { credential: id, reason: 'a test', requestedBy: 'test' })).toMatchObject({
    outcome: 'refused',
    reason: 'the vendor ends the old one itself, 30 days after the change',
  });
});

describe('kill -9 of the worker that changes it, and a restart', () => {
  const POINTS: readonly (readonly [string, FaultPart, boolean, number])[] = [
    ['before the vendor has changed it', { kind: 'delay', ms: LONG_MS, hold: 'request' }, false, 1],
    ['after the vendor has changed it', { kind: 'delay', ms: LONG_MS, hold: 'answer' }, true, 0],
  ];
  test.concurrent.each(POINTS)('%s: finished, with the same value', async (_, fault, isDone, refused) => {
    const here = await scene(undefined, { graceMs: 0 });
    const doomed = await here.startWorker({ LOG_LEVEL: 'trace' });
    await here.until(() => here.holdings(accessKey(here)).current?.startsWith('0'), 'there is an access key');
    befalls(here, CHANGE, fault);
    const { current: before } = here.holdings(secret(here));
    await here.rotate([secret(here)]);
    const counters = () => here.sandbox.control.counters();
    await here.until(
      () => (isDone ? counters().effects[CHANGE] : counters().calls[CHANGE]) === 1,
      'the vendor is told',
    );
    await doomed.kill('SIGKILL');
    here.sandbox.control.clearFaults();
    const staged = here.holdings(secret(here)).pending;

    const other = await here.startWorker({ LOG_LEVEL: 'trace' });
    await here.until(() => here.holdings(secret(here)).current === staged, 'the staged value is current');
    await rotated(here, accessKey);

    expect([works(here, before), works(here, staged), strikes(here)]).toEqual([false, true, refused]);
    expect(await leaks(here, [doomed, other])).toEqual([]);
    expect(here.audit()).toMatchObject({ working: 4, suspects: 0, violations: [] });
  });
});

describeWithOwnRedis('in the middle of a change Redis', () => {
  test.concurrent('is emptied: the change is finished by its owner, and nobody has logged in beside it', async () => {
    const redis = await startRedis();
    const here = await scene(redis.url);
    await here.startWorker();
    await here.until(() => here.holdings(accessKey(here)).current?.startsWith('0'), 'there is an access key');
    const before = here.current();
    befalls(here, CHANGE, { kind: 'delay', ms: 1_000, hold: 'answer' });
    await here.rotate([secret(here)]);
    await here.until(() => here.sandbox.control.counters().effects[CHANGE] === 1, 'the vendor is told');
    const client = new Redis(redis.url);
    await client.flushall();
    await client.quit();

    await here.until(() => here.current().get(secret(here).id) !== before.get(secret(here).id), 'it is promoted');
    await rotated(here, accessKey);
    expect(strikes(here)).toBe(0);
    expect(here.holdings(secret(here)).answers).toHaveLength(2);
    expect(here.audit()).toMatchObject({ working: 4, suspects: 0, violations: [] });
  });
});
