import { SecretStoreError } from '../../src/errors';
import { settle } from '../../src/revocation';
import { rotate } from '../../src/rotation';
import { tag } from '../../src/rotation-tags';
import { type Effect, faulty, holding, onNth, promotes, putsValue, verb } from '../support/gates';
import { judged } from '../support/judged';
import { personAt } from '../support/person';
import { recover } from '../support/recovery';
import type { Lab } from '../support/rotation-lab';
import { STARTS, type Start, started, VENDORS, type VendorCase } from '../support/situations';

// What people do to a secret while the worker works on it, and what they clear afterwards. The rules of the model that a
// person's hand is part of are in rules.test.ts.

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const FINICITY: VendorCase = { kind: 'finicity-access-key', behaviour: 'overlap' };
const AUTH: VendorCase = { kind: 'flinks-auth-secret', behaviour: 'overlap' };

const startOf = (name: string): Start => {
  const start = STARTS[name];
  if (start === undefined) throw new Error(`no start ${name}`);
  return start;
};
const due = startOf('due');

async function diesBefore(lab: Lab, applies: (effect: Effect) => boolean): Promise<void> {
  const { gate, held } = holding(applies);
  lab.due();
  await Promise.race([held, lab.rotate({}, gate)]);
}

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
      const lab = await started(vendor, due);
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
    const lab = await started(AUTH, due);
    let puts = 0;
    lab.due();
    const outcome = await lab.rotate({}, async (effect, perform) => {
      if (putsValue(effect)) puts += 1;
      if (puts === 1) lab.world.aws.DeleteSecret(SecretId(lab));
      if (puts === 10) lab.world.aws.RestoreSecret(SecretId(lab));
      return perform();
    });
    expect(outcome).toMatchObject({ outcome: 'promoted' });
    expect(lab.alarms).toContain('staging-failing');
    await judged(lab, 'restored');
  });

  test('a process that stops waits no longer than its stop allows', async () => {
    const lab = await started(AUTH, due);
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
  const lab = await started(FINICITY, due);
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
  const lab = await started(FINICITY, startOf('an empty secret'));
  const put = { ...SecretId(lab), ClientRequestToken: STRANGER, SecretString: 'hunter2' };
  lab.world.aws.PutSecretValue(put);
  await recover(lab);
  expect(await lab.rotate()).toEqual({ outcome: 'blocked', reason: 'holds-a-value-of-another' });
  expect(lab.changes).toBe(0);
});

test('a value that a person wrote and that is not JSON is adopted, and replaced when it is due', async () => {
  const lab = await started(FINICITY, due);
  lab.world.aws.PutSecretValue({ ...SecretId(lab), ClientRequestToken: STRANGER, SecretString: '"rotation:record" x' });
  await recover(lab);
  expect(lab.tags().adopted).toMatchObject({ version: STRANGER });
  lab.world.clock.advance(31 * DAY);
  lab.due();
  await recover(lab);
  expect(lab.grantOn('AWSCURRENT')).toBe('grant-2');
});

describe('the bound on attempts', () => {
  const refuses = faulty((effect) => (verb('issue')(effect) ? 'refused' : undefined));

  async function failing(lab: Lab, gate = refuses): Promise<number[]> {
    const pauses: number[] = [];
    for (let n = 0; n < 20; n += 1) {
      lab.due();
      const { outcome, retryAt } = await lab.rotate({}, gate);
      if (outcome === 'blocked') return pauses;
      const pause = (retryAt ?? 0) - lab.world.clock.now();
      pauses.push(Math.round(pause / MINUTE));
      lab.world.clock.advance(pause);
    }
    return pauses;
  }

  test('after failed attempts the next waits 1, 5, 30, 60 minutes; the fifth blocks, with the reason', async () => {
    const lab = await started(AUTH, due);
    expect(await failing(lab)).toEqual([1, 5, 30, 60]);
    expect(lab.tags().blocked).toBe('5 attempts failed - the last one: refused');
    expect(lab.alarms.filter((name) => name === 'blocked')).toHaveLength(1);
    expect(lab.alarms.filter((name) => name === 'attempt-failed')).toHaveLength(5);
  });

  test('a person clears the block: the next attempt begins at once, and the count anew', async () => {
    const lab = await started(AUTH, due);
    await failing(lab);
    personAt(lab).removesTags('rotation:blocked');
    expect(await failing(lab)).toEqual([1, 5, 30, 60]);
    personAt(lab).removesTags('rotation:blocked');
    await judged(lab, 'cleared');
  });

  test('what was proven not to be done never blocks: the pause grows', async () => {
    const lab = await started(AUTH, due);
    const unreachable = faulty((effect) => (verb('issue')(effect) ? 'not-done' : undefined));
    expect((await failing(lab, unreachable)).slice(0, 6)).toEqual([1, 5, 30, 60, 60, 60]);
    expect(lab.tags().blocked).toBeUndefined();
    expect(lab.alarms).not.toContain('attempt-failed');
    await judged(lab, 'reachable again');
  });

  test('a lost answer counts, and a success begins the count anew', async () => {
    const lab = await started(FINICITY, due);
    const lost = faulty((effect) => (verb('issue')(effect) ? 'lost-after' : undefined));
    expect(await failing(lab, lost)).toEqual([1, 5, 30, 60]);
    personAt(lab).removesTags(
      'rotation:blocked',
      ...lab.tags().suspects.map((s) => `rotation:suspected-orphan:${s.rotationId}`),
    );
    expect(lab.tags().suspects).toEqual([]);
  });

  test('a dead AWSCURRENT that is not due is healed at the same pace, not in a rush', async () => {
    const lab = await started({ kind: 'flinks-outbound-recipient', behaviour: 'in-place' }, startOf('on demand'));
    const later: (() => unknown)[] = [];
    lab.due();
    await lab.rotate({ wish: 'normal' }, faulty(onNth(1, 'late', verb('issue')), later));
    for (const issue of later) issue();
    lab.world.clock.advance(HOUR);
    const { outcome, reason, retryAt } = await lab.rotate({}, refuses);
    expect({ outcome, reason }).toEqual({ outcome: 'waits', reason: 'backing-off' });
    expect((retryAt ?? 0) - lab.world.clock.now()).toBeGreaterThan(4 * MINUTE);
    await judged(lab, 'healed');
  });

  test('sixty versions in a day: no attempt begins, since the worst moment to meet the quota is after an issue', async () => {
    const lab = await started(AUTH, due);
    const unreachable = faulty((effect) => (verb('issue')(effect) ? 'not-done' : undefined));
    const reasons = new Set<string>();
    for (let n = 0; n < 60; n += 1) {
      lab.due();
      const { reason } = await lab.rotate({}, unreachable);
      reasons.add(reason);
      personAt(lab).tags(
        `rotation:compromised:${lab.holder('AWSCURRENT')}`,
        new Date(lab.world.clock.now() + 1).toISOString(),
      );
      lab.world.clock.advance(MINUTE);
    }
    expect(reasons).toContain('sixty-versions-in-a-day');
    const versions = lab.world.aws.ListSecretVersionIds({ ...SecretId(lab), IncludeDeprecated: true }).Versions ?? [];
    expect(versions.length).toBeLessThan(66);
  });
});

describe('a suspect where nothing is issued again by itself', () => {
  const wary: VendorCase = { ...AUTH, policy: { reissueAfterUnknown: false } };
  const lost = () => faulty(onNth(1, 'lost-after', verb('issue')));

  test('waits for a person, who resolves it by a tag', async () => {
    const lab = await started(wary, due);
    lab.due();
    await lab.rotate({}, lost());
    lab.world.clock.advance(DAY);
    await recover(lab);
    expect(await lab.rotate()).toMatchObject({ outcome: 'waits', reason: 'outcome-of-the-last-attempt-unknown' });
    const [suspect] = lab.tags().suspects;
    personAt(lab).tags(`rotation:suspected-orphan:${suspect?.rotationId}`, 'resolved');
    lab.due();
    expect(await lab.rotate()).toMatchObject({ outcome: 'promoted' });
    lab.world.clock.advance(2 * DAY);
    await recover(lab);
    expect(lab.tags().suspects).toEqual([]);
  });

  test('taken away instead, it is listed again: while it is the last attempt only the tag says that it was', async () => {
    const lab = await started(wary, due);
    lab.due();
    await lab.rotate({}, lost());
    const [suspect] = lab.tags().suspects;
    personAt(lab).removesTags(`rotation:suspected-orphan:${suspect?.rotationId}`);
    await recover(lab);
    expect(lab.tags().suspects).toHaveLength(1);
  });
});

describe('an answer that the entry cannot store', () => {
  test('is listed with its grant, which nobody could find otherwise', async () => {
    const lab = await started(AUTH, due);
    lab.due();
    const value = { fields: { id: 'PermissionId', secret: 'AuthSecret', extra: 'Nowhere' }, constants: {} };
    const context = lab.context();
    await rotate({ ...context, credential: { ...context.credential, value } }, { version: lab.due(), wish: 'none' });
    const tags = lab.world.aws.DescribeSecret(SecretId(lab)).Tags ?? [];
    expect(tags.find(({ Key }) => Key?.startsWith('rotation:suspected-orphan:'))?.Value).toBe('never grant grant-2');
    expect(lab.alarms).toContain('staging-failing');
    await judged(lab, 'listed');
  });
});

test('a store that cannot be read where a version is seen stops revocation: it might hold the grant', async () => {
  const lab = await started(AUTH, startOf('settling'));
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
