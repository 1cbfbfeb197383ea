import type { Credential } from '../../src/types';
import { lateEffect } from '../sandbox/faults';
import { type LiveWorld, liveWorld } from '../support/live-world';
import { expectNoSecrets } from '../support/providers/no-secrets';
import { ISSUED_KINDS } from '../support/traits';
import { until } from '../support/until';

// Lines of "Unknowns that the software must be safe under" (shared/providers.md, 5) that concern the whole way, by number.
// Those of one vendor's calls alone are in test/integration/providers.

const world = (perKind = 1): Promise<LiveWorld> =>
  liveWorld({ perKind, defaults: { grace: '0s', retryAfter: ['1s'] } });

test('[2] no line of the log holds a secret, whatever the vendors answer', async () => {
  const here = await world();
  const { control } = here.sandbox;
  for (const kind of ISSUED_KINDS) {
    const credential = here.first(kind);
    await here.rotate(credential);
    control.addFaults(
      { kind: 'malformed-json', route: ROUTES[kind] },
      { kind: 'truncated-body', route: ROUTES[kind], skip: 1 },
    );
    for (let n = 0; n < 3; n += 1) await here.rotate(credential);
    await here.settle(credential);
  }

  expect(here.lines.length).toBeGreaterThan(20);
  expectNoSecrets(here.lines, [...control.secretValues(), ...here.company.ownSecrets]);
});

test.each(ISSUED_KINDS)('[4] a job of a %s that runs twice at once issues one value', async (kind) => {
  const here = await world();
  const credential = here.first(kind);
  await here.rotate(credential);
  const before = here.sandbox.control.counters().effects[ROUTES[kind]] ?? 0;

  const outcomes = await Promise.all([here.rotate(credential), here.rotate(credential), here.rotate(credential)]);

  expect((here.sandbox.control.counters().effects[ROUTES[kind]] ?? 0) - before).toBe(1);
  expect(outcomes.filter(({ outcome }) => outcome === 'promoted').length).toBeGreaterThanOrEqual(1);
  expect(new Set(outcomes.filter(({ outcome }) => outcome === 'promoted').map(({ version }) => version)).size).toBe(1);
});

test('[10] a first request that takes effect after the second is noticed, and AWSCURRENT healed', async () => {
  const here = await world();
  const credential = here.first('flinks-outbound-recipient');
  await here.rotate(credential);
  here.sandbox.control.addFaults(lateEffect('flinks-outbound.regenerate', 3_000));

  expect(await here.rotate(credential)).toMatchObject({ outcome: 'waits', reason: 'backing-off' });
  await until(async () => (await here.rotate(credential)).outcome === 'promoted', { withinMs: 10_000 });
  await until(() => here.sandbox.control.counters().effects['flinks-outbound.regenerate'] === 3, { withinMs: 10_000 });
  expect(currentWorks(here, credential)).toBe(false);
  await until(async () => (await here.tend(credential)).outcome === 'promoted', { withinMs: 20_000 });

  expect(currentWorks(here, credential)).toBe(true);
  expect(here.alarms).toContain('current-refused');
});

test('[16] nothing is ever deleted at Flinks', async () => {
  const here = await world();
  for (const kind of ['flinks-outbound-recipient', 'flinks-auth-secret'] as const) {
    for (let n = 0; n < 2; n += 1) await here.rotate(here.first(kind));
    await here.settle(here.first(kind));
  }
  const methods = here.sandbox.control.requests().map(({ method }) => method);

  expect(methods.length).toBeGreaterThan(4);
  expect(methods).not.toContain('DELETE');
});

test('[24] a PermissionId whose value can never be stored stands in the tag of its orphan, and in no log', async () => {
  const here = await world();
  const credential = here.first('flinks-auth-secret');
  await here.rotate(credential);
  const held = new Set(here.sandbox.control.grants().map(({ grantId }) => grantId));
  here.sandbox.secretsManager.faults.add({
    kind: 'refuse',
    operation: 'PutSecretValue',
    secret: credential.secretName,
    skip: 1,
    count: 3,
  });

  const outcome = await here.rotate(credential, { stageForMs: 0 });

  const lost = here.sandbox.control
    .grants()
    .find(({ kind, grantId }) => kind === 'flinks-auth-secret' && !held.has(grantId));
  const { Tags = [] } = here.sandbox.secretsManager.store.DescribeSecret({ SecretId: credential.secretName });
  const tags = Tags.filter(({ Key }) => Key?.startsWith('rotation:suspected-orphan:')).map(({ Value }) => Value);
  expect(outcome).toMatchObject({ outcome: 'failed', reason: 'value-not-stored' });
  expect(tags).toEqual([`never grant ${lost?.grantId}`]);
  expectNoSecrets(here.lines, [lost?.grantId ?? '']);
});

describe.each([200, 400] as const)('[17] [21] an enable of what is enabled answers %d', (enableRepeated) => {
  test.each([200, 400] as const)(
    'and a disable of what is disabled %d: a rollback holds all the same',
    async (repeated) => {
      const here = await liveWorld({ perKind: 1, defaults: { grace: '1h' } });
      here.sandbox.control.setSwitches({ flinksDataSharing: { enableRepeated, disableRepeated: repeated } });
      const credential = here.first('flinks-auth-secret');
      await here.rotate(credential);
      const first = currentValue(here, credential);
      await here.rotate(credential);

      expect(await here.rollback(credential)).toMatchObject({ outcome: 'promoted' }); // within the grace of the first
      expect(currentValue(here, credential)).toEqual(first);
      await here.settle(credential);
      expect(await here.rollback(credential)).toMatchObject({ outcome: 'promoted' }); // of what was disabled just now
      expect(currentValue(here, credential)).not.toEqual(first);

      expect(currentWorks(here, credential)).toBe(true);
      await here.settle(credential);
      expect(here.sandbox.control.grants({ kind: 'flinks-auth-secret', alive: true })).toHaveLength(1);
      expect(here.alarms).toEqual([]);
    },
  );
});

test('[17] what the vendor has replaced does not come back: the copy is given up, AWSCURRENT stays', async () => {
  const here = await world();
  here.sandbox.control.setSwitches({ flinksDataSharing: { secondGenerate: 'replace' } });
  const credential = here.first('flinks-auth-secret');
  for (let n = 0; n < 2; n += 1) await here.rotate(credential);
  await here.settle(credential);
  const second = currentValue(here, credential);

  expect(await here.rollback(credential)).toEqual({ outcome: 'failed', reason: 'the-copy-was-given-up' });

  expect(currentValue(here, credential)).toEqual(second);
  expect(currentWorks(here, credential)).toBe(true);
});

describe('[35] a renewal that is answered', () => {
  const extended = () =>
    liveWorld({
      perKind: 1,
      defaults: {
        grace: '0s',
        retryAfter: ['1s'],
        'finicity-access-key': { renewal: 'extend', validity: '730d', renewBefore: '1d' },
      },
    });
  const KIND = 'finicity-access-key';
  const alive = ({ sandbox }: LiveWorld) => sandbox.control.grants({ kind: KIND, alive: true }).length;

  test.each([
    [true, 1],
    [false, 2],
  ])('with the same receipt id: %s', async (updateKeepsReceiptId, lives) => {
    const here = await extended();
    here.sandbox.control.setSwitches({ finicity: { updateKeepsReceiptId } });
    const credential = here.first(KIND);
    await here.rotate(credential);
    await here.rotate(credential);
    expect([alive(here), currentWorks(here, credential)]).toEqual([lives, true]);
    await here.settle(credential);
    expect([alive(here), currentWorks(here, credential)]).toEqual([1, true]);
    expect(here.alarms).toEqual([]);
  });
});

const ROUTES = {
  'flinks-outbound-recipient': 'flinks-outbound.regenerate',
  'flinks-auth-secret': 'flinks-data-sharing.generate',
  'finicity-access-key': 'finicity.access-key.generate',
} as const;

function currentValue({ sandbox }: LiveWorld, { secretName }: Credential): unknown {
  const { SecretString = '' } = sandbox.secretsManager.store.GetSecretValue({
    SecretId: secretName,
    VersionStage: 'AWSCURRENT',
  });
  return JSON.parse(SecretString);
}

const currentWorks = (here: LiveWorld, credential: Credential): boolean =>
  here.sandbox.control.storedValueWorks(credential.kind, currentValue(here, credential));
