import { SecretStoreError } from '../../src/errors';
import { tag } from '../../src/rotation-tags';
import type { Observation } from '../../src/secret-store';
import { mostRevocations, type SweepDeps, sweep } from '../../src/sweep';
import type { AlarmName, Credential, Policy } from '../../src/types';
import { intentId } from '../../src/version-ids';
import { accessKey, authSecret, outboundRecipient } from '../support/credentials';
import { DAY, FOREIGN, HOUR, MINUTE, NOW, observed, valueAged } from '../support/observations';
import { TRAITS } from '../support/traits';
import { virtualClock } from '../support/virtual-clock';

const rotates = {
  name: 'reissue-expiring-tokens',
  kinds: ['flinks-auth-secret', 'finicity-access-key'],
  does: 'rotate',
} as const;
const revokes = { name: 'revoke-stale-flinks-permissions', kinds: ['flinks-auth-secret'], does: 'revoke' } as const;

type Labels = Parameters<typeof observed>[1];

interface World {
  /** Secrets that the list shows, by credential. */
  readonly listed?: readonly (readonly [Credential, Labels])[];
  /** Secrets that only DescribeSecret shows. */
  readonly unlisted?: readonly (readonly [Credential, Labels])[];
  readonly missing?: readonly Credential[];
  readonly refused?: readonly Credential[];
  readonly createShare?: number;
}

function world({ listed = [], unlisted = [], missing = [], refused = [], createShare = 1 }: World) {
  const alarms: [AlarmName, unknown][] = [];
  const asked: string[] = [];
  const heard: unknown[] = [];
  const find = async (credential: Credential): Promise<Observation | undefined> => {
    asked.push(credential.id);
    if (refused.includes(credential)) throw new SecretStoreError('no', 'access-denied', true);
    const there = unlisted.find(([one]) => one === credential);
    return there && observed(credential, there[1]);
  };
  const deps: SweepDeps = {
    credentials: [...listed.map(([c]) => c), ...unlisted.map(([c]) => c), ...missing, ...refused],
    traitsOf: ({ kind }) => TRAITS[kind],
    providerTimeoutMs: () => 20_000,
    fleet: async function* () {
      for (const [credential, labels] of listed) yield observed(credential, labels);
    },
    store: { observe: find },
    clock: virtualClock(NOW),
    log: {
      info: () => undefined,
      warn: () => undefined,
      alarm: (name, fields) => alarms.push([name, fields.credential]),
    },
    spreadMs: 10 * MINUTE,
    createShare,
    ...{ revokeShare: 0.05, revokeAtLeast: 10 },
    reported: new Map(),
    look: async () => undefined,
    onObserved: async ({ kinds }, fleet) => {
      heard.push([kinds, fleet.map(({ credential, state, seen }) => [credential.id, state, seen !== undefined])]);
    },
  };
  return { deps, alarms, asked, heard };
}

const named = (ids: readonly { credential: Credential }[]) => ids.map(({ credential }) => credential.id);
const many = (count: number, prefix: string, given?: Partial<Policy>) =>
  Array.from({ length: count }, (_, n) => authSecret(`${prefix}${n}`, given));

const due = (): Labels => {
  const current = valueAged(31 * DAY);
  return { current, pending: current };
};
const fresh = (): Labels => {
  const current = valueAged(HOUR);
  return { current, pending: current };
};

test('names for each due credential the version that is to be replaced', async () => {
  const labels = due();
  const { deps } = world({
    listed: [
      [authSecret('old'), labels],
      [authSecret('young'), fresh()],
    ],
  });
  expect(await sweep(rotates, deps)).toEqual([
    {
      credential: expect.objectContaining({ id: 'old' }),
      does: 'rotate',
      version: labels?.current,
      reason: 'older-than-allowed',
      delayMs: expect.any(Number),
      revokes: undefined,
    },
  ]);
});

test('looks only at the credentials of its kinds', async () => {
  const { deps, asked } = world({ listed: [[outboundRecipient('o'), due()]], missing: [outboundRecipient('p')] });
  expect(await sweep(rotates, deps)).toEqual([]);
  expect(asked).toEqual([]);
});

test('asks one by one for what the list does not show: it may lag, or a person took our tag', async () => {
  const tagless = authSecret('tagless');
  const { deps, asked, alarms } = world({
    listed: [[authSecret('shown'), due()]],
    unlisted: [
      [authSecret('new'), due()],
      [tagless, { ...due(), tags: {} }],
    ],
  });
  expect(named(await sweep(rotates, deps)).sort()).toEqual(['new', 'shown']);
  expect(asked).toEqual(['new', 'tagless']);
  expect(alarms).toEqual([['blocked', 'tagless']]);
});

test('what it does not know in the list is nobody’s credential', async () => {
  const { deps } = world({ listed: [[authSecret('ours'), due()]] });
  const strangers = { ...deps, credentials: [] };
  expect(await sweep(rotates, strangers)).toEqual([]);
});

test('a secret that cannot be looked at costs the others nothing, and is not taken for missing', async () => {
  const { deps, alarms } = world({
    listed: [[authSecret('ok'), due()]],
    refused: [authSecret('shut')],
    createShare: 0,
  });
  expect(named(await sweep(rotates, deps))).toEqual(['ok']);
  expect(alarms).toEqual([['secret-store-refused', 'shut']]);
});

describe('the brake on creation', () => {
  const here = many(7, 'here').map((credential) => [credential, fresh()] as const);

  test('missing secrets are created while they are few', async () => {
    const { deps, alarms } = world({ listed: here, missing: many(3, 'new'), createShare: 0.3 });
    expect(named(await sweep(rotates, deps)).sort()).toEqual(['new0', 'new1', 'new2']);
    expect(alarms).toEqual([]);
  });

  test('beyond the share none is, and the rest goes on', async () => {
    const { deps, alarms } = world({
      listed: [...here, [authSecret('old'), due()]],
      missing: many(4, 'new'),
      createShare: 0.3,
    });
    expect(named(await sweep(rotates, deps))).toEqual(['old']);
    expect(alarms).toEqual([['create-brake', undefined]]);
  });

  test('entries that are retired, and whose secrets are gone, do not count', async () => {
    const gone = many(5, 'gone').map((credential) => ({ ...credential, retired: { deleteSecret: true } }));
    const { deps, alarms } = world({ listed: here, missing: [...many(1, 'new'), ...gone], createShare: 0.3 });
    expect(named(await sweep(rotates, deps))).toEqual(['new0']);
    expect(alarms).toEqual([]);
  });

  test('in the wrong account everything is missing', async () => {
    const { deps } = world({ missing: many(50, 'all'), createShare: 0.2 });
    expect(await sweep(rotates, deps)).toEqual([]);
  });

  test('those that may not be created count as missing too, and are reported', async () => {
    const { deps, alarms } = world({
      listed: here,
      missing: [...many(1, 'new'), ...many(3, 'gone', { create: false })],
      createShare: 0.3,
    });
    expect(await sweep(rotates, deps)).toEqual([]);
    expect(alarms.filter(([name]) => name === 'secret-missing')).toHaveLength(3);
  });
});

describe('order and spread', () => {
  const expiring = (id: string, days: number) => {
    const current = valueAged(80 * DAY, 'base', NOW + days * DAY);
    return [accessKey(id), { current, pending: current }] as const;
  };

  test('soonest expiry first, what never expires last', async () => {
    const listed = [[authSecret('never'), due()] as const, expiring('c', 6), expiring('a', 1), expiring('b', 3)];
    expect(named(await sweep(rotates, world({ listed }).deps))).toEqual(['a', 'b', 'c', 'never']);
  });

  test('delays are spread over the span by the id: two sweeps give the same', async () => {
    const listed = many(200, 'c').map((credential) => [credential, due()] as const);
    const [first, second] = [
      await sweep(rotates, world({ listed }).deps),
      await sweep(rotates, world({ listed }).deps),
    ];
    const delays = first.map(({ delayMs }) => delayMs);
    expect(second.map(({ delayMs }) => delayMs)).toEqual(delays);
    expect(Math.min(...delays)).toBeLessThan(MINUTE);
    expect(Math.max(...delays)).toBeGreaterThan(9 * MINUTE);
    expect(Math.max(...delays)).toBeLessThan(10 * MINUTE);
  });

  test('never over more than half of the time that is left', async () => {
    const current = valueAged(80 * DAY, 'base', NOW + 2 * MINUTE);
    const listed = Array.from({ length: 50 }, (_, n) => [accessKey(`k${n}`), { current, pending: current }] as const);
    for (const { delayMs } of await sweep(rotates, world({ listed }).deps)) expect(delayMs).toBeLessThanOrEqual(MINUTE);
  });

  test('never beyond the end of the window: a spread that is longer would put it off for ever', async () => {
    const window = { zone: 'UTC', from: '11:00', to: '13:00' };
    const listed = many(50, 'w', { window }).map((credential) => [credential, due()] as const);
    const delays = (await sweep(rotates, { ...world({ listed }).deps, spreadMs: DAY })).map(({ delayMs }) => delayMs);
    expect(delays).toHaveLength(50);
    expect(Math.max(...delays)).toBeLessThanOrEqual(30 * MINUTE);
    expect(Math.max(...delays)).toBeGreaterThan(25 * MINUTE);
  });

  test('unfinished work is not spread: at once, or when its owner can no longer act', async () => {
    const current = valueAged(31 * DAY);
    const listed = [
      [authSecret('staged'), { current, pending: valueAged(0, current) }],
      [authSecret('in-flight'), { current, pending: intentId(current), lastChangedAt: NOW - 10_000 }],
      [authSecret('interrupted'), { current, pending: intentId(current), lastChangedAt: NOW - HOUR }],
      [authSecret('by-hand'), { current: FOREIGN }],
    ] as const;
    const delays = (await sweep(rotates, world({ listed }).deps)).map(({ credential, delayMs }) => [
      credential.id,
      delayMs,
    ]);
    expect(Object.fromEntries(delays)).toEqual({ staged: 0, 'in-flight': 20_000, interrupted: 0, 'by-hand': 0 });
  });

  test('compromised is not spread', async () => {
    const credential = authSecret('leaked');
    const current = valueAged(HOUR);
    const tags = { ...tag.credential(credential), ...tag.compromised(current, NOW) };
    const { deps } = world({ listed: [[credential, { current, pending: current, tags }]] });
    expect(await sweep(rotates, deps)).toMatchObject([{ reason: 'compromised', delayMs: 0 }]);
  });
});

describe('a sweep that revokes', () => {
  test('names the version to settle, and does nothing else', async () => {
    const previous = valueAged(60 * DAY);
    const current = valueAged(2 * DAY);
    const { deps } = world({
      listed: [
        [authSecret('stale'), { current, pending: current, previous }],
        [authSecret('in-grace'), { ...fresh(), previous }],
        [authSecret('unfinished'), { current, pending: intentId(current), previous, lastChangedAt: NOW - DAY }],
        [authSecret('due'), due()],
      ],
      missing: [authSecret('new')],
    });
    expect(await sweep(revokes, deps)).toMatchObject([
      { credential: { id: 'stale' }, does: 'revoke', version: previous, reason: 'grace-is-over' },
    ]);
  });

  test('what is compromised is not spread', async () => {
    const credential = authSecret('leaked');
    const previous = valueAged(60 * DAY);
    const tags = { ...tag.credential(credential), ...tag.compromised(previous, NOW) };
    const { deps } = world({ listed: [[credential, { ...fresh(), previous, tags }]] });
    expect(await sweep(revokes, deps)).toMatchObject([{ reason: 'compromised', delayMs: 0 }]);
  });
});

test('a trouble is reported once while it lasts, by the sweeps that rotate', async () => {
  const credential = authSecret('hers');
  const { deps, alarms } = world({ listed: [[credential, { current: FOREIGN, tags: { team: 'x' } }]] });
  for (const plan of [rotates, revokes, rotates, revokes]) await sweep(plan, deps);
  expect(alarms).toEqual([['foreign-secret', 'hers']]);
  const mended = world({ listed: [[credential, fresh()]] });
  await sweep(rotates, { ...mended.deps, reported: deps.reported });
  await sweep(rotates, deps);
  expect(alarms).toHaveLength(2);
});

test('a sweep that revokes retires, and names what is current; one that rotates leaves it', async () => {
  const credential = { ...authSecret('old'), retired: { deleteSecret: false } };
  const labels = due();
  const { deps } = world({ listed: [[credential, labels]] });
  expect(await sweep(revokes, deps)).toEqual([
    expect.objectContaining({ does: 'revoke', version: labels?.current, reason: 'to-be-revoked' }),
  ]);
  expect(await sweep(rotates, deps)).toEqual([]);
});

describe('what counts towards the limit of revocations', () => {
  const previous = valueAged(60 * DAY);
  const counted = async (plan: Parameters<typeof sweep>[0], listed: World['listed'] = []) =>
    (await sweep(plan, world({ listed }).deps)).map(({ credential, revokes: counts }) => [credential.id, counts]);

  test('each revocation, unless somebody said that the version is compromised', async () => {
    const leaked = authSecret('leaked');
    const tags = { ...tag.credential(leaked), ...tag.compromised(previous, NOW) };
    const current = valueAged(2 * DAY);
    const due = await counted(revokes, [
      [authSecret('stale'), { current, pending: current, previous }],
      [leaked, { current, pending: current, previous, tags }],
    ]);
    expect(Object.fromEntries(due)).toEqual({ stale: previous, leaked: undefined });
  });

  test('a retirement once, and the deletion of its secret not', async () => {
    const current = valueAged(2 * DAY);
    const credential = { ...authSecret('retired'), retired: { deleteSecret: true } };
    const ended = {
      ...tag.credential(credential),
      ...tag.revoked(current),
      ...tag.retired({ version: current, at: NOW, unused: false }),
    };
    expect(await counted(revokes, [[credential, { current, pending: current, previous }]])).toEqual([
      ['retired', current],
    ]);
    expect(await counted(revokes, [[credential, { current, pending: current, tags: ended }]])).toEqual([
      ['retired', undefined],
    ]);
  });

  test('not the old secret of an Outbound recipient, which is only tried', async () => {
    const current = valueAged(2 * DAY);
    const plan = { ...revokes, kinds: ['flinks-outbound-recipient'] } as const;
    expect(await counted(plan, [[outboundRecipient('o'), { current, pending: current, previous }]])).toEqual([
      ['o', undefined],
    ]);
  });

  test('a rotation that has to settle the version before, unless the current one expires soon', async () => {
    const old = valueAged(31 * DAY);
    const expiring = valueAged(31 * DAY, 'base', NOW + DAY);
    const due = await counted(rotates, [
      [authSecret('clear'), { current: old, pending: old }],
      [authSecret('in-the-way'), { current: old, pending: old, previous }],
      [accessKey('expiring'), { current: expiring, pending: expiring, previous }],
    ]);
    expect(Object.fromEntries(due)).toEqual({ clear: undefined, 'in-the-way': previous, expiring: undefined });
  });

  test.each([
    [20, 0.05, 10, 10],
    [400, 0.05, 10, 20],
    [410, 0.05, 10, 20],
    [400, 0, 0, 0],
    [5, 1, 0, Number.MAX_SAFE_INTEGER],
  ])('of %i entries at a share of %d, at least %i: %i a day', (entries, revokeShare, revokeAtLeast, most) => {
    const { deps } = world({ missing: [...many(entries, 'c'), outboundRecipient('o')] });
    const plan = { ...revokes, kinds: ['flinks-auth-secret', 'flinks-outbound-recipient'] } as const;
    expect(mostRevocations(plan, { ...deps, revokeShare, revokeAtLeast })).toBe(most);
  });
});

test('a sweep that rotates hands on what it saw of each credential, and its one state; one that revokes does not', async () => {
  const inGrace = { ...fresh(), previous: valueAged(2 * HOUR) };
  const { deps, heard } = world({
    listed: [
      [authSecret('young'), fresh()],
      [authSecret('old'), due()],
      [accessKey('replaced'), inGrace],
    ],
    missing: [authSecret('new'), authSecret('gone', { create: false })],
    refused: [authSecret('unseen')],
  });
  await sweep(rotates, deps);
  await sweep(revokes, deps);
  expect(heard).toEqual([
    [
      rotates.kinds,
      [
        ['young', 'fresh', true],
        ['old', 'due', true],
        ['replaced', 'in-grace', true],
        ['new', 'absent', false],
        ['gone', 'missing', false],
      ],
    ],
  ]);
});
