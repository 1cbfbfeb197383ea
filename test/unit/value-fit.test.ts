import { tag } from '../../src/rotation-tags';
import { Sensitive } from '../../src/sensitive';
import type { Credential, ValueMapping } from '../../src/types';
import { mappingFingerprint, misfit, unmapped } from '../../src/value-fit';
import { accessKey, authSecret, outboundRecipient } from '../support/credentials';
import { FOREIGN, observed } from '../support/observations';

const mapped = (credential: Credential, fields: ValueMapping['fields'], constants: ValueMapping['constants'] = {}) => ({
  ...credential,
  value: { fields, constants },
});
const dropping = (credential: Credential, ...drops: string[]): Credential => ({
  ...credential,
  adopt: { grants: {}, drops },
});
const found = (credential: Credential, value: unknown): string | undefined =>
  misfit(credential, new Sensitive(JSON.stringify(value)));

const APP = mapped(outboundRecipient(), { id: 'client_id', secret: 'client_secret' }, { url: 'https://x' });

describe('a value fits', () => {
  test.each<[string, Credential, unknown]>([
    ["that is the vendor's answer", outboundRecipient(), { client_id: 'a', client_secret: 'b' }],
    ['with the fields that are not in every answer', authSecret(), { PermissionId: 'a', AuthSecret: 'b', Message: '' }],
    ['without them', authSecret(), { PermissionId: 'a', AuthSecret: 'b' }],
    ['whose grant nobody wrote down', authSecret(), { AuthSecret: 'b' }],
    ['that is a receipt', accessKey(), { receipt: { receiptId: '1' }, proof: {} }],
    ['under the names of the entry', APP, { id: 'a', secret: 'b', url: 'https://old' }],
    [
      'under those, without the grant',
      mapped(authSecret(), { permission: 'PermissionId', secret: 'AuthSecret' }),
      { secret: 'b' },
    ],
    [
      'besides what the entry lets go',
      dropping(outboundRecipient(), 'note'),
      { client_id: 'a', client_secret: 'b', note: 1 },
    ],
  ])('%s', (_what, credential, value) => {
    expect(found(credential, value)).toBeUndefined();
  });
});

describe('a value does not fit, in names of fields', () => {
  test.each<[string, Credential, unknown, string]>([
    [
      'that has other names',
      outboundRecipient(),
      { user: 'a', password: 'b' },
      'a rotation would lose user password - the value lacks client_id client_secret',
    ],
    [
      'that has one more',
      outboundRecipient(),
      { client_id: 'a', client_secret: 'b', tokenUrl: 'x' },
      'a rotation would lose tokenUrl',
    ],
    ['that has one less', APP, { id: 'a', secret: 'b' }, 'the value lacks url'],
    ['that is a receipt under another name', accessKey(), { receiptId: '1' }, 'a rotation would lose receiptId'],
    ['that is a text', outboundRecipient(), 'hunter2', 'the value is no JSON object'],
    ['that is a list', outboundRecipient(), ['hunter2'], 'the value is no JSON object'],
  ])('%s', (_what, credential, value, expected) => {
    expect(found(credential, value)).toContain(expected);
  });

  test('but no name that may be a secret, and no value', () => {
    const said = found(outboundRecipient(), { [`k${'x'.repeat(60)}`]: 'hunter2', 'a"b': 'hunter2' });
    expect(said).toContain('a rotation would lose a-name-not-shown a-name-not-shown');
    expect(said).not.toMatch(/hunter2|xxxx/);
  });

  test('a text that is not JSON at all', () => {
    expect(misfit(outboundRecipient(), new Sensitive('hunter2'))).toBe('the value is no JSON object');
  });
});

test('what was found holds for AWSCURRENT, and for what the entry said then', () => {
  const credential = outboundRecipient();
  const tags = tag.unmapped(FOREIGN, mappingFingerprint(credential), 'a rotation would lose user');
  const seen = observed(credential, { current: FOREIGN, tags });
  expect(unmapped(credential, seen)).toEqual({ why: 'a rotation would lose user', outdated: false });
  expect(unmapped(APP, seen)).toMatchObject({ outdated: true });
  expect(unmapped(dropping(credential, 'user'), seen)).toMatchObject({ outdated: true });
  expect(unmapped(credential, observed(credential, { current: 'x'.repeat(32), tags }))).toBeUndefined();
});
