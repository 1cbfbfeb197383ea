import { SecretStoreError } from '../../src/errors';
import { settle } from '../../src/revocation';
import { rotate } from '../../src/rotation';
import { tag } from '../../src/rotation-tags';
import { type Effect, faulty, promotes, putsValue, verb } from '../support/gates';
import { judged } from '../support/judged';
import { AUTH, at, DAY, diesBefore, FINICITY, HOUR, MINUTE } from '../support/lab-steps';
import { personAt } from '../support/person';
import { recover } from '../support/recovery';
import type { Lab } from '../support/rotation-lab';
import { VENDORS } from '../support/situations';

// What people do to a secret while the worker works on it. The rules of the model in which a person has a hand are in
// rules-of-hands.test.ts.

const SecretId = ({ credential }: Lab) => ({ SecretId: credential.secretName });
const STRANGER = 'a-token-that-somebody-else-has-chosen';

interface Hand {
  readonly does: (lab: Lab) => void;
  readonly undoes: (lab: Lab) => void;
}

const TAG = 'rotation:credential';

const HANDS: readonly (readonly [string, Hand])[] = [
  [
    'removes the tag that says that the secret is ours',
    {
      does: (lab) => personAt(lab).removesTags(TAG),
      undoes: (lab) => personAt(lab).tags(TAG, tag.credential(lab.credential)[TAG] ?? ''),
    },
  ],
  [
    'writes the tag of another entry',
    {
      does: (lab) => personAt(lab).tags(TAG, 'other 0123456789abcdef'),
      undoes: (lab) => personAt(lab).tags(TAG, tag.credential(lab.credential)[TAG] ?? ''),
    },
  ],
  [
    "switches AWS's own rotation on",
    {
      does: (lab) => void lab.world.aws.RotateSecret({ ...SecretId(lab), RotateImmediately: false }),
      undoes: (lab) => void lab.world.aws.CancelRotateSecret(SecretId(lab)),
    },
  ],
  [
    'schedules the deletion',
    {
      does: (lab) => void lab.world.aws.DeleteSecret(SecretId(lab)),
      undoes: (lab) => void lab.world.aws.RestoreSecret(SecretId(lab)),
    },
  ],
];

describe.each(HANDS)('a person %s', (_what, { does, undoes }) => {
  const cases: [string, ((effect: Effect) => boolean) | undefined][] = [
    ['before a rotation', undefined],
    ['after the intent', verb('issue')],
    ['after the issue call', putsValue],
    ['after the value was staged', promotes],
  ];
  describe.each(VENDORS)('%s', (_name, vendor) => {
    test.each(cases)('%s: nothing is done until it is undone, and nothing is lost', async (_when, applies) => {
      const lab = await at(vendor, 'due');
      if (applies !== undefined) await diesBefore(lab, applies);
      does(lab);
      const [changes, live] = [lab.changes, [...lab.vendor.live.keys()]];
      for (let n = 0; n < 3; n += 1) {
        lab.world.clock.advance(HOUR);
        await recover(lab);
        expect((await lab.rotate()).outcome).toBe('blocked');
        expect((await lab.settle({ graceEnded: true })).outcome).toBe('blocked');
      }
      expect([lab.changes, [...lab.vendor.live.keys()]]).toEqual([changes, live]);
      undoes(lab);
      await judged(lab, 'after it was undone');
    });
  });
});

describe('while a value is in memory', () => {
  test('a secret that cannot be written is tried for an hour; restored in time, nothing is lost', async () => {
    const lab = await at(AUTH, 'due');
    let puts = 0;
    lab.due();
    const outcome = await lab.rotate({}, async (effect, perform) => {
      if (!putsValue(effect)) return perform();
      puts += 1;
      if (puts === 1) lab.world.aws.DeleteSecret(SecretId(lab));
      if (puts === 10) lab.world.aws.RestoreSecret(SecretId(lab));
      return perform();
    });
    expect(outcome).toMatchObject({ outcome: 'promoted' });
    expect(lab.alarms).toContain('staging-failing');
    await judged(lab, 'restored');
  });

  test('a process that stops waits no longer than its stop allows', async () => {
    const lab = await at(AUTH, 'due');
    lab.due();
    let asked = false;
    const gate = faulty((effect) => {
      asked ||= putsValue(effect);
      return putsValue(effect) ? 'refused' : undefined;
    });
    const context = { ...lab.context(gate), stopping: () => asked };
    const from = lab.world.clock.now();
    expect(await rotate(context, { version: lab.due(), wish: 'none' })).toMatchObject({ reason: 'value-not-stored' });
    expect(lab.world.clock.now() - from).toBeLessThan(MINUTE);
    await judged(lab, 'stopped');
  });
});

test("another's AWSPENDING is left alone, and reported", async () => {
  const lab = await at(FINICITY, 'due');
  const put = { ...SecretId(lab), ClientRequestToken: STRANGER, SecretString: '{"x":1}' };
  lab.world.aws.PutSecretValue({ ...put, VersionStages: ['AWSPENDING'] });
  const { changes } = lab;
  await recover(lab);
  expect(await lab.rotate()).toEqual({ outcome: 'blocked', reason: 'pending-version-of-another' });
  expect(lab.changes).toBe(changes);
  personAt(lab).takesAway('AWSPENDING');
  lab.due();
  await judged(lab, 'taken away again');
});

test('a secret that holds a value and lacks our tag is untouched', async () => {
  const lab = await at(FINICITY, 'an empty secret');
  const put = { ...SecretId(lab), ClientRequestToken: STRANGER, SecretString: 'hunter2' };
  lab.world.aws.PutSecretValue(put);
  await recover(lab);
  expect(await lab.rotate()).toEqual({ outcome: 'blocked', reason: 'holds-a-value-of-another' });
  expect(lab.changes).toBe(0);
});

test('a value that a person wrote and that is not JSON is adopted, and replaced when it is due', async () => {
  const lab = await at(FINICITY, 'due');
  lab.world.aws.PutSecretValue({ ...SecretId(lab), ClientRequestToken: STRANGER, SecretString: '"rotation:record" x' });
  await recover(lab);
  expect(lab.tags().adopted).toMatchObject({ version: STRANGER });
  lab.world.clock.advance(31 * DAY);
  lab.due();
  await recover(lab);
  expect(lab.grantOn('AWSCURRENT')).toBe('grant-2');
});

describe('an answer that the entry cannot store', () => {
  test('is listed with its grant, which nobody could find otherwise', async () => {
    const lab = await at(AUTH, 'due');
    lab.due();
    const constants = { long: 'x'.repeat(70_000) }; // more than Secrets Manager takes
    const value = { fields: { id: 'PermissionId', secret: 'AuthSecret' }, constants };
    const context = lab.context();
    await rotate({ ...context, credential: { ...context.credential, value } }, { version: lab.due(), wish: 'none' });
    const tags = lab.world.aws.DescribeSecret(SecretId(lab)).Tags ?? [];
    expect(tags.find(({ Key }) => Key?.startsWith('rotation:suspected-orphan:'))?.Value).toBe('never grant grant-2');
    expect(lab.alarms).toContain('staging-failing');
    await judged(lab, 'listed');
  });
});

test('a value that could not be stored for an hour is listed with its grant, where it may not be revoked', async () => {
  const lab = await at(AUTH, 'due');
  lab.due();
  await lab.rotate(
    {},
    faulty((effect) => (putsValue(effect) ? 'refused' : undefined)),
  );
  const tags = lab.world.aws.DescribeSecret(SecretId(lab)).Tags ?? [];
  expect(tags.find(({ Key }) => Key?.startsWith('rotation:suspected-orphan:'))?.Value).toBe('never grant grant-2');
  await judged(lab, 'listed');
});

test('a store that cannot be read where a version is seen stops revocation: it might hold the grant', async () => {
  const lab = await at(AUTH, 'settling');
  const current = lab.holder('AWSCURRENT');
  const context = lab.context();
  const store = {
    ...context.store,
    read: async (...[credential, id]: Parameters<typeof context.store.read>) =>
      id === current ? undefined : context.store.read(credential, id),
  };
  await expect(settle({ ...context, store }, { graceEnded: false })).rejects.toThrow(SecretStoreError);
  expect(lab.vendor.live.size).toBe(2);
});
