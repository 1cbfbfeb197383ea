import { credentialsNamed } from '../../../src/cli/credential-ids';
import { UsageError } from '../../../src/errors';
import type { Manifest } from '../../../src/manifest';
import { authSecret } from '../../support/credentials';

const IDS = ['sharing/acme', 'sharing/acme-test', 'sharing/dwolla', 'outbound/budget-app'];
const credentials = IDS.map((id) => authSecret(id));
const manifest = { byId: new Map(credentials.map((one) => [one.id, one])) } as unknown as Manifest;

function said(ids: readonly string[], secretly = false): string {
  try {
    credentialsNamed(manifest, ids, { secretly });
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return 'all are known';
}

test('each is found once, in the order given', () => {
  const found = credentialsNamed(manifest, ['sharing/dwolla', 'sharing/acme', 'sharing/dwolla']);
  expect(found.map(({ id }) => id)).toEqual(['sharing/dwolla', 'sharing/acme']);
});

test.each([
  ['acme', 'Did you mean sharing/acme, sharing/acme-test?'],
  ['ACME-TEST', 'Did you mean sharing/acme-test?'],
  ['sharing/acne', 'Did you mean sharing/acme?'],
  ['sharing/dolwla', 'Did you mean sharing/dwolla?'],
  ['xyz', 'rotator status lists them all.'],
  ['', 'rotator status lists them all.'],
])('of "%s" it says: %s', (typed, hint) => {
  expect(said([typed])).toBe(`There is no credential "${typed}" in the manifest. ${hint}`);
});

test('every unknown one is told, without control characters', () => {
  expect(said(['sharing/acme', 'one', 'two\u001b[31m']).split('\n')).toEqual([
    expect.stringContaining('"one"'),
    expect.stringContaining('"two[31m"'),
  ]);
});

test('where a value may stand in its place, what was typed is not repeated', () => {
  expect(said(['sharing/acme1'], true)).toBe(
    'There is no credential of that id in the manifest. Did you mean sharing/acme?',
  );
});
