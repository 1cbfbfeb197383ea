import { rotator } from '../support/rotator';
import { openScene } from '../support/scene';
import { REVOKE } from '../support/vendor-calls';

jest.setTimeout(90_000);

const SWEEPS = ['revoke-stale-finicity-receipts', 'revoke-stale-flinks-permissions'] as const;

test('a sweep that would revoke too much revokes nothing but what is compromised, says so once, and goes on once when released', async () => {
  const scene = await openScene({ perKind: 3, limits: { revokeAtLeast: 0, revokeShare: 0 } });
  const revoked = (): number => REVOKE.reduce((sum, route) => sum + scene.sandbox.control.counters().effects[route], 0);
  const worker = await scene.startWorker();
  /** Rotates all, and waits until each sweep has held back all three again and again. */
  const rotateAll = async (): Promise<ReadonlyMap<string, string | undefined>> => {
    const before = scene.current();
    const runs = (sweep: string) => worker.lines({ step: 'sweep', sweep, heldBack: 3 }).length;
    const seen = SWEEPS.map(runs);
    await scene.rotate();
    await scene.until(() => SWEEPS.every((sweep, n) => runs(sweep) > (seen[n] ?? 0) + 2), 'the sweeps stop');
    return before;
  };
  const releaseAll = async (): Promise<void> => {
    for (const sweep of SWEEPS) expect(await rotator(scene, ['release', sweep])).toMatchObject({ code: 0, stderr: '' });
  };
  await scene.finished();
  const first = await rotateAll();
  expect(revoked()).toBe(0);
  for (const sweep of SWEEPS) {
    const alarms = worker.lines({ alarm: 'revoke-limit', sweep });
    expect(alarms).toMatchObject([{ limit: 0, inTheLastDay: 0, release: `rotator release ${sweep}` }]);
  }

  const key = scene.credential('finicity-access-key');
  await scene.sender.ask('revoke', {
    ...{ credential: key.id, reason: 'leaked', requestedBy: 'test' },
    urgency: 'compromised',
  });
  await scene.until(() => revoked() === 1, 'what is compromised is revoked');

  await releaseAll();
  await scene.finished(first);
  expect(revoked()).toBe(6);

  const second = await rotateAll();
  expect(revoked()).toBe(6);
  expect(worker.lines({ alarm: 'revoke-limit' })).toHaveLength(4);
  await releaseAll();
  await scene.finished(second);
  expect(scene.audit()).toMatchObject({ working: 9, suspects: 0, violations: [] });
});
