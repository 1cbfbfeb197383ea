import { Redis } from 'ioredis';
import { release } from '../../src/queue/revoke-limit';
import { afterFile } from '../support/after-file';
import { openScene } from '../support/scene';
import { REVOKE } from '../support/vendor-calls';

jest.setTimeout(90_000);

const SWEEPS = ['revoke-stale-finicity-receipts', 'revoke-stale-flinks-permissions'] as const;

test('a sweep that would revoke too much revokes nothing but what is compromised, says so once, and goes on once when released', async () => {
  const scene = await openScene({ perKind: 3, limits: { revokeAtLeast: 2, revokeShare: 0.5 } });
  const revoked = (): number => REVOKE.reduce((sum, route) => sum + scene.sandbox.control.counters().effects[route], 0);
  const worker = await scene.startWorker();
  await scene.finished();
  const before = scene.current();
  await scene.rotate();
  for (const sweep of SWEEPS) {
    const alarm = await worker.logged({ alarm: 'revoke-limit', sweep });
    expect(alarm).toMatchObject({ limit: 2, revocations: 3, inTheLastDay: 0, release: `rotator release ${sweep}` });
  }
  const runs = () => worker.lines({ step: 'sweep', sweep: SWEEPS[0], heldBack: 3 }).length;
  await scene.until(() => runs() > 3, 'the sweep has run again and again');
  expect(revoked()).toBe(0);
  expect(worker.lines({ alarm: 'revoke-limit' })).toHaveLength(2);

  const key = scene.credential('finicity-access-key');
  await scene.sender.ask('revoke', {
    credential: key.id,
    reason: 'leaked',
    requestedBy: 'test',
    urgency: 'compromised',
  });
  await scene.until(() => revoked() === 1, 'what is compromised is revoked');

  const failFast = new Redis(scene.redis.url);
  afterFile(() => failFast.disconnect());
  for (const sweep of SWEEPS) await release({ failFast, prefix: scene.redis.prefix }, sweep);
  await scene.finished(before);
  expect(revoked()).toBe(6);

  const after = scene.current();
  await scene.rotate();
  for (const sweep of SWEEPS) {
    await scene.until(() => worker.lines({ alarm: 'revoke-limit', sweep }).length === 2, 'it stops again');
    await release({ failFast, prefix: scene.redis.prefix }, sweep);
  }
  await scene.finished(after);
  expect(revoked()).toBe(12);
  expect(scene.audit()).toMatchObject({ working: 9, suspects: 0, violations: [] });
});
