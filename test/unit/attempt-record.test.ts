import { type AttemptRecord, parseRecord, recordText } from '../../src/attempt-record';
import { intentId } from '../../src/version-ids';
import { DAY, NOW, valueAged } from '../support/observations';

const INTENT: AttemptRecord = {
  is: 'intent',
  call: 'renew',
  rotationId: '0'.repeat(32),
  base: intentId('a'),
  value: valueAged(DAY),
  failures: 2,
  undone: 1,
};

const TOMBSTONE: AttemptRecord = {
  is: 'tombstone',
  because: 'value-refused',
  base: intentId('a'),
  failures: 3,
  undone: 0,
  at: NOW,
};

test.each([
  ['an intent', INTENT],
  ['an intent that says what is sent', { ...INTENT, parameters: '0123456789abcdef' }],
  ['a tombstone', TOMBSTONE],
  ['a tombstone of a renewal whose grant had ended', { ...TOMBSTONE, because: 'grant-ended' }],
  ["a tombstone with the vendor's own pause", { ...TOMBSTONE, because: 'not-done', retryAt: NOW + DAY }],
] as [string, AttemptRecord][])('%s is read back as it was written', (_what, record) => {
  expect(parseRecord(recordText(record))).toEqual(record);
});

test('a record says in words to whoever meets it that it is no credential', () => {
  for (const record of [INTENT, TOMBSTONE]) expect(JSON.parse(recordText(record)).note).toMatch(/^No credential here/);
});

test.each([
  ["a vendor's answer", '{"client_secret":"s"}'],
  ['text that is not JSON', 'hunter2'],
  ['nothing', ''],
  ['text that quotes our key and is not JSON', 'a note about "rotation:record" and a password'],
  ['a list', '["rotation:record"]'],
  ['a text', '"rotation:record"'],
  ['a record of a later version', '{"rotation:record":"else"}'],
])('%s is a value, not a record', (_what, text) => {
  expect(parseRecord(text)).toBeUndefined();
});

test('a tombstone whose reason is unknown to us is taken for an unknown outcome', () => {
  expect(parseRecord('{"rotation:record":"tombstone","because":"else"}')).toMatchObject({ because: 'outcome-unknown' });
});
