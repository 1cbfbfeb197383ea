import type { CompanyCredential } from '../support/company';
import { openScene, type Scene } from '../support/scene';
import { asked } from '../support/sender';

jest.setTimeout(60_000);

/** The sweep at start issues the first values; none comes after it. */
const NEVER = '0 0 0 29 2 *';

test.concurrent('a message that is delivered again after a crash does not rotate what another one has rotated, and ends its grace', async () => {
  const scene = await openScene({ perKind: 1, pattern: NEVER, defaults: { grace: '1h' } });
  const doomed = await scene.startWorker();
  await scene.finished();
  const before = scene.current();
  scene.sandbox.secretsManager.faults.add({ kind: 'hang', operation: 'TagResource', secret: 'credentials/*' });
  const jobs = await sendCompromised(scene);
  await scene.until(() => scene.company.credentials.every((one) => isTagging(scene, one)), 'each is pinned');
  await doomed.kill('SIGKILL');
  scene.sandbox.secretsManager.faults.clear();

  const { redis, queue } = scene.sender;
  const noRedelivery = queue.toKey('stalled-check'); // while it is there, no worker looks for jobs of dead ones
  await redis.set(noRedelivery, 'held', 'EX', 60);
  await scene.startWorker();
  const others = await scene.rotate();
  await scene.until(() => isReplaced(scene, before), 'the other messages have rotated');
  await redis.del(noRedelivery);

  expect(others.map(({ outcome }) => outcome)).toEqual(['accepted', 'accepted', 'accepted']);
  expect(await Promise.all(jobs.map(scene.sender.answer))).toEqual(
    [...before.values()].map((version) => ({
      outcome: 'done',
      version,
      reason: 'another-version-is-current, its grace is ended',
    })),
  );
  await scene.finished(before);
  expect(scene.audit()).toMatchObject({ working: 3, inGrace: 0, violations: [] });
  expect(scene.company.credentials.map((one) => scene.holdings(one).answers.length)).toEqual([2, 2, 2]);
});

test.concurrent('inside the minimum interval of its urgency a message is refused, with the time when it ends', async () => {
  const scene = await openScene({
    perKind: 1,
    pattern: NEVER,
    defaults: { grace: '0s', minInterval: '1h', 'flinks-auth-secret': { compromisedMinInterval: '2h' } },
  });
  const worker = await scene.startWorker();
  await scene.finished();
  const before = scene.current();

  for (const one of scene.company.credentials) {
    const normal = await scene.sender.ask('rotate', asked(one.id), { attempts: 10 });
    expect(normal).toMatchObject({ outcome: 'refused', version: before.get(one.id) });
    expect(normal.reason).toMatch(/minimum interval of normal requests, until \d{4}-\d\d-\d\dT/);
    await worker.logged({ step: 'request', credential: one.id, outcome: 'refused', reason: normal.reason });
  }
  const urgent = await scene.rotate(scene.company.credentials, { urgency: 'compromised' });

  expect(urgent.map(({ outcome }) => outcome)).toEqual(['accepted', 'refused', 'accepted']);
  await scene.until(() => isReplaced(scene, before, 2), 'the accepted ones are replaced');
  expect(scene.audit()).toMatchObject({ working: 3, violations: [] });
});

const sendCompromised = (scene: Scene): Promise<string[]> =>
  Promise.all(
    scene.company.credentials.map(({ id }) => scene.sender.send('rotate', { ...asked(id), urgency: 'compromised' })),
  );

const isTagging = ({ sandbox }: Scene, { secret }: CompanyCredential): boolean =>
  sandbox.secretsManager.calls.all.some((call) => call.secret === secret && call.outcome === 'hang');

const isReplaced = (scene: Scene, before: ReadonlyMap<string, string | undefined>, count = 3): boolean =>
  [...scene.current()].filter(([id, version]) => version !== before.get(id)).length === count;
