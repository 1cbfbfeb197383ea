import { accessKeyOf, finicityBench } from '../support/finicity';
import { dataSharingBench } from '../support/flinks-data-sharing';
import { outboundBench } from '../support/flinks-outbound';
import { sandboxForSuite } from '../support/suite';
import { checkRequest, type SentRequest } from './check-request';

const sandbox = sandboxForSuite();
const ID = '22222222-2222-4222-8222-222222222222';
const json = { 'Content-Type': 'application/json' };
const appKey = { 'Finicity-App-Key': 'k', 'Finicity-App-Token': 't' };
const bearer = { Authorization: 'Bearer t' };
const tokenBody = { grant_type: 'client_credentials', client_id: 'a', client_secret: 'b', scope: 'client:admin' };

function token(body: unknown, headers: Record<string, string> = json): SentRequest {
  return { method: 'POST', path: '/api/v1/token', headers, body: JSON.stringify(body) };
}

test('a client that keeps to the documents leaves no deviation behind', async () => {
  const [outbound, sharing, finicity] = [
    outboundBench(sandbox()),
    dataSharingBench(sandbox()),
    finicityBench(sandbox()),
  ];
  await outbound.get(await outbound.adminToken());
  await outbound.rotate();
  const { permissionId } = await sharing.issue();
  await sharing.disable(permissionId);
  await sharing.enable(permissionId);
  const appToken = await finicity.appToken();
  const { receiptId } = accessKeyOf(await finicity.generate(appToken));
  await finicity.update(appToken, receiptId);
  await finicity.revoke(appToken, receiptId);
  await finicity.modify({ newPartnerSecret: 'Synthetic-Secret-02', immediate: false });
  expect(sandbox().control.deviations()).toEqual([]);
});

test('an API secret on enable and disable is undeclared and allowed', () => {
  const path = `/v3/c/partnerdata/authsecret/disable/${ID}`;
  expect(checkRequest('flinks-data-sharing', { method: 'GET', path, headers: bearer })).toEqual([]);
  expect(checkRequest('flinks-data-sharing', { method: 'GET', path, headers: {} })).toEqual([]);
});

const cases: [string, Parameters<typeof checkRequest>, RegExp][] = [
  ['an unknown path', ['finicity', { method: 'GET', path: '/x', headers: {} }], /no such operation/],
  [
    'another method',
    ['flinks-data-sharing', { method: 'POST', path: '/v3/c/partnerdata/authsecret/acme', headers: {} }],
    /no such operation/,
  ],
  [
    'a query',
    ['flinks-outbound', { method: 'GET', path: '/api/v1/recipients?a=1', headers: bearer }],
    /query: none is documented/,
  ],
  [
    'a missing Bearer',
    ['flinks-outbound', { method: 'POST', path: '/api/v1/recipients/dc-1/secret', headers: {} }],
    /header authorization: missing/,
  ],
  [
    'a body where none is documented',
    ['flinks-outbound', { method: 'POST', path: '/api/v1/recipients/dc-1/secret', headers: bearer, body: '{}' }],
    /body: none is documented/,
  ],
  [
    'a content type without a body',
    [
      'finicity',
      { method: 'DELETE', path: '/aggregation/v1/partners/accessKey/cr_1', headers: { ...appKey, ...json } },
    ],
    /content-type: there is no body/,
  ],
  [
    'a name with digits',
    ['flinks-data-sharing', { method: 'GET', path: '/v3/c/partnerdata/authsecret/acme2', headers: {} }],
    /path \{nameofpartner\}: no numbers/,
  ],
  [
    'an id that is no UUID',
    ['flinks-data-sharing', { method: 'GET', path: '/v3/c/partnerdata/authsecret/enable/x', headers: {} }],
    /path \{permissionId\}/,
  ],
  [
    'a form',
    ['flinks-outbound', token(tokenBody, { 'content-type': 'application/x-www-form-urlencoded' })],
    /content-type/,
  ],
  ['an undocumented field', ['flinks-outbound', token({ ...tokenBody, audience: 'x' })], /audience/],
  [
    'a missing secret',
    ['flinks-outbound', token({ ...tokenBody, client_secret: undefined })],
    /client_secret: missing/,
  ],
  [
    'a secret sent twice',
    ['flinks-outbound', token({ ...tokenBody, client_id: undefined }, { ...json, authorization: 'Basic YTpi' })],
    /client_secret: sent twice/,
  ],
  [
    'a foreign header',
    [
      'finicity',
      { method: 'DELETE', path: '/aggregation/v1/partners/accessKey/cr_1', headers: { ...appKey, ...bearer } },
    ],
    /header authorization: not documented/,
  ],
  [
    'a number for a string',
    [
      'finicity',
      {
        method: 'POST',
        path: '/aggregation/v2/partners/authentication',
        headers: { ...json, 'Finicity-App-Key': 'k' },
        body: JSON.stringify({ partnerId: 1, partnerSecret: 's' }),
      },
    ],
    /body\.partnerId/,
  ],
];

test.each(cases)('%s is a deviation', (_what, [vendor, sent], deviation) => {
  expect(checkRequest(vendor, sent)).toEqual([expect.stringMatching(deviation)]);
});

test('a deviation repeats no value', () => {
  const body = { ...tokenBody, client_secret: 7, 'planted-elsewhere': 'planted-value' };
  expect(checkRequest('flinks-outbound', token(body, { ...json, 'x-odd': 'planted-value' })).join()).not.toContain(
    'planted-value',
  );
});

test('the stand-ins record every deviation, and can be told to forget them', async () => {
  const outbound = outboundBench(sandbox());
  await outbound.get('');
  expect(sandbox().control.deviations()).toEqual([
    {
      vendor: 'flinks-outbound',
      method: 'GET',
      path: `/api/v1/recipients/${outbound.recipient.clientId}`,
      deviations: ['flinks-outbound.recipients.get: header authorization: not of the documented form'],
    },
  ]);
  sandbox().control.clearDeviations();
  expect(sandbox().control.deviations()).toEqual([]);
});
