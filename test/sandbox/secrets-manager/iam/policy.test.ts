import { startSecretsManager } from '../server';
import { allows, type Permission, policySchema } from './policy';

const GET: Permission = {
  action: 'secretsmanager:GetSecretValue',
  resource: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/one-AbCdEf',
  keys: { 'aws:TagKeys': ['rotation:a', 'team'], 'aws:ResourceTag/team': 'payments', 'x:days': '30' },
};
const ALLOW = { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: '*' };
const policy = (...Statement: object[]) => policySchema.parse({ Version: '2012-10-17', Statement });

test.each<[string, object, boolean]>([
  ['the action', {}, true],
  ['another action', { Action: 'secretsmanager:PutSecretValue' }, false],
  ['one of several actions', { Action: ['kms:Decrypt', 'secretsmanager:GetSecretValue'] }, true],
  ['actions by a wildcard, in any case', { Action: 'SecretsManager:get*' }, true],
  ['the resource by wildcards', { Resource: 'arn:aws:secretsmanager:*:*:secret:prod/one-??????' }, true],
  ['a resource whose suffix is shorter', { Resource: 'arn:aws:secretsmanager:*:*:secret:prod/one-?????' }, false],
  ['a resource in another case', { Resource: 'arn:aws:secretsmanager:*:*:secret:PROD/*' }, false],
  ['a dot is a dot', { Resource: 'arn.aws.secretsmanager.*' }, false],
])('an Allow of %s', (_, statement, allowed) => {
  expect(allows(policy({ ...ALLOW, ...statement }), GET)).toBe(allowed);
});

test.each<[string, object, boolean]>([
  ['StringEquals', { StringEquals: { 'aws:ResourceTag/team': ['x', 'payments'] } }, true],
  ['StringEquals of another value', { StringEquals: { 'aws:ResourceTag/team': 'pay*' } }, false],
  ['StringLike', { StringLike: { 'aws:ResourceTag/team': 'pay*' } }, true],
  ['StringEquals of a key that is absent', { StringEquals: { 'aws:ResourceTag/other': 'x' } }, false],
  ['NumericEquals', { NumericEquals: { 'x:days': '30.0' } }, true],
  ['NumericEquals of another number', { NumericEquals: { 'x:days': '7' } }, false],
  ['Bool of a key that is absent', { Bool: { 'x:force': 'false' } }, false],
  ['Null of a key that is there', { Null: { 'x:days': 'false' } }, true],
  ['Null of a key that is absent', { Null: { 'x:force': 'false' } }, false],
  ['ForAllValues, where one value does not fit', { 'ForAllValues:StringLike': { 'aws:TagKeys': 'rotation:*' } }, false],
  ['ForAllValues of a key that is absent', { 'ForAllValues:StringLike': { 'aws:Other': 'rotation:*' } }, true],
  ['two operators, of which one fails', { Null: { 'x:days': 'false' }, Bool: { 'x:force': 'true' } }, false],
])('a condition: %s', (_, Condition, allowed) => {
  expect(allows(policy({ ...ALLOW, Condition }), GET)).toBe(allowed);
});

test('a Deny wins over every Allow, and nothing is allowed by default', () => {
  expect(allows(policy(ALLOW, { ...ALLOW, Effect: 'Deny' }), GET)).toBe(false);
  expect(allows(policy(), GET)).toBe(false);
});

test.each([
  ['an operator', { ...ALLOW, Condition: { ArnLike: { a: 'b' } } }],
  ['an element', { ...ALLOW, NotAction: '*' }],
  ['an effect', { ...ALLOW, Effect: 'allow' }],
])('%s that is not understood is refused, not left out', (_, statement) => {
  expect(() => policy(statement)).toThrow();
});

test('a policy is set and taken away over HTTP, and a bad one is refused', async () => {
  const server = await startSecretsManager();
  const put = async (option: unknown) =>
    (await fetch(`${server.url}/_sandbox/options`, { method: 'PUT', body: JSON.stringify({ policy: option }) })).status;
  const list = async () => (await server.handle('ListSecrets', {})).kind;
  const none = { Version: '2012-10-17', Statement: [] };
  expect([await put(none), await list()]).toEqual([200, 'error']);
  expect([await put({ ...none, Statement: [{}] }), await list()]).toEqual([400, 'error']);
  expect([await put(null), await list()]).toEqual([200, 'answer']);
  await server.close();
});
