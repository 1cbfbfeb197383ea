import { checkAnswer } from './check-answer';

const contentType = 'application/json';

test('an answer in a documented shape has no deviation, with a charset too', () => {
  const body = JSON.stringify({ client_id: 'a', client_secret: 'b' });
  expect(checkAnswer('flinks-outbound.regenerate', { status: 200, contentType, body })).toEqual([]);
  const withCharset = { status: 200, contentType: 'application/json; charset=utf-8', body };
  expect(checkAnswer('flinks-outbound.regenerate', withCharset)).toEqual([]);
});

test.each([
  ['a status that is not documented', { status: 403, contentType, body: '{}' }, 'status 403: not documented'],
  ['another casing', { status: 200, contentType, body: '{"clientId":"a","clientSecret":"b"}' }, 'client_id'],
  ['another type', { status: 200, contentType, body: '{"client_id":"a","client_secret":1}' }, 'client_secret'],
  ['an additional field', { status: 200, contentType, body: '{"client_id":"a","client_secret":"b","c":1}' }, '"c"'],
  ['another content type', { status: 200, contentType: 'text/html', body: '<html>' }, 'the content type should be'],
])('%s is a deviation', (_what, given, deviation) => {
  expect(checkAnswer('flinks-outbound.regenerate', given).join()).toContain(deviation);
});

test('a body is a deviation where the vendor sends none', () => {
  expect(checkAnswer('finicity.access-key.revoke', { status: 204, contentType: null, body: '{}' })).toHaveLength(1);
  expect(checkAnswer('finicity.access-key.revoke', { status: 204, contentType: null, body: '' })).toEqual([]);
});
