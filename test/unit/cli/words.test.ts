import { adviceFor, duration, nextAction, relative } from '../../../src/cli/words';

const S = 1_000;
const H = 3_600 * S;
const DAY = 24 * H;
const NOW = Date.UTC(2027, 0, 1);

test.each([
  [0, '0s'],
  [999, '0s'],
  [-5 * S, '0s'],
  [59 * S, '59s'],
  [60 * S, '1m'],
  [61 * S, '1m 1s'],
  [H + S, '1h'],
  [3 * DAY + 4 * H + 59 * 60 * S, '3d 4h'],
  [400 * DAY, '400d'],
])('%d ms is %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});

test('times are told as they lie to now', () => {
  expect([relative(NOW, NOW), relative(NOW + DAY, NOW), relative(NOW - 90 * S, NOW)]).toEqual([
    'now',
    'in 1d',
    '1m 30s ago',
  ]);
});

test.each([
  [{ state: 'absent', action: 'rotate', reason: 'no-value-yet' }, 'issue the first value'],
  [{ state: 'due', action: 'rotate', reason: 'older-than-allowed', at: NOW - DAY }, 'rotate now'],
  [{ state: 'fresh', action: 'none', reason: 'young', at: NOW + DAY }, 'rotate in 1d'],
  [{ state: 'fresh', action: 'none', reason: 'young' }, 'none'],
  [{ state: 'due', action: 'none', reason: 'backing-off', at: NOW + 60 * S }, 'backing-off in 1m'],
  [{ state: 'in-grace', action: 'none', reason: 'in-grace', at: NOW + H }, 'revoke the old one in 1h'],
  [{ state: 'in-grace', action: 'none', reason: 'awaits-confirmation' }, 'awaits-confirmation'],
  [{ state: 'stale', action: 'settle', reason: 'grace-is-over' }, 'revoke the old one now'],
  [{ state: 'staged', action: 'resume', reason: 'value-is-staged' }, 'promote it now'],
  [{ state: 'in-flight', action: 'resume', reason: 'owner-may-act', at: NOW + 10 * S }, 'take it over in 10s'],
  [{ state: 'blocked', action: 'none', reason: 'five failures' }, 'five failures'],
] as const)('%j: %s', (decision, text) => {
  expect(nextAction(decision, NOW)).toBe(text);
});

test('advice is a command where there is one', () => {
  const advice = (state: 'blocked' | 'suspected' | 'in-grace', reason: string) =>
    adviceFor('a/b', { state, action: 'none', reason });
  expect(advice('blocked', 'five failures')).toBe('rotator resolve a/b');
  expect(advice('blocked', 'tag-removed')).toContain('README');
  expect(advice('in-grace', 'awaits-confirmation')).toBe('rotator revoke a/b');
});
