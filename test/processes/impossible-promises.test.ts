import { z } from 'zod';
import { type Holdings, isUnfinished } from '../support/holdings';
import { openScene } from '../support/scene';

jest.setTimeout(90_000);

// Where a vendor makes a promise impossible, a named state and an alarm say so (docs: README, "When a person is needed").

const DISABLE = 'flinks-data-sharing.disable';
const DELETE = 'finicity.access-key.revoke';
const authSecret = z.object({ PermissionId: z.string(), AuthSecret: z.string() });
const isSettled = ({ previous, tags }: Holdings): boolean => tags['rotation:revoked'] === previous;

const QUICK = { perKind: 1, pattern: '* * * * * *', defaults: { grace: '1s' } };

test.concurrent.each([400, 401] as const)(
  'no second AuthSecret is generated (%d): five attempts, then it is blocked, and the first one goes on working',
  async (invalidRequestStatus) => {
    const scene = await openScene(QUICK);
    scene.sandbox.control.setSwitches({ flinksDataSharing: { secondGenerate: 'error', invalidRequestStatus } });
    await scene.startWorker();
    await scene.finished();
    const partner = scene.credential('flinks-auth-secret');
    await scene.rotate([partner], { urgency: 'compromised' });

    // The alarm follows the tag, and the end of the last attempt follows the alarm.
    await scene.until(() => scene.alarms().includes('blocked') && !isUnfinished(scene.holdings(partner)), 'blocked');

    expect([...scene.alarms()].sort()).toEqual(['attempt-failed', 'blocked']);
    const { violations, ...rest } = scene.audit();
    expect(rest).toMatchObject({ working: 3, inGrace: 0, suspects: 0 });
    expect(violations).toEqual([expect.stringMatching(/^partner-aaaa: blocked: 5 attempts failed/)]);
  },
);

test.concurrent('disable acts on the whole partner, and says so: enabled again, blocked, told', async () => {
  const scene = await openScene(QUICK);
  await scene.startWorker();
  await scene.finished();
  scene.sandbox.control.setSwitches({ flinksDataSharing: { disableActsOn: 'partner' } });
  const partner = scene.credential('flinks-auth-secret');
  const before = scene.holdings(partner).current;
  // The answer to the old id names the current secret: known only once it is promoted, which is before grace is over.
  await scene.rotate([partner]);
  await scene.until(() => scene.holdings(partner).current !== before, 'it is promoted');
  const current = authSecret.parse(scene.holdings(partner).value(scene.holdings(partner).current));
  const set = { permissionId: current.PermissionId, authSecret: current.AuthSecret };
  scene.sandbox.control.addFaults({ kind: 'rewrite', route: DISABLE, set });

  await scene.until(() => scene.alarms().includes('blocked'), 'the sweep has said that it is blocked');

  expect([...scene.alarms()].sort()).toEqual(['blocked', 'revocation-hit-current']);
  const { working, violations } = scene.audit();
  expect(working).toBe(3);
  expect(violations).toContainEqual(expect.stringContaining('blocked: revocation hit AWSCURRENT and was undone'));
});

test.concurrent('disable acts on the whole partner, and says nothing: the one thing that nobody can see', async () => {
  const scene = await openScene(QUICK);
  await scene.startWorker();
  await scene.finished();
  scene.sandbox.control.setSwitches({ flinksDataSharing: { disableActsOn: 'partner' } });
  const before = scene.current();
  await scene.rotate();
  await scene.finished(before);

  expect(scene.alarms()).toEqual([]);
  expect(scene.audit()).toMatchObject({ working: 2, violations: ['partner-aaaa: AWSCURRENT does not work'] });
});

test.concurrent("a proxy's 404 for a receipt that is gone: it is asked again until the vendor itself says so", async () => {
  const scene = await openScene(QUICK);
  const worker = await scene.startWorker();
  await scene.finished();
  scene.sandbox.control.setSwitches({ finicity: { deleteOfGone: '404-html' } });
  scene.sandbox.control.addFaults({ kind: 'reset', route: DELETE, effect: 'done' });
  const key = scene.credential('finicity-access-key');
  await scene.rotate([key]);

  await scene.until(() => worker.lines({ step: 'revoke', reason: 'outcome-unknown' }).length > 2, 'it was tried again');

  expect(scene.alarms()).toEqual(['revocation-unanswered']);
  expect(scene.audit()).toMatchObject({ working: 3, inGrace: 0, violations: [] });
  scene.sandbox.control.setSwitches({ finicity: { deleteOfGone: '404-json' } });
  await scene.until(() => isSettled(scene.holdings(key)), 'it is settled once the vendor says so itself');
});

test.concurrent('a region that is refused: the attempt is given up, and made again when it passes', async () => {
  const scene = await openScene({ ...QUICK, defaults: { grace: '1s', retryAfter: ['3s'] } });
  await scene.startWorker();
  await scene.finished();
  const before = scene.current();
  scene.sandbox.control.setSwitches({ finicity: { geography: 'refused' } });
  const key = scene.credential('finicity-access-key');
  await scene.rotate([key], { urgency: 'compromised' });
  await scene.until(() => scene.alarms().includes('attempt-failed'), 'it is given up');
  expect(scene.audit()).toMatchObject({ working: 3, inGrace: 0, suspects: 0, violations: [] });

  scene.sandbox.control.setSwitches({ finicity: { geography: 'allowed' } });
  await scene.until(() => scene.holdings(key).current !== before.get(key.id), 'it is replaced');
  await scene.until(() => isSettled(scene.holdings(key)), 'it is settled');

  expect(scene.alarms()).toEqual(['attempt-failed']);
  expect(scene.audit()).toMatchObject({ working: 3, inGrace: 0, suspects: 0, violations: [] });
});
