import { randomUUID } from 'node:crypto';
import { stateOf } from '../../src/policy';
import { rotate } from '../../src/rotation';
import type { Adoption } from '../../src/types';
import { NO_DETAILS, writtenBefore } from '../support/endings';
import { judged } from '../support/judged';
import { AUTH, DAY, FINICITY, grants, HOUR, OUTBOUND } from '../support/lab-steps';
import { personAt } from '../support/person';
import { recover } from '../support/recovery';
import { type Lab, rotationLab } from '../support/rotation-lab';
import type { VendorCase } from '../support/situations';
import { TRAITS } from '../support/traits';

// Secrets that held values before the worker came.

const SecretId = ({ credential }: Lab) => ({ SecretId: credential.secretName });

/** A secret with versions of others, and an entry that adopts it. */
function found(vendor: VendorCase, versions: number, ageMs = 0, adopt: Adoption = NO_DETAILS) {
  const lab = rotationLab(vendor);
  const ids = writtenBefore(lab, versions, ageMs);
  lab.changeEntry({ adopt });
  return { lab, ids };
}

/** Puts these fields as AWSCURRENT, as people do. */
function writes(lab: Lab, fields: object | string): string {
  const ClientRequestToken = randomUUID();
  const SecretString = typeof fields === 'string' ? fields : JSON.stringify(fields);
  lab.world.aws.PutSecretValue({ ...SecretId(lab), ClientRequestToken, SecretString });
  return ClientRequestToken;
}

function empty(vendor: VendorCase): Lab {
  const { lab } = found(vendor, 0);
  return lab;
}

const versions = (lab: Lab): number =>
  lab.world.aws.ListSecretVersionIds({ ...SecretId(lab), IncludeDeprecated: true }).Versions?.length ?? 0;

async function state(lab: Lab) {
  const { credential, world } = lab;
  const seen = await world.store().observe(credential);
  return stateOf({ credential, seen, traits: TRAITS[credential.kind], now: world.clock.now(), ownerLimitMs: 30_000 });
}

test('what is young is taken as it is: two tags, nothing issued, nothing revoked, its age from its creation', async () => {
  const { lab, ids } = found(FINICITY, 1, 9 * DAY);
  const born = lab.world.clock.now() - 9 * DAY;
  await recover(lab);
  expect(lab.tags()).toMatchObject({ adopted: { version: ids[0], createdAt: born }, credential: { id: 'key' } });
  expect(versions(lab)).toBe(1);
  expect(grants(lab)).toEqual(['grant-1']);
  const { at, ...rest } = await state(lab);
  expect(rest).toEqual({ state: 'fresh', action: 'none', reason: 'young' });
  expect(at).toBeLessThanOrEqual(born + 30 * DAY);
  expect(lab.alarms).toEqual([]);
});

test('without the word of its entry it stays as foreign as it was', async () => {
  const lab = rotationLab(FINICITY);
  writtenBefore(lab, 2, 90 * DAY);
  await recover(lab);
  expect(await state(lab)).toMatchObject({ state: 'foreign', reason: 'holds-a-value-of-another' });
  expect(lab.changes).toBe(0);
});

test.each<[string, (lab: Lab) => void, string]>([
  [
    "another's AWSPENDING",
    (lab) =>
      void lab.world.aws.PutSecretValue({
        ...SecretId(lab),
        ClientRequestToken: randomUUID(),
        SecretString: '{}',
        VersionStages: ['AWSPENDING'],
      }),
    'pending-version-of-another',
  ],
  [
    "AWS's own rotation",
    (lab) => void lab.world.aws.RotateSecret({ ...SecretId(lab), RotateImmediately: false }),
    'aws-rotation-is-on',
  ],
])('%s is left alone, adopt or not', async (_what, does, reason) => {
  const { lab } = found(FINICITY, 2, 90 * DAY);
  does(lab);
  await recover(lab);
  expect(await state(lab)).toMatchObject({ state: 'foreign', reason });
  expect(lab.changes).toBe(0);
});

test('what is older than its policy allows is due by its age, and its grant goes after the grace', async () => {
  const { lab, ids } = found(FINICITY, 1, 31 * DAY);
  await recover(lab);
  expect(lab.grantOn('AWSCURRENT')).toBe('grant-2');
  expect(lab.holder('AWSPREVIOUS')).toBe(ids[0]);
  expect(grants(lab)).toEqual(['grant-1', 'grant-2']);
  await judged(lab, 'adopted');
  expect(grants(lab)).toEqual(['grant-2']);
});

test('AWSPREVIOUS has its whole grace from the last change that it may have been replaced by', async () => {
  const { lab, ids } = found(FINICITY, 2);
  personAt(lab).moves('AWSCURRENT', ids[0] ?? ''); // back to the older one: its creation tells nothing
  await recover(lab);
  lab.world.clock.advance(23 * HOUR);
  await recover(lab);
  expect(grants(lab)).toEqual(['grant-1', 'grant-2']);
  lab.world.clock.advance(2 * HOUR);
  await recover(lab);
  expect(grants(lab)).toEqual(['grant-1']);
});

test('a version that stood beside, and that a person makes current again, falls due by its own age', async () => {
  const { lab, ids } = found(FINICITY, 2, 9 * DAY);
  await recover(lab);
  const [older = '', newer] = ids;
  expect(lab.tags().adopted).toMatchObject({ version: newer, beside: older });
  personAt(lab).moves('AWSCURRENT', older);
  await recover(lab);
  expect(lab.tags().adopted?.version).toBe(older);
  const { at, ...rest } = await state(lab);
  expect(rest).toEqual({ state: 'fresh', action: 'none', reason: 'young' });
  const left = (at ?? 0) - lab.world.clock.now();
  expect(left).toBeLessThan(20 * DAY); // it is ten days old, and may be thirty
  lab.world.clock.advance(left);
  await recover(lab);
  expect(lab.holder('AWSPREVIOUS')).toBe(older);
  await judged(lab, 'moved back');
});

test('what is imported is promoted also where versions without label were found', async () => {
  const { lab, ids } = found({ kind: 'finout-api-token', behaviour: 'overlap' }, 4, 9 * DAY);
  await recover(lab);
  expect(lab.tags().unrevoked).toContain('versions-without-label');
  expect(await lab.import(lab.vendor.byHand())).toMatchObject({ outcome: 'promoted', reason: 'verified' });
  expect(lab.holder('AWSPREVIOUS')).toBe(ids.at(-1));
});

test('a value whose creation date AWS does not tell waits, and is not taken for old', async () => {
  const { lab } = found(FINICITY, 1);
  const context = lab.context();
  const history = async () => (await context.store.history(lab.credential)).map((one) => ({ ...one, createdAt: 0 }));
  const store = { ...context.store, history };
  const job = { version: lab.due(), wish: 'none' } as const;
  expect(await rotate({ ...context, store }, job)).toMatchObject({ outcome: 'waits', reason: 'creation-date-unknown' });
  expect(lab.changes).toBe(0);
});

describe('grants that the values do not tell', () => {
  const SECRET_ONLY = { AuthSecret: 'secret of somebody' };

  test('are said to be unrevoked from the first, and after the replacement', async () => {
    const lab = empty(AUTH);
    const [older, newer] = [writes(lab, SECRET_ONLY), writes(lab, { AuthSecret: 'another' })];
    await recover(lab);
    expect([...lab.tags().unrevoked].sort()).toEqual([older, newer].sort());
    expect(lab.alarms.filter((name) => name === 'grant-unrevoked')).toHaveLength(2);
    lab.world.clock.advance(31 * DAY);
    lab.due();
    await judged(lab, 'replaced');
    expect(lab.tags()).toMatchObject({ revoked: [newer], unrevoked: expect.arrayContaining([older, newer]) });
  });

  test('are given by the entry for that very version, and revoked like ours', async () => {
    const lab = empty(AUTH);
    lab.vendor.byHand();
    const version = writes(lab, SECRET_ONLY);
    lab.changeEntry({ adopt: { grants: { [version]: 'grant-1' }, drops: [] } });
    await recover(lab);
    expect(lab.tags().unrevoked).toEqual([]);
    lab.world.clock.advance(31 * DAY);
    lab.due();
    await judged(lab, 'replaced');
    expect(grants(lab)).toEqual(['grant-2']);
    lab.world.clock.advance(31 * DAY);
    lab.due();
    await judged(lab, 'and again: the word of the entry concerns that version only');
    expect(grants(lab)).toEqual(['grant-3']);
  });

  test('and of no version that a person writes afterwards', async () => {
    const lab = empty(AUTH);
    lab.vendor.byHand();
    const version = writes(lab, SECRET_ONLY);
    lab.changeEntry({ adopt: { grants: { [version]: 'grant-1' }, drops: [] } });
    await recover(lab);
    writes(lab, { AuthSecret: 'another' });
    await recover(lab);
    lab.world.clock.advance(2 * DAY);
    await recover(lab);
    expect(grants(lab)).toEqual([]);
    expect(lab.tags().revoked).toContain(version);
  });

  test('and are told later: the tag goes when the grant is revoked', async () => {
    const lab = empty(AUTH);
    lab.vendor.byHand();
    const version = writes(lab, SECRET_ONLY);
    await recover(lab);
    expect(lab.tags().unrevoked).toEqual([version]);
    lab.changeEntry({ adopt: { grants: { [version]: 'grant-1' }, drops: [] } });
    lab.world.clock.advance(31 * DAY);
    lab.due();
    await judged(lab, 'replaced');
    expect(lab.tags().unrevoked).toEqual([]);
    expect(grants(lab)).toEqual(['grant-2']);
  });

  test('of versions that have lost their labels are one tag, however many they are, and stay alive', async () => {
    const { lab } = found(FINICITY, 60);
    await recover(lab);
    expect(lab.tags().unrevoked).toContain('versions-without-label');
    expect(lab.alarms.filter((name) => name === 'grant-unrevoked')).toHaveLength(1);
    lab.world.clock.advance(2 * DAY);
    await recover(lab);
    expect(lab.vendor.live.size).toBe(59); // only that of AWSPREVIOUS was ours to revoke
    personAt(lab).putsValue();
    personAt(lab).putsValue();
    await recover(lab);
    expect(lab.tags().unrevoked).toHaveLength(2); // that of the adopted version, which lost its labels unseen
  });

  test('and are not looked at again, when a person makes a version current before anything was settled', async () => {
    const { lab, ids } = found(FINICITY, 60);
    await recover(lab);
    personAt(lab).putsValue(); // AWSPREVIOUS loses its label, unsettled
    await recover(lab);
    expect(lab.tags().unrevoked).toEqual(['versions-without-label', ids[58]]);
  });
});

describe('fields that a rotation would not write', () => {
  const FIELDS = { user: 'dc-memory', password: 'grant-1', url: 'https://x' };

  async function unfitting() {
    const lab = empty(OUTBOUND);
    lab.vendor.byHand();
    const version = writes(lab, FIELDS);
    lab.world.clock.advance(90 * DAY);
    await recover(lab);
    return { lab, version };
  }

  test('nothing is rotated, by nobody; the names of the fields are told, no value is', async () => {
    const { lab, version } = await unfitting();
    expect(await state(lab)).toEqual({
      state: 'unmapped',
      action: 'none',
      reason: 'a rotation would lose user password url - the value lacks client_id client_secret',
    });
    const before = lab.changes;
    lab.due();
    for (const wish of ['none', 'normal', 'compromised'] as const) {
      expect(await lab.rotate({ wish })).toMatchObject({ outcome: 'blocked' });
    }
    expect([lab.changes, lab.holder('AWSCURRENT'), grants(lab)]).toEqual([before, version, ['grant-1']]);
  });

  test('goes away by itself when the entry maps them, and only then', async () => {
    const { lab, version } = await unfitting();
    const fields = { user: 'client_id', password: 'client_secret' };
    lab.changeEntry({ value: { fields, constants: {} } });
    expect(await state(lab)).toMatchObject({ state: 'unmapped', action: 'resume' });
    await recover(lab);
    expect(await state(lab)).toMatchObject({ state: 'unmapped', reason: 'a rotation would lose url' });
    expect(lab.holder('AWSCURRENT')).toBe(version);
    lab.changeEntry({ value: { fields, constants: { url: 'https://x' } } });
    lab.due();
    await judged(lab, 'mapped');
    const current = await lab.world.store().read(lab.credential, lab.holder('AWSCURRENT') ?? '');
    const value = current?.is === 'value' ? JSON.parse(current.value.reveal()) : {};
    expect(value).toEqual({ user: 'dc-memory', password: 'grant-2', url: 'https://x' });
    expect(lab.tags().unmapped.size).toBe(0);
  });

  test('a grant that nobody can read yet is not said to be unrevoked before its entry maps it', async () => {
    const lab = empty(AUTH);
    lab.vendor.byHand();
    const version = writes(lab, { secret: 'secret of grant-1' });
    await recover(lab);
    expect(lab.tags()).toMatchObject({ unrevoked: [], unmapped: new Map([[version, expect.anything()]]) });
    lab.changeEntry({ value: { fields: { id: 'PermissionId', secret: 'AuthSecret' }, constants: {} } });
    await recover(lab);
    expect(lab.tags()).toMatchObject({ unrevoked: [version], unmapped: new Map() });
  });

  test('or when it says that they may go', async () => {
    const { lab } = await unfitting();
    writes(lab, { client_id: 'dc-memory', client_secret: 'grant-1', note: 'since 2019' });
    lab.world.clock.advance(90 * DAY);
    await recover(lab);
    expect(await state(lab)).toMatchObject({ state: 'unmapped', reason: 'a rotation would lose note' });
    lab.changeEntry({ adopt: { grants: {}, drops: ['note'] } });
    lab.due();
    await judged(lab, 'note may go');
    expect(lab.grantOn('AWSCURRENT')).toBe('grant-2');
  });

  test('while they are unknown the grant of AWSPREVIOUS is left: AWSCURRENT may hold it under another name', async () => {
    const lab = empty(AUTH);
    const answer = lab.vendor.byHand();
    personAt(lab).putsValue(answer);
    lab.world.clock.advance(HOUR);
    writes(lab, { id: 'grant-1', secret: 'secret of grant-1' });
    lab.world.clock.advance(9 * DAY);
    await recover(lab);
    expect(grants(lab)).toEqual(['grant-1']);
    lab.changeEntry({ value: { fields: { id: 'PermissionId', secret: 'AuthSecret' }, constants: {} } });
    await judged(lab, 'mapped');
    expect(grants(lab)).toEqual(['grant-1']);
  });
});
