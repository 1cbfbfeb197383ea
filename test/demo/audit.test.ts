import { type Sandbox, startSandbox } from '../sandbox/start';
import { audit } from '../support/audit';
import { type Company, foundCompany } from '../support/company';
import { temporaryFolder } from '../support/temporary-folder';

const THIRD_PARTY = '1234599999999';
const CURRENT_VERSION = 'a'.repeat(32);
const HOUR_MS = 3_600_000;

let sandbox: Sandbox;
let company: Company;

beforeEach(async () => {
  sandbox = await startSandbox();
  company = foundCompany(sandbox, temporaryFolder(), { perKind: 1 });
  atRest();
});
afterEach(() => sandbox.stop());

const secretOf = (kind: string): string => company.credentials.find((one) => one.kind === kind)?.secret ?? '';

/** As the worker leaves it: each secret holds, verbatim, what its vendor answered. */
function atRest(): void {
  const [recipient] = sandbox.control.recipients();
  const [authSecret] = sandbox.control.seed({ flinksDataSharing: { authSecrets: [{ partner: 'partner aaaa' }] } })
    .flinksDataSharing.authSecrets;
  put('flinks-outbound-recipient', { client_id: recipient?.clientId, client_secret: recipient?.secrets[0] });
  put('flinks-auth-secret', { PermissionId: authSecret?.permissionId, AuthSecret: authSecret?.authSecret });
  put('finicity-access-key', accessKey('1005000000'));
}

/** A live access key, as Finicity would have answered it. */
function accessKey(customerId: string, endsInMs = 30 * 24 * HOUR_MS): object {
  const receipts = [{ customerId, thirdPartyPartnerId: THIRD_PARTY, endsInMs }];
  const [key] = sandbox.control.seed({ finicity: { receipts } }).finicity.receipts;
  if (key === undefined) throw new Error('not seeded');
  return key;
}

function put(kind: string, value: object): void {
  sandbox.secretsManager.store.CreateSecret({
    Name: secretOf(kind),
    SecretString: JSON.stringify(value),
    ClientRequestToken: CURRENT_VERSION,
  });
}

function tagged(Key: string, Value: string): void {
  sandbox.secretsManager.store.TagResource({
    SecretId: secretOf('finicity-access-key'),
    Tags: [{ Key, Value }],
  });
}

test('the audit holds where every secret holds what works, and nothing else lives', () => {
  expect(audit(sandbox, company)).toMatchObject({
    credentials: 3,
    working: 3,
    inGrace: 0,
    suspects: 0,
    violations: [],
  });
});

test('a live grant that nobody holds is a violation', () => {
  accessKey('1005000000');
  expect(audit(sandbox, company).violations).toEqual(['key-aaaa: 1 live grants that nobody holds, 0 suspected']);
});

test('a live grant that is listed as a suspected orphan is counted, and is none', () => {
  accessKey('1005000000');
  tagged('rotation:suspected-orphan:0192', 'never');
  expect(audit(sandbox, company)).toMatchObject({ suspects: 1, orphans: 1, violations: [] });
});

test('a suspect of one credential excuses no grant of another', () => {
  tagged('rotation:suspected-orphan:0192', 'never');
  sandbox.control.seed({ flinksDataSharing: { authSecrets: [{ partner: 'partner aaaa' }] } });
  expect(audit(sandbox, company).violations).toEqual(['partner-aaaa: 1 live grants that nobody holds, 0 suspected']);
});

test('a grant of no credential is a violation', () => {
  accessKey('1005000999');
  expect(audit(sandbox, company).violations).toEqual([
    'finicity-access-key of 1005000999/1234599999999: a grant that nobody asked for',
  ]);
});

test('an AWSCURRENT that does not work is a violation', () => {
  sandbox.control.advanceClock(31 * 24 * HOUR_MS);
  const found = audit(sandbox, company);
  expect(found.working).toBe(2);
  expect(found.violations).toEqual(['key-aaaa: AWSCURRENT does not work']);
});

test('a replaced grant that lives is in grace until it is settled, and then a violation', () => {
  const SecretId = secretOf('finicity-access-key');
  const next = JSON.stringify(accessKey('1005000000'));
  const VersionId = 'b'.repeat(32);
  sandbox.secretsManager.store.PutSecretValue({ SecretId, SecretString: next, ClientRequestToken: VersionId });
  expect(audit(sandbox, company)).toMatchObject({ inGrace: 1, violations: [] });
  tagged('rotation:revoked', CURRENT_VERSION);
  expect(audit(sandbox, company).violations).toEqual(['key-aaaa: 1 live grants that nobody holds, 0 suspected']);
});

test('what is retired counts apart: as ended when its grants are dead, and before that they are a violation', () => {
  company.edit((manifest) => {
    manifest.credentials = manifest.credentials.map((entry) =>
      entry.id === 'key-aaaa' ? { ...entry, state: 'retired' } : entry,
    );
  });
  const counts = { credentials: 2, working: 2, kinds: ['flinks-outbound-recipient', 'flinks-auth-secret'], retired: 1 };
  expect(audit(sandbox, company)).toMatchObject({
    ...{ ...counts, ended: 0 },
    violations: ['key-aaaa: 1 live grants that nobody holds, 0 suspected'],
  });
  sandbox.control.advanceClock(31 * 24 * HOUR_MS);
  expect(audit(sandbox, company)).toMatchObject({ ...counts, ended: 1, violations: [] });
});

test('a rotation that is unfinished and a block are violations', () => {
  const SecretId = secretOf('finicity-access-key');
  const pending = { SecretString: '{}', ClientRequestToken: 'c'.repeat(32), VersionStages: ['AWSPENDING'] };
  sandbox.secretsManager.store.PutSecretValue({ SecretId, ...pending });
  tagged('rotation:blocked', 'five attempts failed');
  expect(audit(sandbox, company).violations).toEqual([
    'key-aaaa: a rotation is unfinished',
    'key-aaaa: blocked: five attempts failed',
  ]);
});
