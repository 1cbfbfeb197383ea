import { type Sandbox, startSandbox } from '../sandbox/start';
import { audit } from '../support/audit';
import { type Company, foundCompany } from '../support/company';
import { temporaryFolder } from '../support/temporary-folder';

// The kinds whose values no vendor issues: a Finout token, and the Finicity partner secret.

let sandbox: Sandbox;
let company: Company;
let tokenSecret: string;

beforeEach(async () => {
  sandbox = await startSandbox();
  company = foundCompany(sandbox, temporaryFolder(), { perKind: 0, tokens: 1, partnerSecret: true });
  tokenSecret = company.tokens[0]?.secret ?? '';
  const SecretString = JSON.stringify(generated());
  sandbox.secretsManager.store.CreateSecret({ Name: tokenSecret, SecretString, ClientRequestToken: FIRST });
});
afterEach(() => sandbox.stop());

const FIRST = 'a'.repeat(32);
const SECOND = 'b'.repeat(32);

/** As a person generates it in the Admin Portal. */
function generated(): { readonly clientId: string; readonly secretKey: string } {
  const { clientId, secretKey } = sandbox.control.adminPortal.generate({ name: company.tokens[0]?.subject ?? '' });
  return { clientId, secretKey };
}

function put(SecretId: string, value: object): void {
  const SecretString = JSON.stringify(value);
  sandbox.secretsManager.store.PutSecretValue({ SecretId, SecretString, ClientRequestToken: SECOND });
}

const tagged = (Key: string, Value: string): void =>
  void sandbox.secretsManager.store.TagResource({ SecretId: tokenSecret, Tags: [{ Key, Value }] });

test('a token and the partner secret that work are counted by their kinds', () => {
  expect(audit(sandbox, company)).toMatchObject({
    ...{ credentials: 2, working: 2, kinds: ['finicity-partner-secret', 'finout-api-token'], violations: [] },
  });
});

test('a replaced token that lives is a violation unless it is listed; deleted it is dead', () => {
  const [old] = sandbox.control.grants({ kind: 'finout-api-token' });
  put(tokenSecret, generated());
  tagged('rotation:revoked', FIRST);
  expect(audit(sandbox, company).violations).toEqual(['token-aaaa: 1 live grants that nobody holds, 0 suspected']);
  tagged(`rotation:unrevoked:${FIRST}`, 'a person has to delete it');
  expect(audit(sandbox, company)).toMatchObject({ listed: 1, dead: 0, violations: [] });
  sandbox.secretsManager.store.UntagResource({ SecretId: tokenSecret, TagKeys: [`rotation:unrevoked:${FIRST}`] });
  sandbox.control.adminPortal.delete(old?.grantId ?? '');
  expect(audit(sandbox, company)).toMatchObject({ listed: 0, dead: 1, violations: [] });
});

test('a partner secret that is in force and that nobody holds is a violation', () => {
  const secret = company.credentials[0]?.secret ?? '';
  for (const [n, partnerSecret] of ['Another1', 'And2another'].entries())
    sandbox.secretsManager.store.PutSecretValue({
      SecretId: secret,
      SecretString: JSON.stringify({ partnerSecret }),
      ClientRequestToken: `${n}`.repeat(32),
    });
  expect(audit(sandbox, company).violations).toEqual([
    'partner-secret: AWSCURRENT does not work',
    'partner-secret: 1 live grants that nobody holds, 0 suspected',
  ]);
});
