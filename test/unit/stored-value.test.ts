import { inspect } from 'node:util';
import { StoredValueError } from '../../src/errors';
import { Sensitive } from '../../src/sensitive';
import { grantFields, grantIn, storedPath, toStored } from '../../src/stored-value';
import type { Credential, ValueMapping } from '../../src/types';
import { accessKey, authSecret, outboundRecipient } from '../support/credentials';

const ANSWER = { PermissionId: 'permission-1', AuthSecret: 'hunter2', Message: 'ok', more: { deep: [1, null] } };
const RECEIPT = { receipt: { receiptId: 'receipt-1', receiptVersion: 2 }, proof: { signature: 's' } };

const mapped = (credential: Credential, fields: Record<string, string>, constants: ValueMapping['constants'] = {}) => ({
  ...credential,
  value: { fields, constants },
});

const stored = (credential: Credential, answer: object) => JSON.parse(toStored(credential, { ...answer }).reveal());

const revealed = (credential: Credential, text: string) => {
  const { grant, secret } = grantFields(credential, new Sensitive(text));
  return { grant, secret: secret?.reveal() };
};

test("without a mapping the vendor's answer is stored verbatim, unknown fields included", () => {
  expect(stored(authSecret(), ANSWER)).toEqual(ANSWER);
});

test('fields go under the names that consumers read, constants beside them', () => {
  const credential = mapped(authSecret(), { id: 'PermissionId', secret: 'AuthSecret' }, { url: 'https://x', port: 1 });
  expect(stored(credential, ANSWER)).toEqual({ id: 'permission-1', secret: 'hunter2', url: 'https://x', port: 1 });
});

test.each(['__proto__', 'constructor', 'toString'])('a name like %s is a name like any other', (name) => {
  const credential = mapped(authSecret(), { [name]: 'PermissionId', secret: 'AuthSecret' });
  const text = toStored(credential, ANSWER).reveal();
  expect(text).toContain('permission-1');
  expect(revealed(credential, text).grant).toBe('permission-1');
});

test('grant and secret are found again under whatever names they were stored', () => {
  expect(revealed(authSecret(), JSON.stringify(ANSWER))).toEqual({ grant: 'permission-1', secret: 'hunter2' });
  expect(revealed(outboundRecipient(), '{"client_secret":"s"}')).toEqual({ grant: undefined, secret: 's' });
  expect(revealed(accessKey(), JSON.stringify(RECEIPT)).grant).toBe('receipt-1');
  const renamed = mapped(accessKey(), { whole: 'receipt' });
  expect(revealed(renamed, toStored(renamed, RECEIPT).reveal()).grant).toBe('receipt-1');
});

test('the path of a field that the mapping leaves out is unknown', () => {
  const mapping = { fields: { r: 'receipt' }, constants: {} };
  expect(storedPath(mapping, 'receipt.receiptId')).toBe('r.receiptId');
  expect(storedPath(mapping, 'proof')).toBeUndefined();
  expect(storedPath(undefined, 'receipt.receiptId')).toBe('receipt.receiptId');
});

test.each([
  ['an empty grant', '{"PermissionId":""}'],
  ['a grant that is no text', '{"PermissionId":7}'],
  ['a grant that is elsewhere', '{"permission":{"PermissionId":"x"}}'],
])('%s is none', (_what, text) => {
  expect(revealed(authSecret(), text)).toEqual({ grant: undefined, secret: undefined });
});

test.each(['hunter2', '["hunter2"]', '"hunter2"', 'null', ''])(
  'a value that is no JSON object is refused: %s',
  (text) => {
    expect(() => grantFields(authSecret(), new Sensitive(text))).toThrow(StoredValueError);
  },
);

test('a mapped field that the answer lacks is stored as null: the grant is not lost for it', () => {
  expect(stored(mapped(authSecret(), { id: 'PermissionId', x: 'Nope' }), ANSWER)).toEqual({
    id: ANSWER.PermissionId,
    x: null,
  });
});

test('an answer that is longer than Secrets Manager takes is refused', () => {
  expect(() => toStored(authSecret(), { ...ANSWER, AuthSecret: 'é'.repeat(40_000) })).toThrow(/longer/);
});

test('no error quotes the value', () => {
  for (const work of [
    () => grantFields(authSecret(), new Sensitive('{"AuthSecret":"hunter2"')),
    () => toStored(authSecret(), { ...ANSWER, more: 'x'.repeat(70_000) }),
  ]) {
    expect(work).toThrow(StoredValueError);
    try {
      work();
    } catch (error) {
      expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain('hunter2');
    }
  }
});

test("the grant is found in the vendor's own answer, whatever the entry stores of it", () => {
  expect(grantIn('flinks-auth-secret', ANSWER)).toBe('permission-1');
  expect(grantIn('finicity-access-key', RECEIPT)).toBe('receipt-1');
  expect(grantIn('flinks-outbound-recipient', { client_secret: 's' })).toBeUndefined();
});
