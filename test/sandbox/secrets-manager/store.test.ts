import { AwsError } from './errors';
import { makeStore, type Store, type StoreStart } from './store';

const HOUR_MS = 3600_000;
const token = (name: string) => name.padEnd(32, '-');

/** A store on a clock that stands until it is moved. */
function makeClocked(start: Omit<StoreStart, 'now'> = {}) {
  const clock = { ms: Date.UTC(2026, 10, 21, 12) };
  return { clock, store: makeStore({ now: () => clock.ms, ...start }) };
}

const create = (store: Store, Name: string) =>
  store.CreateSecret({ Name, SecretString: 'v', ClientRequestToken: token(Name) });
const put = (store: Store, SecretId: string, id: string, VersionStages?: string[]) =>
  store.PutSecretValue({ SecretId, SecretString: id, ClientRequestToken: token(id), VersionStages });
const names = (store: Store) => store.ListSecrets({}).SecretList?.map(({ Name }) => Name);
const changes = (store: Store) => store.DescribeSecret({ SecretId: 'one' }).VersionIdsToStages;

function refusal(act: () => unknown): string | undefined {
  try {
    act();
  } catch (error) {
    if (error instanceof AwsError) return error.name;
    throw error;
  }
  return undefined;
}

describe('the quota of versions', () => {
  test('the 101st version within 24 hours is refused, and takes no label', () => {
    const { store } = makeClocked();
    create(store, 'one');
    for (let i = 2; i <= 100; i++) put(store, 'one', `v${i}`);
    const before = changes(store);
    expect(refusal(() => put(store, 'one', 'v101'))).toBe('LimitExceededException');
    expect(changes(store)).toEqual(before);
    expect(put(store, 'one', 'v100').VersionId).toBe(token('v100'));
  });

  test('a day later the oldest version without label makes room; labelled ones stay', () => {
    const { store, clock } = makeClocked();
    create(store, 'one');
    store.UpdateSecretVersionStage({ SecretId: 'one', VersionStage: 'keep', MoveToVersionId: token('one') });
    for (let i = 2; i <= 100; i++) put(store, 'one', `v${i}`);
    clock.ms += 24 * HOUR_MS + 1;
    put(store, 'one', 'v101');
    const ids = store.secrets()[0]?.versions;
    expect([ids?.size, ids?.has(token('one')), ids?.has(token('v2'))]).toEqual([100, true, false]);
  });
});

describe('what a reader sees late', () => {
  test('ListSecrets lags by listLagMs; DescribeSecret does not', () => {
    const { store, clock } = makeClocked({});
    store.options.listLagMs = 5000;
    create(store, 'one');
    expect(names(store)).toEqual([]);
    expect(store.DescribeSecret({ SecretId: 'one' }).Name).toBe('one');
    clock.ms += 4999;
    expect(names(store)).toEqual([]);
    clock.ms += 1;
    expect(names(store)).toEqual(['one']);
    store.DeleteSecret({ SecretId: 'one', ForceDeleteWithoutRecovery: true });
    expect(names(store)).toEqual(['one']);
    clock.ms += 5000;
    expect(names(store)).toEqual([]);
  });

  test('with readLagMs, DescribeSecret and GetSecretValue show the past, and writes act on the present', () => {
    const { store, clock } = makeClocked();
    create(store, 'one');
    clock.ms += 10_000;
    store.options.readLagMs = 1000;
    const move = { SecretId: 'one', VersionStage: 'AWSCURRENT', MoveToVersionId: token('two') };
    put(store, 'one', 'two', ['AWSPENDING']);
    expect(changes(store)).toEqual({ [token('one')]: ['AWSCURRENT'] });
    expect(refusal(() => store.GetSecretValue({ SecretId: 'one', VersionId: token('two') }))).toBe(
      'ResourceNotFoundException',
    );
    store.UpdateSecretVersionStage({ ...move, RemoveFromVersionId: token('one') });
    expect(store.GetSecretValue({ SecretId: 'one' }).SecretString).toBe('v');
    clock.ms += 1000;
    expect(store.GetSecretValue({ SecretId: 'one' }).SecretString).toBe('two');
  });

  test('a lag that is switched off shows what is, at once', () => {
    const { store } = makeClocked();
    store.options.listLagMs = 5000;
    create(store, 'one');
    store.options.listLagMs = 0;
    expect(names(store)).toEqual(['one']);
  });
});

describe('dates', () => {
  test('follow the clock with its offset, to the millisecond', () => {
    const { store, clock } = makeClocked();
    store.options.clockOffsetMs = -90_000;
    create(store, 'one');
    expect(store.DescribeSecret({ SecretId: 'one' }).CreatedDate).toEqual(new Date(clock.ms - 90_000));
  });

  test('an idempotent put leaves LastChangedDate alone, a tag moves it', () => {
    const { store, clock } = makeClocked();
    create(store, 'one');
    const changedAt = () => store.DescribeSecret({ SecretId: 'one' }).LastChangedDate?.getTime();
    const before = changedAt();
    clock.ms += 5;
    store.PutSecretValue({ SecretId: 'one', SecretString: 'v', ClientRequestToken: token('one') });
    expect(changedAt()).toBe(before);
    store.TagResource({ SecretId: 'one', Tags: [{ Key: 'a', Value: 'b' }] });
    expect(changedAt()).toBe(clock.ms);
  });

  test('a secret is gone when its recovery window is over', () => {
    const { store, clock } = makeClocked();
    create(store, 'one');
    store.DeleteSecret({ SecretId: 'one', RecoveryWindowInDays: 7 });
    clock.ms += 7 * 24 * HOUR_MS - 1;
    expect(store.DescribeSecret({ SecretId: 'one' }).DeletedDate).toEqual(new Date(clock.ms + 1));
    clock.ms += 1;
    expect(store.ListSecrets({ IncludePlannedDeletion: true }).SecretList).toEqual([]);
    expect(refusal(() => store.DescribeSecret({ SecretId: 'one' }))).toBe('ResourceNotFoundException');
    expect(refusal(() => create(store, 'one'))).toBeUndefined();
  });
});

describe('listing', () => {
  const all = (store: Store, input: Parameters<Store['ListSecrets']>[0]) => {
    const found: (string | undefined)[] = [];
    const sizes: number[] = [];
    let NextToken: string | undefined;
    do {
      const page = store.ListSecrets({ ...input, NextToken });
      found.push(...(page.SecretList ?? []).map(({ Name }) => Name));
      if (sizes.length > 100) throw new Error('the list does not end');
      sizes.push(page.SecretList?.length ?? 0);
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    return { found, sizes };
  };

  for (const SortBy of ['created-date', 'name', 'last-changed-date', 'last-accessed-date'] as const)
    for (const SortOrder of ['asc', 'desc'] as const)
      test(`pages by ${SortBy} ${SortOrder} show each secret once, whatever is made and deleted between`, () => {
        const { store } = makeClocked();
        for (let i = 0; i < 250; i++) create(store, `s${i}`);
        const first = store.ListSecrets({ SortBy, SortOrder });
        const last = first.SecretList?.at(-1)?.Name ?? '';
        store.DeleteSecret({ SecretId: last, ForceDeleteWithoutRecovery: true });
        const rest = all(store, { SortBy, SortOrder });
        const second = store.ListSecrets({ SortBy, SortOrder, NextToken: first.NextToken });
        expect(rest.found.length).toBe(249);
        expect(new Set(rest.found).size).toBe(249);
        expect(second.SecretList?.[0]?.Name).toBe(rest.found[99]);
      });

  test('with shortPages a page may be empty and still have a NextToken', () => {
    const { store } = makeClocked();
    for (let i = 0; i < 30; i++) create(store, i < 20 ? `other${i}` : `wanted${i}`);
    store.options.shortPages = true;
    const { found, sizes } = all(store, { MaxResults: 10, Filters: [{ Key: 'name', Values: ['wanted'] }] });
    expect([found.length, sizes]).toEqual([10, [0, 0, 10]]);
  });
});

test('a partial ARN of a name that ends with a hyphen and six characters finds nothing', () => {
  const { store } = makeClocked();
  const { ARN = '' } = create(store, 'name-a1b2c3');
  expect(store.DescribeSecret({ SecretId: ARN }).Name).toBe('name-a1b2c3');
  expect(refusal(() => store.DescribeSecret({ SecretId: ARN.slice(0, -7) }))).toBe('ResourceNotFoundException');
});

test('a description is found by the beginnings of its words', () => {
  const { store } = makeClocked();
  for (const Description of ['a secret', 'an secret', 'asecret', 'thesecret'])
    store.CreateSecret({ Name: Description.replace(' ', '/'), Description, ClientRequestToken: token('x') });
  const found = (...Values: string[]) =>
    store.ListSecrets({ Filters: [{ Key: 'description', Values }] }).SecretList?.map(({ Description }) => Description);
  expect(found('A Secret')).toEqual(['a secret', 'an secret']);
  expect(found('a')).toEqual(['a secret', 'an secret', 'asecret']);
  expect(found('!a')).toEqual(['thesecret']);
});

test('bytes go in and out in process', () => {
  const { store } = makeClocked();
  const SecretBinary = new Uint8Array([0, 255, 1]);
  store.CreateSecret({ Name: 'one', SecretBinary, ClientRequestToken: token('one') });
  expect(store.GetSecretValue({ SecretId: 'one' }).SecretBinary).toEqual(SecretBinary);
});

test('AWS’s own rotation can be switched on, for a worker to meet', () => {
  const { store } = makeClocked();
  create(store, 'one');
  expect(store.DescribeSecret({ SecretId: 'one' }).RotationEnabled).toBeUndefined();
  store.RotateSecret({ SecretId: 'one', RotateImmediately: false });
  expect(store.ListSecrets({}).SecretList?.[0]?.RotationEnabled).toBe(true);
});

test('an error names the member at fault and not its value', () => {
  const { store } = makeClocked();
  const act = () =>
    store.CreateSecret({ Name: 'one', SecretString: `hush${'x'.repeat(65_536)}`, ClientRequestToken: token('t') });
  expect(act).toThrow(/SecretString/);
  expect(act).not.toThrow(/hush/);
});
