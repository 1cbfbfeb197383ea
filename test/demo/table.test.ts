import type { Decision } from '../../src/decision';
import { observation } from '../../src/secrets-manager/labels';
import { KINDS } from '../../src/types';
import { valueId } from '../../src/version-ids';
import { credentialOf } from '../support/credentials';
import type { Row } from './fleet';
import { cells, renderTable, STATES } from './table';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const ROTATION_10S_OLD = `${(NOW - 10_000).toString(16).padStart(12, '0')}7000800000000000000f`.slice(0, 32);

const seen = observation(
  { Name: 'credentials/one', Tags: [{ Key: 'rotation:suspected-orphan:0192', Value: 'never' }] },
  { [valueId(ROTATION_10S_OLD, undefined, 'base')]: ['AWSCURRENT'] },
  0,
);

const row = (decision: Decision): Row => ({ credential: credentialOf('flinks-auth-secret'), seen, decision });
const next = (decision: Decision): string => cells(row(decision), NOW)[5];

test('a line says credential, kind, state, age, suspects and the next action', () => {
  const decision = { state: 'fresh', action: 'none', reason: 'young', at: NOW + 8_000 } as const;
  const { id } = credentialOf('flinks-auth-secret');
  expect(cells(row(decision), NOW)).toEqual([id, 'flinks-auth-secret', 'fresh', '10s', '1', 'rotate in 8s']);
});

test('a secret that does not exist has no age and no suspects', () => {
  const decision = { state: 'absent', action: 'rotate', reason: 'no-value-yet' } as const;
  const [, , , age, suspects, action] = cells({ ...row(decision), seen: undefined }, NOW);
  expect([age, suspects, action]).toEqual(['-', '', 'issue the first']);
});

test.each<[string, Decision]>([
  ['rotate now', { state: 'due', action: 'rotate', reason: 'older-than-allowed', at: NOW - 1 }],
  ['resume in 3s', { state: 'in-flight', action: 'resume', reason: 'owner-may-act', at: NOW + 3_000 }],
  ['resume now', { state: 'interrupted', action: 'resume', reason: 'owner-is-gone', at: NOW - 1 }],
  ['promote it now', { state: 'staged', action: 'resume', reason: 'value-is-staged' }],
  ['clear up now', { state: 'superseded', action: 'resume', reason: 'base-is-no-longer-current' }],
  ['old ends in 2s', { state: 'in-grace', action: 'none', reason: 'in-grace', at: NOW + 2_000 }],
  ['revoke old now', { state: 'stale', action: 'settle', reason: 'grace-is-over' }],
  ['see if it works', { state: 'fresh', action: 'verify', reason: 'a-lost-call-may-have-killed-it', at: NOW }],
  ['backing-off in 1s', { state: 'due', action: 'none', reason: 'backing-off', at: NOW + 1_000 }],
  ['five failures', { state: 'blocked', action: 'none', reason: 'five failures' }],
  ['rotator import', { state: 'needs-import', action: 'none', reason: 'first-value-comes-by-import' }],
  ['none', { state: 'retired', action: 'none', reason: 'retired' }],
  ['rotate in 5h', { state: 'fresh', action: 'none', reason: 'young', at: NOW + 5 * 3_600_000 }],
  ['rotate in 177d', { state: 'fresh', action: 'none', reason: 'young', at: NOW + 177 * 86_400_000 }],
  ['rotate in 55m', { state: 'fresh', action: 'none', reason: 'young', at: NOW + 55 * 60_000 }],
])('the next action: %s', (words, decision) => {
  expect(next(decision)).toBe(words);
});

test.each(KINDS)('no state of a %s is cut, and each line fits into 80 columns', (kind) => {
  for (const state of STATES) {
    const decision = {
      state,
      action: 'none',
      reason: 'a-reason-that-is-too-long-for-the-table',
      at: NOW + 9_000,
    } as const;
    const one = { ...row(decision), credential: { ...credentialOf(kind), id: 'recipient-aaaa' } };
    const [, line = ''] = renderTable([one], NOW, false).split('\n');
    expect(line).toContain(` ${kind} `);
    expect(line).toContain(` ${state} `);
    expect(line.length).toBeLessThanOrEqual(80);
  }
});

test('the table has a head, a line each, and fits into 80 columns', () => {
  const decision = { state: 'interrupted', action: 'resume', reason: 'owner-is-gone', at: NOW } as const;
  const lines = renderTable([row(decision), row(decision)], NOW, false).split('\n');
  expect(lines).toHaveLength(3);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
});
