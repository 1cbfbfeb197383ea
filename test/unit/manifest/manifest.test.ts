import { loadManifest } from '../../../src/manifest';
import { SWEEPS } from '../../../src/types';
import {
  accessKey,
  load,
  manifestOf,
  PROVIDERS,
  partner,
  problemsOf,
  recipient,
  removeFolders,
  written,
} from './manifest-files';

afterAll(removeFolders);

const DAY = 86_400_000;
const HOUR = 3_600_000;

describe('a manifest', () => {
  it('gives the credentials of its three kinds, in order and by id', async () => {
    const { credentials, byId } = await load(manifestOf(recipient(), partner(), accessKey()));
    expect(credentials).toMatchObject([
      { id: 'app', kind: 'flinks-outbound-recipient', account: 'out', secretName: 's/app', clientId: 'dc-app' },
      { id: 'acme', kind: 'flinks-auth-secret', partnerName: 'Acme', creation: { tags: {} } },
      { id: 'key', kind: 'finicity-access-key', products: [{ product: 'moneyTransferDetails', accountId: '5011' }] },
    ]);
    expect(byId.get('acme')).toBe(credentials[1]);
    expect(credentials.map(({ subject }) => subject)).toEqual([
      'flinks-outbound/out/dc-app',
      'flinks-data-sharing/sharing/Acme',
      'finicity/123/1005/999',
    ]);
  });

  it('gives the accounts, with the defaults of their vendors', async () => {
    const { accounts } = await load(manifestOf());
    const common = {
      ...{ timeoutMs: 20_000, limits: { callsPerSecond: 5, concurrency: 1 } },
      ...{ pauseAfter: 5, pauseForMs: 60_000 },
    };
    expect(Object.fromEntries(accounts)).toEqual({
      out: {
        ...{
          ...common,
          name: 'out',
          vendor: 'flinks-outbound',
          clientId: 'dc-own',
          clientSecret: { env: 'OUT_SECRET' },
        },
        baseUrl: 'https://ob.flinksapp.com',
        tokenUrl: 'https://ob.flinksapp.com/api/v1/token',
        clientAuthentication: 'body',
      },
      sharing: {
        ...{ ...common, name: 'sharing', vendor: 'flinks-data-sharing' },
        baseUrl: 'https://toolbox-api.private.fin.ag',
        customerId: { env: 'CUSTOMER' },
        apiSecret: { secret: 'own/sharing', key: 'api' },
      },
      mc: {
        ...{ ...common, name: 'mc', vendor: 'finicity', partnerId: '123', baseUrl: 'https://api.finicity.com' },
        appKey: { env: 'APP_KEY' },
        partnerSecret: { secret: 'own/mc', key: 'partner' },
      },
    });
  });

  it('takes the addresses of a sandbox on this machine', async () => {
    const { accounts } = await load(`providers:
  out: { vendor: flinks-outbound, baseUrl: "http://127.0.0.1:8080/", clientId: dc-own, clientSecret: { env: A } }
  sharing: { vendor: flinks-data-sharing, instance: x, baseUrl: "http://localhost:1", customerId: { env: A }, apiSecret: { env: A } }
`);
    expect(accounts.get('out')).toMatchObject({
      baseUrl: 'http://127.0.0.1:8080',
      tokenUrl: 'http://127.0.0.1:8080/api/v1/token',
    });
    expect(accounts.get('sharing')?.baseUrl).toBe('http://localhost:1');
  });

  it('gives the four schedules and the limits their defaults', async () => {
    const { schedules, limits } = await load(
      `${manifestOf()}schedules: { reissue-expiring-tokens: { pattern: "*/10 * * * * *", zone: America/Toronto, spread: 0s } }\n`.replace(
        'credentials:\n',
        '',
      ),
    );
    expect(Object.keys(schedules)).toEqual([...SWEEPS]);
    expect(schedules['regenerate-outbound-secrets']).toEqual({
      pattern: '*/5 * * * *',
      zone: 'UTC',
      spreadMs: 600_000,
    });
    expect(schedules['reissue-expiring-tokens']).toEqual({
      pattern: '*/10 * * * * *',
      zone: 'America/Toronto',
      spreadMs: 0,
    });
    expect(limits).toEqual({
      ...{ createShare: 0.1, lostShare: 0.1, revokeShare: 0.05, revokeAtLeast: 10 },
      secretsManagerWritesPerSecond: 40,
    });
  });

  it('takes the nearest word of a policy: entry, defaults of its kind, defaults, built-in', async () => {
    const { credentials } = await load(
      `${PROVIDERS}defaults:
  rotateEvery: 20d
  grace: 2h
  window: { zone: UTC, from: "22:00", to: "04:00", days: [sun, mon] }
  finicity-access-key: { rotateEvery: 40d, window: always }
credentials:
  - ${recipient()}
  - ${partner({ grace: '3h', suspendUntil: '2027-01-31T09:00:00-05:00', create: true })}
  - ${accessKey()}
`,
    );
    const window = { zone: 'UTC', from: '22:00', to: '04:00', days: [1, 7] };
    const [app, acme, key] = credentials.map(({ policy }) => policy);
    expect(app).toMatchObject({ rotateEveryMs: 20 * DAY, graceMs: 2 * HOUR, window, reissueAfterUnknown: true });
    expect(acme).toMatchObject({
      graceMs: 3 * HOUR,
      reissueAfterUnknown: false,
      suspendUntil: 1801404000000,
      create: true,
    });
    expect(key).toMatchObject({ rotateEveryMs: 40 * DAY, validityMs: 90 * DAY, renewBeforeMs: 14 * DAY });
    expect(key).not.toHaveProperty('window');
    expect([app, acme]).toMatchObject([{ renewBeforeMs: 0 }, { renewBeforeMs: 0 }]);
  });

  it('has built-in policies without any defaults', async () => {
    const { credentials } = await load(manifestOf(recipient(), accessKey()));
    expect(credentials[0]?.policy).toEqual({
      rotateEveryMs: 30 * DAY,
      graceMs: HOUR,
      revokeAfter: 'grace',
      renewBeforeMs: 0,
      minIntervalMs: HOUR,
      compromisedMinIntervalMs: HOUR,
      reissueAfterUnknown: true,
      proveDead: true,
      renewal: 'issue',
      rollbackByMessage: false,
      create: false,
      retryAfterMs: [60_000, 300_000, 1_800_000, HOUR],
    });
    expect(credentials[1]?.policy).toMatchObject({ rotateEveryMs: 60 * DAY, graceMs: DAY, validityMs: 90 * DAY });
  });

  it('keeps what is for a secret that does not exist yet, and the mapping of the value', async () => {
    const value = { fields: { id: 'client_id', pass: 'client_secret' }, constants: { port: 443, on: true } };
    const creation = { kmsKeyId: 'alias/x', description: 'mine', tags: { team: 'payments' } };
    const { credentials } = await load(manifestOf(recipient({ value, ...creation })));
    expect(credentials[0]).toMatchObject({ value, creation });
  });

  it('says which credentials are adopted and which are retired, and nothing of the others', async () => {
    const version = '11111111-2222-3333-4444-555555555555';
    const grants = { [version]: '2445-abc' };
    const { credentials } = await load(
      manifestOf(
        recipient({ adopt: true, state: 'active' }),
        accessKey({ adopt: { grants }, revokeUnusedAfter: '40d' }),
        partner({ state: 'retired', deleteSecret: true, adopt: false }),
        partner({ id: 'b', secret: 'b', partnerName: 'Other', state: 'retired' }),
      ),
    );
    const said = credentials.map(({ adopt, retired, policy }) => ({ adopt, retired, ms: policy.revokeUnusedAfterMs }));
    expect(said).toEqual([
      { adopt: { grants: {}, drops: [] }, retired: undefined, ms: undefined },
      { adopt: { grants, drops: [] }, retired: undefined, ms: 40 * 86_400_000 },
      { adopt: undefined, retired: { deleteSecret: true }, ms: undefined },
      { adopt: undefined, retired: { deleteSecret: false }, ms: undefined },
    ]);
  });

  it('gives the limit of unused grants to the kinds that can be revoked', async () => {
    const { credentials } = await load(
      `${manifestOf(recipient(), partner({ revokeUnusedAfter: '9d' }))}defaults: { revokeUnusedAfter: 20d }\n`,
    );
    expect(credentials.map(({ policy }) => policy.revokeUnusedAfterMs)).toEqual([undefined, 9 * 86_400_000]);
  });

  it('takes what a demo needs: short intervals, where the entry says that it means them', async () => {
    const fast = {
      rotateEvery: '20s',
      grace: '5s',
      minInterval: '1s',
      compromisedMinInterval: '0s',
      fastRotation: true,
    };
    const { credentials } = await load(manifestOf(accessKey({ ...fast, validity: '60s', renewBefore: '10s' })));
    expect(credentials[0]?.policy).toMatchObject({ rotateEveryMs: 20_000, validityMs: 60_000 });
  });

  it('needs the variables of its references only where an environment is given', async () => {
    const problems = await problemsOf(manifestOf(), { OUT_SECRET: 'a', CUSTOMER: '', APP_KEY: 'b' });
    expect(problems).toEqual([
      'rotation.yaml:3: providers.sharing.customerId.env: the environment variable CUSTOMER is not set: set it',
    ]);
  });
});

describe('included files', () => {
  const files = (more: Readonly<Record<string, string>>): Readonly<Record<string, string>> => ({
    'rotation.yaml': `${PROVIDERS}include: ["credentials/**/*.yaml", "credentials/b.yaml"]\ncredentials:\n  - ${recipient()}\n`,
    ...more,
  });

  it('come after the manifest in the order of their names, each once', async () => {
    const { credentials } = await load(
      files({
        'credentials/b.yaml': `credentials: [${partner()}]`,
        'credentials/a/z.yaml': `credentials: [${accessKey()}]`,
        'credentials/ignored.txt': '{{{',
      }),
    );
    expect(credentials.map(({ id }) => id)).toEqual(['app', 'key', 'acme']);
  });

  it('must match their glob', async () => {
    expect(await problemsOf(`${PROVIDERS}include:\n  - nowhere/*.yaml\n`)).toEqual([
      'rotation.yaml:6: include[0]: "nowhere/*.yaml" matches no other file: mend or remove it',
    ]);
  });

  it('are never the manifest itself', async () => {
    expect(await problemsOf(`${PROVIDERS}include: ["*.yaml"]\n`)).toEqual([
      'rotation.yaml:5: include[0]: "*.yaml" matches no other file: mend or remove it',
    ]);
  });

  it('hold credentials and nothing else', async () => {
    const problems = await problemsOf(files({ 'credentials/b.yaml': 'providers: {}\nlimits: {}\n' }));
    expect(problems).toEqual([
      'credentials/b.yaml:1: credentials: is missing: write the list of entries',
      expect.stringMatching(/^credentials\/b.yaml:1: providers: cannot stand in an included file/),
      expect.stringMatching(/^credentials\/b.yaml:2: limits: cannot stand in an included file/),
    ]);
  });

  it('name the line of their own errors, and of the entry that theirs collides with', async () => {
    const problems = await problemsOf(
      files({ 'credentials/b.yaml': `credentials:\n  - ${partner({ id: 'x' })}\n  - ${accessKey({ id: 'app' })}\n` }),
    );
    expect(problems).toEqual([
      'credentials/b.yaml:3: credentials[1].id: the id "app" is that of another entry too, at rotation.yaml:7: change or remove one',
    ]);
  });
});

describe('YAML', () => {
  it('that cannot be parsed is refused with its line, and nothing of it is quoted', async () => {
    const problems = await problemsOf('providers:\n  out: { clientSecret: "hunter2\n');
    expect(problems[0]).toMatch(/^rotation.yaml:[23]: is not YAML \(.*\): check indentation and quotes/);
    expect(problems.join()).not.toContain('hunter2');
  });

  it('may hold no key twice', async () => {
    expect(await problemsOf(`${PROVIDERS}limits: {}\nlimits: {}\n`)).toEqual([
      'rotation.yaml:6: limits stands twice in the same map: remove one of them',
    ]);
    expect(await problemsOf('a: 1\na: 2\n')).toEqual([
      'rotation.yaml:2: a stands twice in the same map: remove one of them',
    ]);
  });

  it('of several files is refused for all of them at once', async () => {
    const problems = await problemsOf({
      'rotation.yaml': `${PROVIDERS}include: ["c/*"]\ncredentials: {}\n`,
      'c/a.yaml': 'credentials:\n\t- x\n',
      'c/b.yaml': 'credentials: [\n',
      'c/c.yaml': 'a: 1\n---\nb: 1\n',
    });
    expect(problems.map((text) => text.split(': ')[0]).sort()).toEqual(
      expect.arrayContaining(['c/a.yaml:2', 'c/c.yaml:2', 'rotation.yaml:6']),
    );
    expect(problems.some((text) => text.startsWith('c/b.yaml'))).toBe(true);
  });

  it.each([
    ['empty', '', 'is empty: write a map'],
    ['a list', '- a\n', 'is a list: write a map of names and values'],
    [
      'a bomb of aliases',
      `a: &a [x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b]\nd: [*c, *c, *c, *c]\n`,
      'aliases',
    ],
    ['a name that means something to JavaScript', 'x:\n  __proto__: 1\n', '__proto__ is no name'],
    ['an unknown tag', 'x: !!js/function "y"\n', 'is not YAML'],
  ])('that is %s is refused', async (_, text, problem) => {
    expect((await problemsOf(text)).join('\n')).toContain(problem);
  });

  it('with anchors and aliases is understood', async () => {
    const { credentials } = await load(
      `${PROVIDERS}defaults:\n  window: &night { zone: UTC, from: "22:00", to: "04:00" }\ncredentials:\n  - ${recipient().slice(0, -1)}, window: *night }\n`,
    );
    expect(credentials[0]?.policy.window).toEqual({ zone: 'UTC', from: '22:00', to: '04:00' });
  });

  it('that is not there is named', async () => {
    await expect(loadManifest(`${written('a: 1')}.gone`)).rejects.toThrow(
      /rotation.yaml.gone:1: cannot be read \(ENOENT\)/,
    );
  });
});
