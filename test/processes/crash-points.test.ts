import { ATTEMPT_POINTS, expectOnce, holdAt, letGo, SETTLING_POINTS } from '../support/crash-points';
import { openScene } from '../support/scene';

jest.setTimeout(120_000);

const KILLED = { code: null, signal: 'SIGKILL' };

describe('kill -9 of a worker that issues first values, and a restart: every kind is finished', () => {
  test.concurrent.each(Object.entries(ATTEMPT_POINTS))('%s', async (_, point) => {
    const scene = await openScene({ perKind: 1, timeout: '2s' });
    const isThere = holdAt(scene, point);
    const doomed = await scene.startWorker();
    await scene.until(isThere, 'every kind is at the point');
    expect(await doomed.kill('SIGKILL')).toEqual(KILLED);
    expect(isThere()).toBe(true);
    letGo(scene);

    await scene.startWorker();
    await scene.finished();

    expectOnce(scene, point, 1);
  });
});

describe('kill -9 of a worker that rotates, and a restart: every kind is finished', () => {
  test.concurrent.each(Object.entries({ ...ATTEMPT_POINTS, ...SETTLING_POINTS }))('%s', async (_, point) => {
    const scene = await openScene({ perKind: 1, timeout: '2s' });
    const doomed = await scene.startWorker();
    await scene.finished();
    const before = scene.current();
    const isThere = holdAt(scene, point);
    await scene.rotate();
    await scene.until(isThere, 'every kind is at the point');
    expect(await doomed.kill('SIGKILL')).toEqual(KILLED);
    expect(isThere()).toBe(true);
    letGo(scene);

    await scene.startWorker();
    await scene.finished(before);

    expectOnce(scene, point, 2);
  });
});
