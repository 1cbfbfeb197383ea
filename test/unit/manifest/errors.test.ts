// Every error that a manifest can have: file, line, path, what is wrong, how to mend it.

import { valueAged } from '../../support/observations';
import { accessKey, manifestOf, PROVIDERS, partner, problemsOf, recipient, removeFolders } from './manifest-files';

afterAll(removeFolders);

const UUID = '9d1e8b0a-0000-4000-8000-00000000000a';
const THEIRS = '11111111-2222-3333-4444-555555555555';
const OURS = valueAged(0);

/** The one problem of a manifest. */
async function problemOf(text: string): Promise<string> {
  const problems = await problemsOf(text);
  expect(problems).toHaveLength(1);
  return problems[0] ?? '';
}

describe('two entries', () => {
  it.each([
    ['one id', [recipient(), partner({ id: 'app' })], 'id', 'id "app"'],
    ['one secret', [recipient(), partner({ secret: 's/app' })], 'secret', 'secret "s/app"'],
    ['one recipient', [recipient(), recipient({ id: 'b', secret: 'b' })], 'clientId', 'recipient "dc-app"'],
    ['one partner', [partner(), partner({ id: 'b', secret: 'b' })], 'partnerName', 'partner "Acme"'],
    [
      'partners that differ in case only',
      [partner(), partner({ id: 'b', secret: 'b', partnerName: 'ACME' })],
      ...(['partnerName', 'partner "ACME"'] as const),
    ],
    [
      'one customer and third party',
      [accessKey(), accessKey({ id: 'b', secret: 'b' })],
      ...(['customerId', 'customer "1005" with third party "999"'] as const),
    ],
  ])('on %s are refused, with the places of both', async (_, entries, field, what) => {
    expect(await problemOf(manifestOf(...entries))).toBe(
      `rotation.yaml:7: credentials[1].${field}: the ${what} is that of another entry too, at rotation.yaml:6: change or remove one`,
    );
  });

  it('collide at the vendor whatever name their accounts have here', async () => {
    const second = PROVIDERS.replace('providers:\n', '').replace(/^ {2}(out|sharing|mc):/gm, '  $1-two:');
    const problems = await problemsOf(
      `${PROVIDERS}${second}credentials:\n${[
        ...[recipient(), recipient({ id: 'b', secret: 'b', account: 'out-two' })],
        ...[partner(), partner({ id: 'd', secret: 'd', account: 'sharing-two' })],
        ...[accessKey(), accessKey({ id: 'f', secret: 'f', account: 'mc-two' })],
      ]
        .map((text) => `  - ${text}\n`)
        .join('')}`,
    );
    expect(problems.map((text) => text.split(' ')[1])).toEqual([
      'credentials[1].clientId:',
      'credentials[3].partnerName:',
      'credentials[5].customerId:',
    ]);
  });

  it('may name equal ids at different environments', async () => {
    const other =
      '  other: { vendor: flinks-data-sharing, instance: live, customerId: { env: B }, apiSecret: { env: C } }\n';
    const entries = `  - ${partner()}\n  - ${partner({ id: 'b', secret: 'b', account: 'other' })}\n`;
    expect(await problemsOf(`${PROVIDERS}${other}credentials:\n${entries}`)).toEqual([]);
  });
});

describe('an entry', () => {
  it.each([
    [
      'an unknown kind',
      recipient({ kind: 'flinks-outbound-recipent' }),
      'kind: "flinks-outbound-recipent" is not known; did you mean "flinks-outbound-recipient"?',
    ],
    [
      'no kind',
      recipient({ kind: undefined }),
      'kind: is missing: write one of flinks-outbound-recipient, flinks-auth-secret, finicity-access-key',
    ],
    [
      'an unknown account',
      partner({ account: 'sharin' }),
      'account: "sharin" is no account under providers; did you mean "sharing"?',
    ],
    [
      'an account at another vendor',
      partner({ account: 'out' }),
      'account: "out" is an account at flinks-outbound, and a flinks-auth-secret needs one at flinks-data-sharing: name another',
    ],
    ['no id', recipient({ id: undefined }), 'id: is missing: write a name for the credential'],
    [
      'an id with a blank',
      recipient({ id: 'my app' }),
      'id: "my app" cannot be used: write a name for the credential: 1 to 128 letters, digits and . _ / @ + = -',
    ],
    ['an id with a line break', recipient({ id: 'a\nb' }), 'id: "a\\nb" cannot be used'],
    ['an id that is read as a number', recipient({ id: 12 }), 'id: 12 is read as a number: put it in quotes'],
    ['no client id', recipient({ clientId: undefined }), "clientId: is missing: write the vendor's id"],
    [
      "the partner's own client id",
      recipient({ clientId: 'dc-own' }),
      `clientId: "dc-own" is the partner's own client id (account out)`,
    ],
    ['a client id that would change a path', recipient({ clientId: '../x' }), 'clientId: "../x" cannot be used'],
    [
      'a partner name of two letters',
      partner({ partnerName: 'Ab' }),
      'partnerName: "Ab" is shorter than 3 characters, which Flinks refuses',
    ],
    [
      'a partner name with a digit',
      partner({ partnerName: 'acme2' }),
      'partnerName: "acme2" holds digits, which Flinks refuses',
    ],
    ['an Arabic digit in the name', partner({ partnerName: 'acme٣' }), 'partnerName: "acme٣" holds digits'],
    [
      'a partner named enable',
      partner({ partnerName: 'Enable' }),
      `partnerName: "Enable" is the name of an operation in Flinks' API`,
    ],
    [
      'a partner named disable',
      partner({ partnerName: 'DISABLE' }),
      `partnerName: "DISABLE" is the name of an operation in Flinks' API`,
    ],
    [
      'a partner name that ends with a blank',
      partner({ partnerName: 'Acme ' }),
      'partnerName: "Acme " begins or ends with a blank',
    ],
    [
      'an unknown state',
      recipient({ state: 'retire' }),
      'state: "retire" is not known; did you mean "retired"? Write one of active, retired',
    ],
    [
      'the deletion of a secret in use',
      recipient({ deleteSecret: true }),
      'deleteSecret: deletes the secret of a credential that is retired: write state: retired as well, or remove it',
    ],
    [
      'an adoption in words',
      recipient({ adopt: 'yes' }),
      'adopt: write true, or { grants: { VERSION-ID: GRANT-ID }, drops: [NAME] }',
    ],
    ['an unknown word of adoption', recipient({ adopt: { grant: 'x' } }), 'adopt.grant: is not known here'],
    [
      'the grant of a kind that has none',
      recipient({ adopt: { grants: { [THEIRS]: 'x' } } }),
      'adopt.grants: names grants, and nothing of a flinks-outbound-recipient is revoked by one: remove it',
    ],
    [
      'the grant of something that is no version',
      partner({ adopt: { grants: { v1: UUID } } }),
      'adopt.grants.v1: is no id of a version: write one of 32 to 64 characters',
    ],
    [
      'the grant of a version of ours',
      partner({ adopt: { grants: { [OURS]: UUID } } }),
      `adopt.grants.${OURS}: is a version that the worker wrote, and its value holds its grant: remove it`,
    ],
    [
      'a PermissionId that is none',
      partner({ adopt: { grants: { [THEIRS]: '4711' } } }),
      `adopt.grants.${THEIRS}: is no UUID, as every PermissionId is: copy it`,
    ],
    [
      'a receipt id that is read as a number',
      accessKey({ adopt: { grants: { [THEIRS]: 12 } } }),
      `adopt.grants.${THEIRS}: 12 is read as a number: put it in quotes`,
    ],
    [
      'the end of unused grants of a kind that has none',
      recipient({ revokeUnusedAfter: '30d' }),
      'revokeUnusedAfter: belongs to flinks-auth-secret, finicity-access-key, not to flinks-outbound-recipient: remove it',
    ],
    ['no products', accessKey({ products: [] }), 'products: is empty: write at least one'],
    ['a product without an account', accessKey({ products: [{ product: 'x' }] }), 'products[0].accountId: is missing'],
    [
      'a budget of half a call',
      accessKey({ products: [{ product: 'x', accountId: '1', maxCalls: 0.5 }] }),
      'products[0].maxCalls: is 0.5: write a whole number',
    ],
    [
      'a budget of no call',
      accessKey({ products: [{ product: 'x', accountId: '1', maxCalls: 0 }] }),
      'products[0].maxCalls: 0 is too small: write at least 1',
    ],
    [
      'a misspelt field',
      recipient({ rotateEvry: '30d' }),
      'rotateEvry: is not known here; did you mean "rotateEvery"?',
    ],
    ['an unknown field', recipient({ colour: 'red' }), 'colour: is not known here; rotation.schema.json lists what is'],
    [
      'a field of another kind',
      partner({ validity: '90d' }),
      'validity: belongs to finicity-access-key, not to flinks-auth-secret: remove it',
    ],
    [
      'an unknown field in a product',
      accessKey({ products: [{ product: 'x', accountId: '1', accessPeriod: {} }] }),
      'products[0].accessPeriod: is not known here; known are product, accountId, maxCalls, payorId',
    ],
    [
      'a secret named by its ARN',
      recipient({ secret: 'arn:aws:secretsmanager:ca-central-1:1:secret:x' }),
      'cannot be used: write the name of the secret in Secrets Manager (not its ARN)',
    ],
    [
      'a secret that looks like the end of an ARN',
      recipient({ secret: 'prod/app-secret' }),
      'secret: "prod/app-secret" ends with a hyphen and six characters',
    ],
    [
      "the worker's own secret",
      recipient({ secret: 'own/mc' }),
      `secret: "own/mc" holds a credential of the worker's own (account mc)`,
    ],
    [
      "a tag of the worker's",
      recipient({ tags: { 'rotation:credential': 'x' } }),
      `"rotation:credential" begins like the worker's own tags`,
    ],
    [
      "a tag of AWS's",
      recipient({ tags: { 'aws:x': 'x' } }),
      `"aws:x" begins like the worker's own tags (rotation:) or those of AWS (aws:): rename it`,
    ],
    ['a tag that is a number', recipient({ tags: { n: 1 } }), 'tags.n: 1 is read as a number: put it in quotes'],
    [
      'too many tags',
      recipient({ tags: Object.fromEntries(Array.from({ length: 31 }, (_, i) => [`t${i}`, ''])) }),
      'tags: are more than 30',
    ],
  ])('with %s is refused', async (_, entry, problem) => {
    const text = await problemOf(manifestOf(entry));
    expect(text).toContain(problem);
    expect(text).toMatch(/^rotation.yaml:6: credentials\[0\]/);
  });

  it('that is no map is refused', async () => {
    expect(await problemOf(manifestOf('hello'))).toBe(
      'rotation.yaml:6: credentials[0]: is "hello": write a map of names and values',
    );
  });

  it('has a line for each of its fields', async () => {
    const problems = await problemsOf(
      `${PROVIDERS}credentials:
  - id: app
    kind: flinks-outbound-recipient
    account: out
    secret: s/app
    clientId: "no good"
    window:
      zone: Mars/Olympus
      from: "25:00"
      to: "04:00"
      days: [monday]
`,
    );
    expect(problems).toEqual([
      expect.stringMatching(/^rotation.yaml:10: credentials\[0\].clientId: "no good" cannot be used/),
      'rotation.yaml:12: credentials[0].window.zone: "Mars/Olympus" is not a time zone: write an IANA name like America/Toronto, or UTC',
      'rotation.yaml:13: credentials[0].window.from: "25:00" is no time of day: write "22:00"',
      expect.stringMatching(
        /^rotation.yaml:15: credentials\[0\].window.days\[0\]: "monday" is not known: write one of mon, tue/,
      ),
    ]);
  });
});

describe('the value of an entry', () => {
  it.each([
    [
      'leaves the secret out',
      recipient,
      { fields: { id: 'client_id' } },
      'value.fields: leaves out client_secret, the secret itself: add a name for it',
    ],
    [
      'leaves the grant id out',
      partner,
      { fields: { s: 'AuthSecret' } },
      'value.fields: leaves out PermissionId, without which the grant can never be revoked',
    ],
    [
      'leaves the receipt id out',
      accessKey,
      { fields: { p: 'proof', v: 'receipt.version' } },
      'value.fields: leaves out receipt.receiptId',
    ],
    [
      'names no field of the answer',
      recipient,
      { fields: { s: 'client_secret', i: 'clientid' } },
      'value.fields.i: "clientid" is no field of the vendor\'s answer; did you mean "client_id"?',
    ],
    [
      'has a constant in the place of a field',
      recipient,
      { fields: { s: 'client_secret' }, constants: { s: 'x' } },
      'value.constants.s: "s" is also a name under fields: rename one of them',
    ],
    [
      'has a dot in a name',
      recipient,
      { fields: { 'a.b': 'client_secret' } },
      'value.fields.a.b: "a.b" cannot be a name',
    ],
    [
      'has a map for a constant',
      recipient,
      { fields: { s: 'client_secret' }, constants: { x: {} } },
      'value.constants.x: write a text, a number, true or false',
    ],
    ['is empty', recipient, {}, 'value.fields: is missing'],
  ])('is refused when it %s', async (_, entry, value, problem) => {
    expect(await problemOf(manifestOf(entry({ value })))).toContain(problem);
  });

  it('may store the whole receipt, with the grant id inside', async () => {
    expect(await problemsOf(manifestOf(accessKey({ value: { fields: { key: 'receipt' } } })))).toEqual([]);
  });
});

describe('a policy', () => {
  it.each([
    [
      'a duration without a unit',
      partner({ rotateEvery: 30 }),
      'rotateEvery: 30 is not a duration: write a whole number and one of s, m, h, d, w, like 30d, 36h or 90s',
    ],
    ['a duration in words', partner({ rotateEvery: '30 days' }), 'rotateEvery: "30 days" is not a duration'],
    [
      'a duration out of bounds',
      partner({ grace: '52w', retryAfter: ['8d'] }),
      'retryAfter[0]: 8d is too long: at most 7d',
    ],
    [
      'validity within rotateEvery and grace',
      accessKey({ validity: '61d' }),
      'validity: validity (61d) must be longer than rotateEvery (60d, the default) and grace (1d, the default) together, or grants end while they are in use: write more than 61d, or rotate more often',
    ],
    [
      'renewBefore as long as validity',
      accessKey({ renewBefore: '90d' }),
      'renewBefore: renewBefore (90d) is not shorter than validity (90d, the default), so that every value is due at once: write less',
    ],
    [
      'an unknown revokeAfter',
      partner({ revokeAfter: 'never' }),
      'revokeAfter: "never" is not known: write one of grace, confirmation',
    ],
    [
      'grace as long as rotateEvery',
      partner({ rotateEvery: '1d' }),
      'grace: grace (1d, the default) is not shorter than rotateEvery (1d), and no rotation begins while the value before is in grace: write less, or rotate less often',
    ],
    [
      'minInterval above rotateEvery',
      partner({ rotateEvery: '30m', grace: '1m' }),
      'minInterval: minInterval (1h, the default) is longer than rotateEvery (30m), so that every message would be refused: write at most 30m',
    ],
    [
      'revokeUnusedAfter that the rotations themselves never let come',
      partner({ revokeUnusedAfter: '25d' }), // 27 days at the earliest, less the grace and a day
      'revokeUnusedAfter: revokeUnusedAfter (25d) can never be reached: every rotation counts as use, and comes sooner: write less, or rotate less often',
    ],
    [
      'revokeUnusedAfter of days that a date without time cannot tell apart',
      partner({ revokeUnusedAfter: '6d' }),
      'revokeUnusedAfter: 6d is too short: at least 7d',
    ],
    [
      'an instant without a zone',
      partner({ suspendUntil: '2027-01-31T09:00:00' }),
      'suspendUntil: "2027-01-31T09:00:00" is no instant: write date, time and zone',
    ],
    [
      'a window of no length',
      partner({ window: { zone: 'UTC', from: '22:00', to: '22:00' } }),
      'window: begins and ends at the same time',
    ],
    ['a window that is a word', partner({ window: 'night' }), 'window: write { zone: America/Toronto'],
    ['a flag in quotes', partner({ create: 'yes' }), 'create: is "yes": write true or false'],
  ])('with %s is refused', async (_, entry, problem) => {
    const problems = await problemsOf(manifestOf(entry));
    expect(problems.join('\n')).toContain(problem);
    expect(problems.every((text) => text.startsWith('rotation.yaml:6: credentials[0].'))).toBe(true);
  });

  it.each([
    ['rotateEvery', partner({ rotateEvery: '28m', grace: '1m', minInterval: '1m', compromisedMinInterval: '28m' })],
    [
      'renewBefore',
      accessKey({ rotateEvery: '2h', grace: '1m', validity: '3h', renewBefore: '175m', minInterval: '1m' }),
    ],
  ])('whose %s is too short for the 100 versions that Secrets Manager keeps a day is refused', async (field, entry) => {
    const problems = await problemsOf(manifestOf(entry));
    const said = problems.find((text) => text.includes(`credentials[0].${field}: allows a rotation every`));
    expect(said).toContain('too often: write at least 28m48s');
    expect(said).toContain('or fastRotation: true if you mean it');
    expect(problems.some((text) => text.includes('minInterval: allows a rotation every 1m'))).toBe(true);
  });

  it('is told once where the defaults are at fault, however many entries share them', async () => {
    const entries = [1, 2, 3]
      .map((i) => `  - ${recipient({ id: `a${i}`, secret: `s${i}`, clientId: `c${i}` })}\n`)
      .join('');
    expect(await problemsOf(`${PROVIDERS}defaults: { grace: 40d }\ncredentials:\n${entries}`)).toHaveLength(1);
  });
});

describe('providers', () => {
  const withAccount = (account: string): string => `providers:\n  x: ${account}\n`;
  const out = (fields: string): string => withAccount(`{ vendor: flinks-outbound, clientId: dc-own, ${fields} }`);
  const mc = (fields: string): string => withAccount(`{ vendor: finicity, appKey: { env: A }, ${fields} }`);
  const ref = 'clientSecret: { env: A }';

  it.each([
    [
      'a literal secret',
      out('clientSecret: hunter2'),
      'clientSecret: is a literal; no secret stands in the manifest: put it into Secrets Manager and write { secret: name, key: field }, or into the environment and write { env: NAME }',
    ],
    ['a literal secret in digits', out('clientSecret: 4711'), 'clientSecret: is a literal'],
    [
      'a literal secret as the name of a variable',
      out('clientSecret: { env: hunter2 }'),
      'clientSecret.env: is not the name of an environment variable',
    ],
    [
      'a reference of neither sort',
      out('clientSecret: { value: hunter2 }'),
      'clientSecret: is no reference: write { env: NAME } or { secret: name, key: field }',
    ],
    [
      'a secret beside a reference',
      out('clientSecret: { env: A, hunter2 }'),
      'clientSecret: holds a field that is not known, and not shown, since it may be a secret: write { env: NAME } or',
    ],
    [
      'a secret as a field of a reference',
      mc('partnerId: "1", partnerSecret: { secret: a, key: b, hunter2: "" }'),
      'partnerSecret: holds a field that is not known, and not shown, since it may be a secret',
    ],
    ['a reference without its field', out('clientSecret: { secret: own/x }'), 'clientSecret'],
    [
      'no client secret',
      out('timeout: 5s'),
      'clientSecret: is missing: write { env: NAME } or { secret: name, key: field }',
    ],
    [
      'a partner secret from the environment',
      mc('partnerId: "1", partnerSecret: { env: SECRET }'),
      'partnerSecret: cannot come from the environment: it must be in Secrets Manager, where its login budget and its rotation live',
    ],
    ['a literal partner secret', mc('partnerId: "1", partnerSecret: hunter2'), 'partnerSecret: is a literal'],
    [
      'a partner secret that is nowhere',
      mc('partnerId: "1"'),
      'partnerSecret: is missing: write { secret: name, key: field }',
    ],
    [
      'a partner id without quotes',
      mc('partnerId: 123, partnerSecret: { secret: a, key: b }'),
      'partnerId: 123 is read as a number: put it in quotes',
    ],
    [
      'no instance',
      withAccount('{ vendor: flinks-data-sharing, customerId: { env: A }, apiSecret: { env: A } }'),
      'instance: is missing: write the instance that Flinks gave you',
    ],
    [
      'no instance, though a base URL',
      withAccount(
        '{ vendor: flinks-data-sharing, baseUrl: "http://localhost:1", customerId: { env: A }, apiSecret: { env: A } }',
      ),
      'instance: is missing',
    ],
    [
      'no customer id',
      withAccount('{ vendor: flinks-data-sharing, instance: x, apiSecret: { env: A } }'),
      'customerId: is missing: write { env: NAME }',
    ],
    [
      'a customer id in the open',
      withAccount('{ vendor: flinks-data-sharing, instance: x, customerId: hunter2, apiSecret: { env: A } }'),
      'customerId: is a literal',
    ],
    [
      'an unknown vendor',
      withAccount('{ vendor: finicty }'),
      'vendor: "finicty" is not known; did you mean "finicity"?',
    ],
    [
      'a URL in clear text',
      out(`${ref}, baseUrl: "http://example.com"`),
      'baseUrl: "http://example.com" would send secrets in clear text',
    ],
    [
      'a URL with a password',
      out(`${ref}, baseUrl: "https://me:hunter2@example.com"`),
      'baseUrl: holds a user or a password: remove them',
    ],
    ['a URL that is none', out(`${ref}, tokenUrl: example.com`), 'tokenUrl: is not a URL'],
    [
      'an unknown field',
      out(`${ref}, clientSecrt: hunter2`),
      'clientSecrt: is not known here; did you mean "clientSecret"?',
    ],
    ['an unknown limit', out(`${ref}, limits: { callsPerMinute: 1 }`), 'limits.callsPerMinute: is not known here'],
    [
      'a limit of nothing',
      out(`${ref}, limits: { concurrency: 0 }`),
      'limits.concurrency: 0 is too small: write at least 1',
    ],
    ['an endless timeout', out(`${ref}, timeout: 1h`), 'timeout: 1h is too long: at most 120s'],
    [
      'an unknown way to authenticate',
      out(`${ref}, clientAuthentication: both`),
      'clientAuthentication: "both" is not known; did you mean "body"? Write one of body, basic',
    ],
  ])('with %s are refused, and no secret is quoted', async (_, text, problem) => {
    const said = await problemOf(text);
    expect(said).toContain(`rotation.yaml:2: providers.x.${problem}`);
    expect(said).not.toMatch(/hunter2|4711/);
  });

  it('have names that can stand in the name of a queue', async () => {
    expect(
      await problemOf(
        'providers:\n  "a:b": { vendor: finicity, partnerId: "1", appKey: { env: A }, partnerSecret: { secret: a, key: b } }\n',
      ),
    ).toContain('rotation.yaml:2: providers.a:b: "a:b" cannot be used: write a name');
  });

  it('share one partner secret where they share a partner id', async () => {
    const second =
      '  mc-two: { vendor: finicity, partnerId: "123", appKey: { env: A }, partnerSecret: { secret: other, key: partner } }\n';
    expect(await problemOf(`${PROVIDERS}${second}`)).toMatch(
      /^rotation.yaml:5: providers.mc-two.partnerSecret: differs from that of account mc, .* name the same secret and key in both$/,
    );
  });

  it('are needed', async () => {
    expect(await problemOf('limits: {}\n')).toBe(
      'rotation.yaml:1: providers: is missing: write a map of the named accounts at the vendors',
    );
  });
});

describe('the rest of a manifest', () => {
  it.each([
    ['an unknown section', 'schedule: {}', 'schedule: is not known here; did you mean "schedules"?'],
    ['an unknown sweep', 'schedules: { reissue-tokens: {} }', 'schedules.reissue-tokens: is not known here'],
    [
      'a pattern that is none',
      'schedules: { reissue-expiring-tokens: { pattern: "every day" } }',
      'pattern: "every day" has not five fields, or six with seconds',
    ],
    [
      'a minute that does not exist',
      'schedules: { reissue-expiring-tokens: { pattern: "61 * * * *" } }',
      'pattern: "61 * * * *" is no cron pattern',
    ],
    [
      'a day that never comes',
      'schedules: { reissue-expiring-tokens: { pattern: "0 0 31 2 *" } }',
      'pattern: "0 0 31 2 *" is no cron pattern',
    ],
    [
      'a pattern that is drawn by lot',
      'schedules: { reissue-expiring-tokens: { pattern: "H * * * *" } }',
      'pattern: "H * * * *" holds H',
    ],
    [
      'an offset for a zone',
      'schedules: { reissue-expiring-tokens: { zone: "+05:00" } }',
      'zone: "+05:00" is not a time zone',
    ],
    ['a share above 1', 'limits: { createShare: 10 }', 'limits.createShare: 10 is too large: write at most 1'],
    ['a share below 0', 'limits: { lostShare: -0.1 }', 'limits.lostShare: -0.1 is too small: write at least 0'],
    ['a share in percent', 'limits: { revokeShare: 5% }', 'limits.revokeShare: is "5%": write a number'],
    ['half a revocation', 'limits: { revokeAtLeast: 0.5 }', 'limits.revokeAtLeast: is 0.5: write a whole number'],
    [
      'more writes than AWS allows',
      'limits: { secretsManagerWritesPerSecond: 100 }',
      'limits.secretsManagerWritesPerSecond: 100 is too large: write at most 50',
    ],
    [
      'a default that is none',
      'defaults: { rotateEvry: 30d }',
      'defaults.rotateEvry: is not known here; did you mean "rotateEvery"?',
    ],
    [
      'a default of the wrong kind',
      'defaults: { flinks-auth-secret: { validity: 30d } }',
      'defaults.flinks-auth-secret.validity: is not known here',
    ],
    ['an empty section', 'schedules:', 'schedules: is empty: write a map of names and values, or remove the line'],
    ['a glob that is no list', 'include: credentials/*.yaml', 'include: is "credentials/*.yaml": write a list'],
    ['entries by name', 'credentials: { app: {} }', 'credentials: is a map: write a list'],
  ])('is refused with %s', async (_, section, problem) => {
    const text = await problemOf(`${PROVIDERS}${section}\n`);
    expect(text).toContain(problem);
    expect(text).toMatch(/^rotation.yaml:5: /);
  });
});

it('ten different errors are told at once, from top to bottom and file by file', async () => {
  const problems = await problemsOf({
    'rotation.yaml': `providers:
  out: { vendor: flinks-outbound, clientId: dc-own, clientSecret: hunter2 }
  sharing: { vendor: flinks-data-sharing, instance: toolbox, customerId: { env: C }, apiSecret: { env: D } }
schedules: { reissue-expiring-tokens: { pattern: "* *" } }
limits: { createShare: 2 }
include: [more/*.yaml, none/*.yaml]
credentials:
  - ${recipient({ id: 'bad id' })}
  - ${partner({ partnerName: 'a1', rotateEvery: 'soon' })}
`,
    'more/a.yaml': `credentials:\n  - ${partner({ id: 'x', account: 'nowhere' })}\n  - ${recipient({ id: 'x', clientId: 'b', secret: 'b', colour: 1 })}\n`,
  });
  expect(problems.map((text) => text.split(' ').slice(0, 2).join(' '))).toEqual([
    'rotation.yaml:2: providers.out.clientSecret:',
    'rotation.yaml:4: schedules.reissue-expiring-tokens.pattern:',
    'rotation.yaml:5: limits.createShare:',
    'rotation.yaml:6: include[1]:',
    'rotation.yaml:8: credentials[0].id:',
    'rotation.yaml:9: credentials[1].partnerName:',
    'rotation.yaml:9: credentials[1].rotateEvery:',
    'more/a.yaml:2: credentials[0].account:',
    'more/a.yaml:2: credentials[0].secret:',
    'more/a.yaml:3: credentials[1].colour:',
    'more/a.yaml:3: credentials[1].id:',
  ]);
});
