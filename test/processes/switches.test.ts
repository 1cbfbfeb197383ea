import { z } from 'zod';
import type { FaultInput } from '../sandbox/faults';
import type { SwitchesInput } from '../sandbox/switches';
import type { Audit } from '../support/audit';
import type { CompanyOptions } from '../support/company';
import { type Holdings, isUnfinished } from '../support/holdings';
import { openScene } from '../support/scene';

jest.setTimeout(90_000);

const authSecret = z.object({ PermissionId: z.string(), AuthSecret: z.string() });
const isSettled = ({ previous, tags }: Holdings): boolean => tags['rotation:revoked'] === previous;

/** What the vendors' pages leave open, turned the other way; one switch of each vendor at a time. */
interface Case {
  readonly switches: SwitchesInput;
  readonly company?: Partial<CompanyOptions>;
  /** What befalls the first settling. */
  readonly faults?: readonly FaultInput[];
  /** Where the vendor makes a promise impossible: what says so instead. */
  readonly alarms?: readonly string[];
  readonly audit?: Partial<Audit>;
}

const lost = (route: FaultInput['route']): FaultInput => ({ kind: 'reset', route, effect: 'done' });
const DISABLE = 'flinks-data-sharing.disable';
const DELETE = 'finicity.access-key.revoke';

const CASES: Readonly<Record<string, Case>> = {
  'tokens for one use; the same AuthSecret again; codes as numbers, unknown fields': {
    switches: {
      flinksOutbound: { singleUseTokens: true },
      flinksDataSharing: { secondGenerate: 'same' },
      finicity: { errorCodeAs: 'number', receiptVersionAs: 'string', unknownReceiptFields: true },
    },
  },
  'bad tokens as 400; another AuthSecret under the same id; every 401 as text': {
    switches: {
      flinksOutbound: { singleUseTokens: true, badTokenStatus: 400 },
      flinksDataSharing: { secondGenerate: 'same-id-new-secret' },
      finicity: { plainTextUnauthorized: 'always', tokenSeconds: 1 },
    },
  },
  'Basic authentication; a second AuthSecret replaces the first; no 401 as text': {
    switches: {
      flinksOutbound: { credentials: 'basic', invalidClientStatus: 401 },
      flinksDataSharing: { secondGenerate: 'replace' },
      finicity: { plainTextUnauthorized: 'never', tokenSeconds: 1 },
    },
    company: { accounts: { outbound: { clientAuthentication: 'basic' } } },
  },
  'the old secret lives on for a while; disable may be repeated; one token at a time': {
    switches: {
      flinksOutbound: { oldSecretLivesMs: 500 },
      flinksDataSharing: { disableRepeated: 200 },
      finicity: { severalTokens: false },
    },
    faults: [lost(DISABLE), lost(DELETE)],
  },
  'the new secret works late; disable may not be repeated; a deleted receipt is deleted again': {
    switches: {
      flinksOutbound: { newSecretWorksAfterMs: 700 },
      flinksDataSharing: { disableRepeated: 400 },
      finicity: { deleteOfGone: '204' },
    },
    faults: [lost(DISABLE), lost(DELETE)],
  },
  'tokens die with the secret; all in PascalCase; tokens of a second': {
    switches: {
      flinksOutbound: { tokensSurviveRegeneration: false, tokenSeconds: 1 },
      flinksDataSharing: { casing: 'pascal', enableRepeated: 400 },
      finicity: { tokenSeconds: 1, partnerNotFoundAs: 'message' },
    },
  },
  'unknown recipients as 404; all in camelCase; the API secret only on generate': {
    switches: {
      flinksOutbound: { unknownRecipientStatus: 404 },
      flinksDataSharing: { casing: 'camel', apiSecretRequired: 'on-generate' },
      finicity: { geography: 'allowed' },
    },
  },
  'an auth key on top': {
    switches: { flinksDataSharing: { authKeyRequired: true, apiSecretRequired: 'nowhere' } },
    company: { accounts: { sharing: { authKey: { secret: 'own/flinks_sharing', key: 'authKey' } } } },
  },
  'the old secret never dies; a replaced id cannot be disabled: each is said by an alarm': {
    switches: {
      flinksOutbound: { oldSecretLivesMs: null },
      flinksDataSharing: { secondGenerate: 'replace', disableRepeated: 400 },
    },
    alarms: ['grant-unrevoked', 'old-secret-still-alive'],
    // The tag of a secret that is still alive goes with its version's last label: of the first rotation the alarm remains.
    audit: { listed: 3, violations: ['recipient-aaaa: 1 live grants that nobody holds, 0 suspected'] },
  },
};

test.concurrent.each(Object.entries(CASES))('two rotations, each settled: %s', async (_, given) => {
  const scene = await openScene({ perKind: 1, pattern: '* * * * * *', defaults: { grace: '1s' }, ...given.company });
  scene.sandbox.control.setSwitches(given.switches);
  await scene.startWorker();
  await scene.finished();
  scene.sandbox.control.addFaults(...(given.faults ?? []));
  for (const _rotation of [1, 2]) {
    const before = scene.current();
    await scene.rotate();
    await scene.finished(before);
  }

  expect([...scene.alarms()].sort()).toEqual(given.alarms ?? []);
  expect(scene.audit()).toMatchObject({
    ...{ credentials: 3, working: 3, inGrace: 0, suspects: 0, listed: 0, violations: [] },
    ...given.audit,
  });
  expect(scene.company.credentials.map((one) => scene.holdings(one).answers.length)).toEqual([3, 3, 3]);
});

describe('a vendor that makes a promise impossible', () => {
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
    scene.sandbox.control.addFaults(lost(DELETE));
    const key = scene.credential('finicity-access-key');
    await scene.rotate([key]);

    await scene.until(
      () => worker.lines({ step: 'revoke', reason: 'outcome-unknown' }).length > 2,
      'it was tried again',
    );

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
});
