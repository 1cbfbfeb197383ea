import { openGate } from '../../src/account-gate';
import { type AccountState, HEALTHY } from '../../src/account-pause';
import {
  LockHeldError,
  ProviderAuthError,
  ProviderRejectedError,
  ProviderThrottledError,
  ProviderUnavailableError,
  SecretStoreError,
} from '../../src/errors';
import { settle } from '../../src/revocation';
import { rotate } from '../../src/rotation';
import type { AccountGate, Context, Outcome } from '../../src/rotation-context';
import { PAUSED_TAG } from '../../src/rotation-tags';
import type { Account } from '../../src/types';
import { type VendorWatch, watchedProvider } from '../../src/watched-provider';
import { type Fault, faulty, type Gate, open, verb } from '../support/gates';
import { at, FINICITY, MINUTE } from '../support/lab-steps';
import type { Lab } from '../support/rotation-lab';

// What runs do to the pause of their account, and the pause to them.

const ACCOUNT: Account = {
  ...{ name: 'mastercard', vendor: 'finicity', baseUrl: 'https://vendor.example', partnerId: '1' },
  ...{ timeoutMs: 20_000, limits: { callsPerSecond: 5, concurrency: 1 }, pauseAfter: 3, pauseForMs: MINUTE },
  appKey: { env: 'APP_KEY' },
  partnerSecret: { secret: 'own', key: 'partnerSecret' },
};

interface Scene {
  readonly lab: Lab;
  readonly state: () => AccountState;
  probe: () => Promise<void>;
  gate(gate?: Gate): Context & { readonly gate: AccountGate & VendorWatch };
  /** One job, from its beginning to its end. */
  job(gate?: Gate): Promise<Outcome>;
  settling(): Promise<Outcome>;
  /** The pause is over. */
  wait(): void;
  paused(): string | undefined;
  failures(): number;
}

async function scene(): Promise<Scene> {
  const lab = await at(FINICITY, 'due');
  let state = HEALTHY;
  const states = {
    async change(_account: string, next: (before: AccountState) => AccountState) {
      const before = state;
      state = next(before);
      return { before, after: state };
    },
  };
  const tags = (): Readonly<Record<string, string>> => {
    const { Tags = [] } = lab.world.aws.DescribeSecret({ SecretId: lab.credential.secretName });
    return Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value]));
  };
  const self: Scene = {
    lab,
    state: () => state,
    probe: async () => undefined,
    gate(given = open) {
      const base = lab.context(given);
      const { credential, store, clock, log } = base;
      const gate = openGate({ account: ACCOUNT, credential, states, store, clock, log, probe: () => self.probe() });
      return { ...base, provider: watchedProvider(base.provider, gate), gate };
    },
    async job(given) {
      const context = self.gate(given);
      try {
        return await rotate(context, { version: lab.due(), wish: 'none' });
      } finally {
        await context.gate.leave();
      }
    },
    async settling() {
      const context = self.gate();
      try {
        return await settle(context, { graceEnded: true });
      } finally {
        await context.gate.leave();
      }
    },
    wait: () => lab.world.clock.advance(60 * MINUTE),
    paused: () => tags()[PAUSED_TAG],
    failures() {
      const { aws } = lab.world;
      const SecretId = lab.credential.secretName;
      const VersionId = lab.holder('ROTATION_GIVEN_UP') ?? '';
      return Number(JSON.parse(aws.GetSecretValue({ SecretId, VersionId }).SecretString ?? '{}').failures);
    },
  };
  return self;
}

const issueFails = (fault: Fault): Gate => faulty((effect) => (verb('issue')(effect) ? fault : undefined));

async function pausedScene(): Promise<Scene> {
  const found = await scene();
  for (let n = 0; n < 3; n += 1) {
    await found.job(issueFails('lost-before'));
    found.lab.world.clock.advance(60 * MINUTE);
  }
  return found;
}

test('the failure that pauses, and those of the runs that try, do not count towards the bound of five', async () => {
  const { job, failures, paused, wait, lab } = await pausedScene();
  expect(failures()).toBe(2);
  expect(paused()).toMatch(/^mastercard 20.*Z outcome-unknown after 3 failures in a row$/);
  expect(lab.alarms.filter((name) => name === 'account-paused')).toHaveLength(1);

  await job(issueFails('refused'));
  expect(failures()).toBe(2);
  wait();
  expect(await job()).toMatchObject({ outcome: 'promoted' });
  expect(paused()).toBeUndefined();
});

test('while it is paused nothing is issued or revoked, and the job waits until it is tried', async () => {
  const { gate, state, job, settling, wait, lab } = await scene();
  const waits = () => ({ outcome: 'waits', reason: 'account-paused', retryAt: state().pause?.until });
  await gate().gate.failed(new ProviderAuthError('no'));
  expect(await job()).toEqual(waits());
  expect(lab.vendor.live.size).toBe(1);
  wait();
  expect(await job()).toMatchObject({ outcome: 'promoted' });

  await gate().gate.failed(new ProviderAuthError('no'));
  expect(await settling()).toEqual(waits());
  expect(lab.vendor.live.size).toBe(2);
  wait();
  expect(await settling()).toMatchObject({ outcome: 'settled' });
  expect(state().pause).toBeUndefined();
});

test('a value that is staged is promoted all the same', async () => {
  const { gate, job, lab } = await scene();
  const promoting = faulty((effect) => (effect.name === 'UpdateSecretVersionStage' ? 'refused' : undefined));
  await job(promoting).catch(() => undefined);
  await gate().gate.failed(new ProviderAuthError('no'));
  expect(await job()).toMatchObject({ outcome: 'promoted' });
  expect(lab.vendor.live.size).toBe(2);
});

describe('the run that tries', () => {
  test('reads first, where the vendor has a read; a failing one prolongs the pause, and nothing is begun', async () => {
    const found = await pausedScene();
    const intents = () => found.lab.world.calls.filter((name) => name === 'PutSecretValue').length;
    const before = intents();
    found.probe = async () => Promise.reject(new ProviderUnavailableError('away'));
    expect(await found.job()).toMatchObject({ outcome: 'waits', reason: 'account-paused' });
    expect(found.state().pause?.nth).toBe(2);
    expect(intents()).toBe(before);
    found.probe = async () => undefined;
    found.wait();
    expect(await found.job()).toMatchObject({ outcome: 'promoted' });
  });

  test.each([
    ['another logs in', new LockHeldError('held')],
    ['it is throttled', new ProviderThrottledError('429', {})],
    ['its secret cannot be read', new SecretStoreError('no', 'unavailable', false)],
  ])('learns nothing where %s: the next one tries soon', async (_, error) => {
    const found = await pausedScene();
    found.probe = async () => Promise.reject(error);
    await found.job();
    expect(found.state().pause).toMatchObject({ nth: 1 });
    expect(found.state().pause?.canary).toBeUndefined();
  });

  test('goes on where the read is refused for its own credential alone: the account answers', async () => {
    const found = await pausedScene();
    found.probe = async () => Promise.reject(new ProviderRejectedError('no such recipient'));
    expect(await found.job()).toMatchObject({ outcome: 'promoted' });
  });

  test('begins nothing more once it has failed', async () => {
    const { gate } = await pausedScene();
    const one = gate().gate;
    expect([await one.enter(), await one.enter()]).toEqual(['tried', 'free']);
    await one.failed(new ProviderUnavailableError('away'));
    expect(await one.enter()).toEqual({ until: expect.any(Number) });
  });

  test('may have failed before, when it was one of those that paused the account', async () => {
    const { gate, wait } = await scene();
    const one = gate().gate;
    await one.failed(new ProviderAuthError('no'));
    wait();
    expect([await one.enter(), await one.enter()]).toEqual(['tried', 'free']);
  });

  test('is one: others wait for it', async () => {
    const { gate, state } = await pausedScene();
    const [first, second] = [gate().gate, gate().gate];
    expect(await first.enter()).toBe('tried');
    expect(await second.enter()).toEqual({ until: expect.any(Number) });
    await first.leave();
    expect(state().pause).toBeDefined();
    expect(await second.enter()).toBe('tried');
  });
});

describe('a run', () => {
  test('counts once, however often it fails', async () => {
    const { gate, state } = await scene();
    const one = gate().gate;
    for (let n = 0; n < 5; n += 1) await one.failed(new ProviderUnavailableError('away'));
    await one.leave();
    expect(state().failures).toBe(1);
  });

  test.each([
    ['throttled', new ProviderThrottledError('429', {})],
    ['refused for its credential', new ProviderRejectedError('no')],
    ['stopped by Secrets Manager', new SecretStoreError('no', 'unavailable', false)],
  ])('that is %s says nothing about the account', async (_, error) => {
    const { gate, state } = await scene();
    const one = gate().gate;
    await one.failed(error);
    await one.leave();
    expect(state()).toBe(HEALTHY);
  });

  test('that only read does not take failures back, one that changed something does', async () => {
    const { gate, state } = await scene();
    for (const changes of [false, true]) {
      await gate().gate.failed(new ProviderUnavailableError('away'));
      const next = gate().gate;
      next.answered(changes);
      await next.leave();
      expect(state().failures).toBe(changes ? 0 : 1);
    }
  });

  test('whose tag cannot be written is paused by Redis alone', async () => {
    const { gate, state, paused, lab } = await scene();
    const refused = faulty((effect) => (effect.name === 'TagResource' ? 'refused' : undefined));
    await gate(refused).gate.failed(new ProviderAuthError('no'));
    expect(state().pause).toBeDefined();
    expect(paused()).toBeUndefined();
    expect(lab.alarms).toEqual(['account-paused']);
  });
});
