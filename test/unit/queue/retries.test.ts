import {
  LockHeldError,
  OutcomeUnknownError,
  ProviderRejectedError,
  ProviderThrottledError,
  ProviderUnavailableError,
  SecretStoreError,
} from '../../../src/errors';
import { backoffMs, frames, judge } from '../../../src/queue/retries';

const SECRET = 'hunter2-hunter2';
const middle = () => 0.5;

test.each([
  ['a vendor that cannot be reached', new ProviderUnavailableError('no answer')],
  ['a lock that is held', new LockHeldError('Another worker holds the lock')],
  ['a store that throttles', new SecretStoreError('slow down', 'throttled', true)],
])('%s: tried again later', (_, error) => {
  expect(judge(error, 1, middle)).toEqual({ kind: 'later', delayMs: 750, reason: `${error.code}: ${error.message}` });
});

test.each([
  ['a refusal', new ProviderRejectedError('400')],
  ['an unknown outcome', new OutcomeUnknownError('reset')],
  ['a store that refuses', new SecretStoreError('denied', 'access-denied', true)],
])('%s: failed', (_, error) => {
  expect(judge(error, 1)).toEqual({ kind: 'failed', ours: true, reason: `${error.code}: ${error.message}` });
});

test('a vendor that says when is not asked before', () => {
  const error = new ProviderThrottledError('429', {}, 60_000);
  expect(judge(error, 1, middle)).toMatchObject({ kind: 'later', delayMs: 60_000 });
  expect(judge(error, 9, middle)).toMatchObject({ kind: 'later', delayMs: 192_000 });
});

test('the pause doubles up to five minutes, and is never the same twice', () => {
  expect([1, 2, 3, 8, 9, 10, 500].map((starts) => backoffMs(starts, () => 1))).toEqual([
    1_000, 2_000, 4_000, 128_000, 256_000, 300_000, 300_000,
  ]);
  expect([0, 0.5, 1].map((random) => backoffMs(1, () => random))).toEqual([500, 750, 1_000]);
});

test('of an error that is not ours nothing is told but where it was', () => {
  const error = new TypeError(`cannot read ${SECRET}\n    at ${SECRET}:1:2\n`);
  expect(judge(error, 1)).toEqual({ kind: 'failed', ours: false, reason: 'internal error' });
  expect(judge(SECRET, 1)).toEqual({ kind: 'failed', ours: false, reason: 'internal error' });
  expect(frames(error).join()).not.toContain(SECRET);
  expect(frames(error)[0]).toMatch(/^at .*retries\.test/);
  expect(frames(SECRET)).toEqual([]);
});
