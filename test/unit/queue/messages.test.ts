import { cleaned } from '../../../src/queue/cleaned';
import { parseRequest, parseRevokeJob, parseRotateJob } from '../../../src/queue/messages';

const VERSION = 'a'.repeat(32);
const REQUEST = { credential: 'bank-a', reason: 'leaked', requestedBy: 'ada' };

function reasonOf(data: unknown, name = 'rotate'): string {
  const parsed = parseRequest(name, data);
  if (parsed.ok) throw new Error('was accepted');
  return parsed.reason;
}

test('a request is normal unless it says compromised', () => {
  expect(parseRequest('rotate', REQUEST)).toEqual({
    ok: true,
    value: { ...REQUEST, action: 'rotate', urgency: 'normal' },
  });
  expect(parseRequest('revoke', { ...REQUEST, urgency: 'compromised', version: VERSION })).toEqual({
    ok: true,
    value: { ...REQUEST, action: 'revoke', urgency: 'compromised', version: VERSION },
  });
  expect(parseRequest('rollback', REQUEST)).toMatchObject({ ok: true, value: { action: 'rollback' } });
});

test.each([
  [
    'an unknown job name',
    REQUEST,
    'retire',
    '"retire" is no job of this queue: send "rotate", "revoke" or "rollback".',
  ],
  [
    'a rollback with an urgency',
    { ...REQUEST, urgency: 'compromised' },
    'rollback',
    'A rollback knows no urgency: leave it out. Where the current value is compromised, send "rotate" with it.',
  ],
  ['an unknown field', { ...REQUEST, secret: 'x' }, 'rotate', 'The field "secret" is unknown; it would not be heeded.'],
  [
    'no credential',
    { ...REQUEST, credential: undefined },
    'rotate',
    'The field "credential" must be the id of a credential, text of 1 to 200 characters.',
  ],
  [
    'no reason',
    { ...REQUEST, reason: ' \u0000'.trim() },
    'rotate',
    'The field "reason" must be text of 1 to 500 characters.',
  ],
  [
    'a reason that cannot be seen',
    { ...REQUEST, reason: '\u200b\u0007' },
    'rotate',
    'The field "reason" must be text of 1 to 500 characters.',
  ],
  [
    'a long reason',
    { ...REQUEST, reason: 'x'.repeat(501) },
    'rotate',
    'The field "reason" must be text of 1 to 500 characters.',
  ],
  [
    'an unknown urgency',
    { ...REQUEST, urgency: 'very' },
    'rotate',
    'The field "urgency" must be "normal" or "compromised".',
  ],
  [
    'a version that is none',
    { ...REQUEST, version: 'AWSCURRENT' },
    'rotate',
    'The field "version" must be a version id of 32 to 64 characters.',
  ],
  ['too much', { ...REQUEST, note: 'x'.repeat(5_000) }, 'rotate', 'The data has 5071 bytes; at most 4096 are read.'],
  ['text', 'rotate it', 'rotate', 'The data must be one object.'],
  ['nothing', undefined, 'rotate', 'The data must be one object.'],
])('%s is refused in one sentence', (_, data, name, sentence) => {
  expect(reasonOf(data, name)).toBe(sentence);
});

test('a refusal repeats no value, and of a name only a short, clean piece', () => {
  expect(reasonOf({ ...REQUEST, credential: { secret: 'hunter2' }, urgency: 'hunter2' })).not.toContain('hunter2');
  const sentence = reasonOf({ ...REQUEST, [`\u202e\u001b[31m${'k'.repeat(100)}`]: 1 });
  expect(sentence).toBe(`The field "[31m${'k'.repeat(35)}…" is unknown; it would not be heeded.`);
});

test('what people wrote is cleaned of what cannot be seen', () => {
  const parsed = parseRequest('rotate', {
    ...REQUEST,
    reason: 'line\r\none\u0000 \u202eevil\u200b\u2028 Łódź 🔑',
    requestedBy: 'a\tb',
  });
  expect(parsed).toMatchObject({ ok: true, value: { reason: 'lineone evil Łódź 🔑', requestedBy: 'ab' } });
});

test('cutting leaves whole characters', () => {
  expect(cleaned('🔑🔑🔑', 3)).toBe('🔑🔑🔑');
  expect(cleaned('🔑🔑🔑🔑', 3)).toBe('🔑🔑…');
  expect(cleaned(`${'\u200b'.repeat(1_000)}seen`, 4)).toBe('…');
});

test('our own jobs are read as strictly', () => {
  const rotate = { credential: 'bank-a', version: 'none', wish: 'none', reason: 'due' };
  expect(parseRotateJob(rotate)).toEqual({ ok: true, value: rotate });
  expect(parseRotateJob({ ...rotate, wish: 'now' })).toMatchObject({ ok: false });
  expect(parseRotateJob({ ...rotate, notBefore: 1 })).toEqual({ ok: true, value: { ...rotate, notBefore: 1 } });
  expect(parseRotateJob({ ...rotate, notBefore: 'noon' })).toEqual({
    ok: false,
    reason: 'The field "notBefore" must be a time in milliseconds since 1970.',
  });
  const revoke = { credential: 'bank-a', version: VERSION, endGrace: true, reason: 'asked', requestedBy: 'ada' };
  expect(parseRevokeJob(revoke)).toEqual({ ok: true, value: revoke });
  expect(parseRevokeJob({ ...revoke, version: 'none' })).toMatchObject({ ok: true }); // retires a credential without a value
  expect(parseRevokeJob({ ...revoke, version: 'short' })).toMatchObject({ ok: false });
});
