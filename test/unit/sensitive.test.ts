import { inspect } from 'node:util';
import { Sensitive } from '../../src/sensitive.js';

test('a sensitive value prints as [redacted] wherever it is turned into text', () => {
  const secret = new Sensitive('planted');

  expect(
    [`${secret}`, String(secret), inspect(secret), inspect({ secret }), JSON.stringify({ secret })].join(),
  ).not.toContain('planted');
  expect(secret.reveal()).toBe('planted');
});
