import { ATTEMPT_POINTS, expectOnce, holdAt, letGo, SETTLING_POINTS } from '../support/crash-points';
import { openScene, type Scene } from '../support/scene';
import { holdAnswers, ISSUES, issued } from '../support/vendor-calls';

jest.setTimeout(120_000);

const RUNS_AGAIN = 'The job of a dead worker runs again';
/** As the timer of the locks finds it; as the end of a job that came before it does. */
const LOCK_IS_LOST = ['The locks of jobs are lost: other workers may have them', 'BullMQ reports an error'];

/** BullMQ's locks: which worker holds which job. */
async function locksIn({ sender, redis: { prefix } }: Scene): Promise<Map<string, string>> {
  const keys = await sender.redis.keys(`${prefix}:*:lock`);
  const tokens = await Promise.all(keys.map(async (key) => [key, (await sender.redis.get(key)) ?? ''] as const));
  return new Map(tokens);
}

const sharesOne = (some: ReadonlyMap<string, string>, others: ReadonlyMap<string, string>): boolean =>
  [...some].some(([key, token]) => others.get(key) === token);

describe('one of two replicas is paused: the other sweeps and finishes every kind, and the one that wakes up changes nothing', () => {
  test.concurrent.each(Object.entries({ ...ATTEMPT_POINTS, ...SETTLING_POINTS }))('%s', async (_, point) => {
    const scene = await openScene({ perKind: 1, timeout: '2s' });
    const paused = await scene.startWorker();
    await scene.finished();
    const before = scene.current();
    const isThere = holdAt(scene, point);
    await scene.rotate();
    await scene.until(isThere, 'every kind is at the point');
    paused.signal('SIGSTOP');
    expect(isThere()).toBe(true);
    const locks = await locksIn(scene);
    expect(locks.size).toBeGreaterThanOrEqual(scene.company.credentials.length);
    letGo(scene);

    const other = await scene.startWorker();
    await scene.finished(before);
    await scene.until(
      async () => !sharesOne(locks, await locksIn(scene)),
      'no job is locked by the one that is paused',
    );
    const runAgain = (): number => other.lines({ msg: RUNS_AGAIN }).length;
    await scene.until(() => runAgain() >= scene.company.credentials.length, 'every job runs again');
    const swept = paused.lines({ step: 'sweep' }).length;
    paused.signal('SIGCONT');
    await scene.until(() => paused.lines({ step: 'sweep' }).length > swept, 'it sweeps again');
    await scene.until(() => LOCK_IS_LOST.some((msg) => paused.lines({ msg }).length > 0), 'it finds its locks lost');
    const exits = await Promise.all([paused, other].map((worker) => worker.kill('SIGTERM')));

    expect(exits.map(({ code }) => code)).toEqual([0, 0]);
    expectOnce(scene, point, 2);
  });
});

test.concurrent('sweeps of two replicas enqueue nothing twice', async () => {
  const scene = await openScene({ perKind: 8, pattern: '* * * * * *' });
  const workers = await Promise.all([scene.startWorker(), scene.startWorker()]);
  await scene.finished();
  const runs = (): number => workers.reduce((sum, worker) => sum + worker.lines({ step: 'sweep' }).length, 0);
  const earlier = runs();
  await scene.until(() => runs() > earlier + 8, 'two more rounds of sweeps');

  const { calls } = scene.sandbox.control.counters();
  expect(ISSUES.map((route) => calls[route])).toEqual([8, 8, 8]);
  expect(workers.flatMap((worker) => worker.lines({ step: 'intent' }))).toHaveLength(24);
  expect(scene.audit()).toMatchObject({ credentials: 24, working: 24, violations: [] });
});

test.concurrent('of two replicas with overlapping sweeps one is killed in mid-rotation: the other finishes everything', async () => {
  const scene = await openScene({ perKind: 4, pattern: '*/2 * * * * *', timeout: '2s' });
  const [doomed, other] = await Promise.all([scene.startWorker(), scene.startWorker()]);
  await scene.finished();
  const before = scene.current();
  holdAnswers(scene.sandbox, 60_000, ISSUES, 12);
  await scene.rotate();
  await scene.until(() => issued(scene.sandbox) > 18 && doomed.lines({ step: 'intent' }).length > 0, 'both are at it');
  await doomed.kill('SIGKILL');
  scene.sandbox.control.clearFaults();

  await scene.finished(before);

  const lost = issued(scene.sandbox) - 24;
  expect(other.lines({ alarm: 'invariant' })).toEqual([]);
  const { suspects, ...found } = scene.audit();
  expect(found).toMatchObject({ credentials: 12, working: 12, inGrace: 0, violations: [] });
  // An attempt whose call never left the killed worker is listed too: nobody can know.
  const begun = scene.company.credentials.reduce((sum, one) => sum + scene.holdings(one).intents.length, 0);
  expect(suspects).toBeGreaterThanOrEqual(lost);
  expect(suspects).toBeLessThanOrEqual(begun - 24);
  expect(scene.company.credentials.map((one) => scene.holdings(one).answers.length)).toEqual(Array(12).fill(2));
});
