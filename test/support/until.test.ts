import { until } from './until.js';

test('until gives the first truthy value, of a promise as well', async () => {
  let asked = 0;

  expect(await until(() => (++asked > 2 ? `asked ${asked}` : ''), { withinMs: 1_000, everyMs: 1 })).toBe('asked 3');
  expect(await until(async () => ++asked, { withinMs: 1_000 })).toBe(4);
});

test('until says what did not happen, and the last error', async () => {
  const last = new Error('not yet');

  const waiting = until(() => Promise.reject(last), { withinMs: 30, everyMs: 5, what: () => 'the moon' });

  await expect(waiting).rejects.toMatchObject({ message: 'Not within 30 ms: the moon', cause: last });
});
