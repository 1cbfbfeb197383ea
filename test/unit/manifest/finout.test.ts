// Entries and accounts of Finout.

import { load, problemsOf, removeFolders, token } from './manifest-files';

afterAll(removeFolders);

const DAY = 86_400_000;

const manifest = (entries: readonly string[], account = '{ vendor: finout }', before = ''): string =>
  `providers:\n  fo: ${account}\n${before}credentials:\n${entries.map((text) => `  - ${text}\n`).join('')}`;

it('an account needs nothing, and is asked one thing at a time', async () => {
  const { accounts } = await load(manifest([token()]));
  expect([...accounts.values()]).toEqual([
    {
      ...{ name: 'fo', vendor: 'finout', baseUrl: 'https://app.finout.io', timeoutMs: 20_000 },
      ...{ pauseAfter: 5, pauseForMs: 60_000 },
      limits: { callsPerSecond: 5, concurrency: 1 },
    },
  ]);
});

it('a token has its name in the portal, a year, and a reminder a month before its end', async () => {
  const { credentials } = await load(manifest([token()]));
  expect(credentials).toMatchObject([
    {
      ...{ kind: 'finout-api-token', tokenName: 'Cost reports', subject: 'finout/fo/Cost reports' },
      policy: { rotateEveryMs: 365 * DAY, renewBeforeMs: 30 * DAY, graceMs: DAY },
    },
  ]);
});

it('the nearest word about the reminder wins', async () => {
  const defaults = 'defaults: { remindBefore: 20d, finout-api-token: { remindBefore: 10d } }\n';
  const own = token({ id: 'b', secret: 'b', tokenName: 'B', remindBefore: '5d' });
  const { credentials } = await load(manifest([token(), own], undefined, defaults));
  expect(credentials.map(({ policy }) => policy.renewBeforeMs)).toEqual([10 * DAY, 5 * DAY]);
});

it.each<[string, string, string]>([
  [
    'more than one call at a time',
    manifest([token()], '{ vendor: finout, limits: { concurrency: 2 } }'),
    'rotation.yaml:2: providers.fo.limits.concurrency: is always 1 at Finout, which is asked one thing at a time: write 1, or remove it',
  ],
  [
    "a credential of the worker's own",
    manifest([token()], '{ vendor: finout, clientId: abc }'),
    'rotation.yaml:2: providers.fo.clientId: is not known here',
  ],
  [
    'an entry without the name of its token',
    manifest([token({ tokenName: undefined })]),
    'rotation.yaml:4: credentials[0].tokenName: is missing',
  ],
  [
    'a name with blanks around it',
    manifest([token({ tokenName: ' prod' })]),
    'rotation.yaml:4: credentials[0].tokenName: " prod" cannot be the name of a token: write 1 to 128 characters',
  ],
  [
    'two entries for one token',
    manifest([token(), token({ id: 'b', secret: 'b' })]),
    'rotation.yaml:5: credentials[1].tokenName: the token "Cost reports" is that of another entry too, at rotation.yaml:4',
  ],
  [
    'a field of another kind',
    manifest([token({ renewBefore: '1d' })]),
    'rotation.yaml:4: credentials[0].renewBefore: belongs to finicity-access-key, not to finout-api-token: remove it',
  ],
  [
    'a mapping that leaves the client id out',
    manifest([token({ value: { fields: { key: 'secretKey' } } })]),
    'rotation.yaml:4: credentials[0].value.fields: leaves out clientId, without which the secret key opens nothing: add a name for it',
  ],
  [
    'a mapping of what no token has',
    manifest([token({ value: { fields: { a: 'clientId', b: 'secretKey', c: 'secret' } } })]),
    'rotation.yaml:4: credentials[0].value.fields.c: "secret" is no field',
  ],
])('refuses %s', async (_, text, problem) => {
  expect(await problemsOf(text)).toEqual([expect.stringContaining(problem)]);
});

it('two accounts may have tokens of one name: nothing says that they are one', async () => {
  const other = token({ id: 'b', secret: 'b', account: 'fo2' });
  const text = manifest([token(), other], '{ vendor: finout }\n  fo2: { vendor: finout }');
  expect(await problemsOf(text)).toEqual([]);
});
