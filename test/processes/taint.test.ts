import { type FaultInput, successForAnother, successWithoutSecret, wrongCasing } from '../sandbox/faults';
import { findLeaks, type Place, placesInRedis } from '../support/leaks';
import { openScene, type Scene } from '../support/scene';
import { asked } from '../support/sender';
import { holdAnswers, ISSUES, issued, REVOKE } from '../support/vendor-calls';
import type { WorkerProcess } from '../support/worker-process';

jest.setTimeout(120_000);

/**
 * Every call that a vendor answers with a secret, or that carries one, goes wrong in its answer. In three rounds, each with
 * credentials of its own: one with five lost answers is left to a person.
 */
const WRONG_ANSWERS: readonly (readonly FaultInput[])[] = [
  ISSUES.flatMap((route): FaultInput[] => [
    { kind: 'truncated-body', route },
    { kind: 'malformed-json', route },
    { kind: 'error-500', route, effect: 'done' },
  ]),
  ISSUES.flatMap((route): FaultInput[] => [
    { kind: 'reset', route, effect: 'done' },
    { kind: 'redirect', route, effect: 'done', location: 'http://127.0.0.1:1/elsewhere' },
    wrongCasing(route, 'snake'),
  ]),
  [
    ...ISSUES.map(successWithoutSecret),
    // Nobody can tell that a vendor lies about the id of a grant that it has just made; whose secret it is can be told.
    successForAnother('flinks-outbound.regenerate', 'dc-somebody-else'),
    ...REVOKE.map((route): FaultInput => ({ kind: 'html-200', route, effect: 'done' })),
    { kind: 'malformed-json', route: 'flinks-outbound.token' },
    { kind: 'throttled-401', route: 'flinks-data-sharing.generate' },
    { kind: 'throttled-429', route: 'finicity.access-key.generate', retryAfter: '1' },
  ],
];

/** Secrets Manager takes what it is given, and says so badly. */
function wrongStore({ sandbox }: Scene): void {
  const operation = 'PutSecretValue';
  const secret = 'credentials/*';
  sandbox.secretsManager.faults.add(
    { kind: 'refuse', operation, secret, skip: 3, count: 2 },
    { kind: 'error-after', operation, secret, skip: 2, count: 2 },
    { kind: 'reset-after', operation: 'UpdateSecretVersionStage', secret, count: 2 },
    { kind: 'throttle', operation: 'GetSecretValue', count: 3 },
  );
}

/** First values, rotations under faults, a crash, messages of every kind, at the most talkative level of the log. */
async function busyScene(): Promise<{ scene: Scene; workers: WorkerProcess[] }> {
  const scene = await openScene({
    perKind: WRONG_ANSWERS.length,
    pattern: '* * * * * *',
    timeout: '2s',
    defaults: { grace: '1s' },
  });
  const loud = { LOG_LEVEL: 'trace' };
  const doomed = await scene.startWorker(loud);
  await scene.finished();
  await scene.sender.ask('rotate', { ...asked('nobody'), reason: 'no such credential' });
  await scene.sender.ask('rotate', { bad: true });
  wrongStore(scene);
  for (const [n, faults] of WRONG_ANSWERS.entries()) {
    const ofRound = scene.company.credentials.slice(n * ISSUES.length, (n + 1) * ISSUES.length);
    const values = scene.current();
    scene.sandbox.control.addFaults(...faults);
    await scene.rotate(ofRound, { urgency: 'compromised' });
    await scene.finished(new Map(ofRound.map(({ id }) => [id, values.get(id)])));
  }
  const second = scene.current();
  const before = issued(scene.sandbox);
  holdAnswers(scene.sandbox, 60_000);
  await scene.rotate();
  await scene.until(() => issued(scene.sandbox) > before + 2, 'a call of each kind is under way');
  await doomed.kill('SIGKILL');
  scene.sandbox.control.clearFaults();
  const last = await scene.startWorker(loud);
  await scene.finished(second);
  await last.kill('SIGTERM');
  return { scene, workers: [doomed, last] };
}

const linesOf = (worker: WorkerProcess): Place[] =>
  [...worker.stdout().split('\n'), ...worker.stderr().split('\n')].map((text, i) => ({ where: `line ${i}`, text }));

test('no secret and no grant id reaches a log, a job or any key of Redis, whatever goes wrong; one that is put there is found', async () => {
  const { scene, workers } = await busyScene();
  const { control, secretsManager } = scene.sandbox;
  const tags = secretsManager.store.secrets().map(({ name, tags: of }) => ({
    where: `tags of ${name}`,
    text: JSON.stringify([...(of ?? [])]),
  }));
  const secrets = [...control.secretValues(), ...scene.company.ownSecrets];
  const grantIds = control.grants().flatMap(({ grantId }) => (grantId === null ? [] : [grantId]));
  const places = async () => [
    ...workers.flatMap(linesOf),
    ...(await placesInRedis(scene.sender.redis, scene.redis.prefix)),
  ];

  const searched = await places();
  expect(searched.length).toBeGreaterThan(300);
  expect(secrets.length).toBeGreaterThan(40);
  expect(findLeaks(searched, [...secrets, ...grantIds])).toEqual([]);
  expect(findLeaks(tags, secrets)).toEqual([]);
  expect(scene.audit()).toMatchObject({ working: 9, inGrace: 0, violations: [] });

  const careless = await scene.startWorker();
  const [secret = ''] = secrets;
  await scene.sender.ask('rotate', { ...asked('nobody'), reason: `is it ${secret}?` }, { jobId: 'careless' });
  workers.push(careless);
  await scene.until(async () => {
    const leaks = findLeaks(await places(), secrets);
    return (
      leaks.includes(`Redis key ${scene.redis.prefix}:rotation-requests:careless`) &&
      leaks.some((at) => at.startsWith('line '))
    );
  }, 'the leak is found in the job and in the log');
});
