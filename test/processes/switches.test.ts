import type { FaultInput } from '../sandbox/faults';
import type { SwitchesInput } from '../sandbox/switches';
import type { Audit } from '../support/audit';
import type { CompanyOptions } from '../support/company';
import { openScene } from '../support/scene';

jest.setTimeout(90_000);

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
