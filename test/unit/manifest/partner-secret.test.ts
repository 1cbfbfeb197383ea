import { load, manifestOf, PROVIDERS, partnerSecret, problemsOf, removeFolders } from './manifest-files';

afterAll(removeFolders);

const DAY_MS = 86_400_000;

test('is of the account that it names, and stored where that account looks for it', async () => {
  const { credentials } = await load(manifestOf(partnerSecret()));
  expect(credentials).toMatchObject([
    {
      kind: 'finicity-partner-secret',
      secretName: 'own/mc',
      subject: 'finicity/123',
      length: 32,
      value: { fields: { partner: 'partnerSecret' }, constants: {} },
      policy: { rotateEveryMs: 180 * DAY_MS, graceMs: 30 * DAY_MS, revokeAfter: 'grace', create: false },
    },
  ]);
});

test('an entry may add constants, and choose the length', async () => {
  const value = { fields: { partner: 'partnerSecret' }, constants: { partnerId: '123' } };
  const { credentials } = await load(manifestOf(partnerSecret({ value, secretLength: 255 })));
  expect(credentials).toMatchObject([{ value, length: 255 }]);
});

test('its grace is that of the vendor, whatever stands for all kinds', async () => {
  const { credentials } = await load(
    `${manifestOf(partnerSecret())}defaults: { grace: 1h, revokeAfter: confirmation }\n`,
  );
  expect(credentials).toMatchObject([{ policy: { graceMs: 30 * DAY_MS, revokeAfter: 'grace' } }]);
});

describe('an entry', () => {
  test.each([
    [
      'that names another secret than its account',
      { secret: 's/other' },
      'secret: "s/other" is not where account mc has its partner secret: write "own/mc", or name another account',
    ],
    [
      'with a grace of its own',
      { grace: '7d' },
      'grace: belongs to flinks-outbound-recipient, flinks-auth-secret, finicity-access-key, finout-api-token, not to finicity-partner-secret: remove it',
    ],
    ['that ends the grace by message', { revokeAfter: 'confirmation' }, 'revokeAfter: belongs to'],
    [
      'that rotates within the grace of the vendor',
      { rotateEvery: '20d' },
      'rotateEvery: rotateEvery (20d) is not longer than the grace of the vendor, 30d, and no rotation begins within it: write more than 30d',
    ],
    ['with a secret too short', { secretLength: 11 }, 'secretLength: '],
    ['with a secret too long', { secretLength: 256 }, 'secretLength: '],
    [
      'that stores it where nobody looks',
      { value: { fields: { secret: 'partnerSecret' } } },
      'value.fields: must store partnerSecret as "partner", where account mc looks for it: write { partner: partnerSecret }',
    ],
    [
      'that leaves it out',
      { value: { fields: {} } },
      'value.fields: leaves out partnerSecret, the secret itself: add a name for it',
    ],
    [
      'of an account elsewhere',
      { account: 'out' },
      'account: "out" is an account at flinks-outbound, and a finicity-partner-secret needs one at finicity: name another',
    ],
    ['that is retired', { state: 'retired' }, 'state: would end the secret by which account mc logs in: remove it'],
    ['with parameters of another kind', { customerId: '1' }, 'customerId: belongs to finicity-access-key'],
  ])('%s is refused', async (_, fields, problem) => {
    expect(await problemsOf(manifestOf(partnerSecret(fields)))).toContainEqual(expect.stringContaining(problem));
  });
});

test('two entries for one partner are refused', async () => {
  expect(await problemsOf(manifestOf(partnerSecret(), partnerSecret({ id: 'again' })))).toEqual([
    expect.stringContaining('secret: the secret "own/mc" is that of another entry too'),
  ]);
});

const TWO =
  '  two: { vendor: finicity, appKey: { env: APP_KEY }, partnerId: "9", partnerSecret: { secret: own/mc, key: two } }\n';

test.each([
  [
    'its app key',
    PROVIDERS.replace('appKey: { env: APP_KEY }', 'appKey: { secret: own/mc, key: app }'),
    'appKey of account mc',
  ],
  ["another partner's secret", `${PROVIDERS}${TWO}`, 'partnerSecret of account two'],
])('a secret that holds %s besides is refused: a rotation would drop it', async (_, providers, what) => {
  const problems = await problemsOf(manifestOf(partnerSecret()).replace(PROVIDERS, providers));
  expect(problems).toEqual([expect.stringContaining(`secret: "own/mc" holds ${what} as well`)]);
});

test('two accounts of one partner share it, and one entry rotates it for both', async () => {
  const two =
    '  two: { vendor: finicity, partnerId: "123", appKey: { env: APP_KEY }, partnerSecret: { secret: own/mc, key: partner } }\n';
  expect(await problemsOf(manifestOf(partnerSecret()).replace(PROVIDERS, `${PROVIDERS}${two}`))).toEqual([]);
});

test('a field with a dot in its name cannot be written', async () => {
  const dotted = manifestOf(partnerSecret()).replace('key: partner }', 'key: a.b }');
  expect(await problemsOf(dotted)).toEqual([expect.stringContaining('account: has its partner secret under "a.b"')]);
});
