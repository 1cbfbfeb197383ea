import { parametersChanged, parametersOf } from '../../src/parameters';
import { tag } from '../../src/rotation-tags';
import type { AccessKey } from '../../src/types';
import { accessKey, authSecret } from '../support/credentials';
import { observed } from '../support/observations';

const extended = (products: AccessKey['products']): AccessKey => ({
  ...accessKey('key', { renewal: 'extend' }),
  products,
});
const A = { product: 'moneyTransferDetails', accountId: '5011000000' };
const B = { product: 'availableBalance', accountId: '5011000000' };

test.each([
  ['a product', [A, B]],
  ['an account', [{ ...A, accountId: '5011000001' }]],
  ['a call budget', [{ ...A, maxCalls: 5 }]],
  ['who pays', [{ ...A, payorId: '7' }]],
  ['none', []],
])('the fingerprint tells apart: %s', (_what, products) => {
  expect(parametersOf(extended(products))).not.toBe(parametersOf(extended([A])));
});

test('the order in which the entry writes them does not matter', () => {
  expect(parametersOf(extended([A, B]))).toBe(parametersOf(extended([B, A])));
});

test('a fingerprint tells nothing of what is sent', () => {
  expect(parametersOf(extended([A]))).toMatch(/^[0-9a-f]{16}$/);
});

test('nothing is sent again of an entry that is not extended', () => {
  expect(parametersOf(accessKey('key'))).toBeUndefined();
  expect(parametersOf(authSecret('partner'))).toBeUndefined();
});

test('a change shows against what the tag says; where it says nothing, nothing has changed', () => {
  const [was, is] = [extended([A]), extended([B])];
  const seen = observed(is, { tags: tag.sent(was, parametersOf(was) ?? '') });
  expect([parametersChanged(was, seen), parametersChanged(is, seen)]).toEqual([false, true]);
  expect(parametersChanged(is, observed(is))).toBe(false);
});
