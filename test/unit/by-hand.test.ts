import { reissueExpiringTokens } from '../../jobs/reissue-expiring-tokens';
import { NOT_PERMITTED, ownerLimitMs } from '../../src/decision';
import { decideRevocation, decideRotation, stateOf } from '../../src/policy';
import { ended } from '../../src/rotation-context';
import { type Tags, tag } from '../../src/rotation-tags';
import type { Observation } from '../../src/secret-store';
import { type SweepDeps, sweep } from '../../src/sweep';
import type { Policy } from '../../src/types';
import { baseHash } from '../../src/version-ids';
import { authSecret, finoutToken } from '../support/credentials';
import { DAY, HOUR, MINUTE, NOW, observed, parsedValue, valueAged } from '../support/observations';
import { TRAITS } from '../support/traits';
import { virtualClock } from '../support/virtual-clock';

// What a person makes is never rotated by the worker: it is asked for.

type Given = NonNullable<Parameters<typeof observed>[1]> & { more?: Tags; policy?: Partial<Policy> };

function input({ more = {}, policy, ...labels }: Given | Record<string, never> = {}, there = true) {
  const credential = finoutToken('prod', policy);
  const seen = observed(credential, { tags: { ...tag.credential(credential), ...more }, ...labels });
  const traits = TRAITS[credential.kind];
  return { credential, traits, seen: there ? seen : undefined, now: NOW, ownerLimitMs: ownerLimitMs(20_000) };
}

const imported = (ageMs: number, endsInMs?: number): Given => {
  const current = valueAged(ageMs, undefined, endsInMs === undefined ? undefined : NOW + endsInMs);
  return { current, pending: current };
};

describe('the state of a token', () => {
  const BEFORE = 'a-version-that-is-current-beforehand';
  test.each<[string, Given, object]>([
    ['no value yet', {}, { state: 'needs-import', reason: 'first-value-comes-by-import' }],
    ['far from its end', imported(DAY, 31 * DAY), { state: 'fresh', reason: 'young', at: NOW + DAY }],
    ['near its end', imported(DAY, 29 * DAY), { state: 'expiring', reason: 'expires-soon', at: NOW + 29 * DAY }],
    ['at its end', imported(DAY, 0), { state: 'expired', reason: 'expired', at: NOW }],
    ['without end, and young', imported(300 * DAY), { state: 'fresh' }],
    ['without end, and old', imported(366 * DAY), { state: 'expiring', reason: 'older-than-allowed' }],
    [
      'old, and its end is far',
      imported(366 * DAY, 90 * DAY),
      { state: 'expiring', reason: 'older-than-allowed', at: NOW + 90 * DAY },
    ],
    ['old, and its end is near', imported(400 * DAY, 29 * DAY), { state: 'expiring', reason: 'expires-soon' }],
    [
      'reminded later, by its policy',
      { ...imported(DAY, 29 * DAY), policy: { renewBeforeMs: 7 * DAY } },
      { state: 'fresh', at: NOW + 22 * DAY },
    ],
    [
      'compromised',
      { current: BEFORE, pending: BEFORE, more: { ...tag.compromised(BEFORE, NOW), ...tag.adopted(BEFORE, NOW) } },
      { state: 'needs-import', reason: 'compromised' },
    ],
    [
      'blocked',
      { ...imported(DAY, 0), more: tag.blocked('for a reason') },
      { state: 'blocked', reason: 'for a reason' },
    ],
  ])('%s', (_, given, expected) => {
    const decision = stateOf(input(given));
    expect(decision).toMatchObject({ action: 'none', ...expected });
    // a job that meets it ends: nothing is put off to a time that has passed
    if (decision.state !== 'fresh') expect(ended(decision).outcome).toBe('blocked');
  });

  test('a missing secret waits for an import where it may be created, and is reported where it may not', () => {
    expect(decideRotation(input({}, false))).toMatchObject({ state: 'needs-import', action: 'none' });
    expect(decideRotation(input({ policy: { create: false } }, false))).toMatchObject({ state: 'missing' });
  });

  test('a staged one is resumed, by whoever finds it', () => {
    const current = valueAged(40 * DAY);
    const given = { current, pending: valueAged(MINUTE, current) };
    expect(parsedValue(given.pending).baseHash).toBe(baseHash(current));
    expect(decideRotation(input(given))).toMatchObject({ state: 'staged', action: 'resume' });
  });

  test('a staged one that the vendor does not let in is left alone, and so is what it would replace', () => {
    const current = valueAged(40 * DAY);
    const given = { current, pending: valueAged(MINUTE, current), more: tag.blocked(NOT_PERMITTED) };
    const expected = { state: 'blocked', action: 'none', reason: 'valid-but-not-permitted' };
    expect(decideRotation(input(given))).toMatchObject(expected);
    expect(decideRevocation(input(given))).toMatchObject(expected);
  });

  test('none is ever rotated, whatever it is asked and however it is', () => {
    for (const wish of ['none', 'normal', 'compromised'] as const) {
      for (const given of [{}, imported(4000 * DAY), imported(DAY, 0), imported(DAY, DAY)]) {
        expect(decideRotation({ ...input(given), wish, dead: true }).action).toBe('none');
      }
    }
  });
});

describe('a sweep', () => {
  /** A token as the list shows it, swept again and again while time passes. */
  function watched(labels: Given, policy: Partial<Policy> = {}) {
    const credential = finoutToken('prod', policy);
    const said: string[] = [];
    const clock = virtualClock(NOW);
    const seen: Observation = observed(credential, labels);
    const deps: SweepDeps = {
      credentials: [credential],
      traitsOf: ({ kind }) => TRAITS[kind],
      providerTimeoutMs: () => 20_000,
      fleet: async function* () {
        yield seen;
      },
      store: { observe: async () => seen },
      clock,
      log: {
        info: () => undefined,
        warn: () => undefined,
        alarm: (name, { state, reason, expires }, message) =>
          said.push([name, state, reason, expires ?? 'no end', message].join(' | ')),
      },
      spreadMs: 0,
      ...{ createShare: 1, revokeShare: 1, revokeAtLeast: 10 },
      look: async () => undefined,
      reported: new Map(),
      onObserved: async () => undefined,
    };
    return { deps, said, clock, run: () => sweep(reissueExpiringTokens, deps) };
  }

  test('asks at remindBefore, seven days, one day and the end, each time once', async () => {
    const expires = new Date(NOW + 40 * DAY).toISOString();
    const { said, clock, run } = watched(imported(DAY, 40 * DAY));
    const when: number[] = [];
    for (let hours = 0; hours < 45 * 24; hours += 6) {
      const before = said.length;
      expect(await run()).toEqual([]);
      if (said.length > before) when.push(40 - hours / 24);
      clock.advance(6 * HOUR);
    }
    expect(when).toEqual([30, 7, 1, 0]);
    const message = 'a person makes a new one: rotator import prod';
    expect(said).toEqual([
      ...Array(3).fill(`import-needed | expiring | expires-soon | ${expires} | ${message}`),
      `import-needed | expired | expired | ${expires} | ${message}`,
    ]);
  });

  test('asks once for a first value, and for one that is old and has no end', async () => {
    for (const labels of [{}, imported(366 * DAY)]) {
      const { said, clock, run } = watched(labels);
      for (let n = 0; n < 20; n += 1) {
        expect(await run()).toEqual([]);
        clock.advance(DAY);
      }
      expect(said).toEqual([expect.stringMatching(/^import-needed \| (needs-import|expiring) \| .* \| no end \| /)]);
    }
  });

  test('settles the one that was replaced, past its grace, since no sweep that revokes knows the kind', async () => {
    const previous = valueAged(400 * DAY);
    const current = valueAged(2 * DAY, previous);
    const { run } = watched({ current, pending: current, previous });
    expect(await run()).toEqual([
      expect.objectContaining({ does: 'revoke', version: previous, reason: 'grace-is-over' }),
    ]);
  });

  test('leaves it within its grace', async () => {
    const previous = valueAged(400 * DAY);
    const current = valueAged(HOUR, previous);
    expect(await watched({ current, pending: current, previous }).run()).toEqual([]);
  });

  test('does not settle what another sweep revokes', async () => {
    const previous = valueAged(60 * DAY);
    const current = valueAged(2 * DAY, previous);
    const partner = authSecret('acme');
    const seen = observed(partner, { current, pending: current, previous });
    const { deps } = watched({});
    const fleet = async function* () {
      yield seen;
    };
    expect(await sweep(reissueExpiringTokens, { ...deps, credentials: [partner], fleet })).toEqual([]);
  });

  test('does not take secrets that wait for their first import for those of a wrong account', async () => {
    const { deps, said } = watched({});
    const credentials = ['a', 'b', 'c'].map((id) => finoutToken(id));
    const missing = {
      ...deps,
      credentials,
      createShare: 0,
      fleet: async function* () {},
      store: { observe: async () => undefined },
    };
    expect(await sweep(reissueExpiringTokens, missing)).toEqual([]);
    expect(said.map((line) => line.split(' | ')[0])).toEqual(Array(3).fill('import-needed'));
  });
});
