import type { CreateSecretCommandInput, Filter, FilterNameStringType } from '@aws-sdk/client-secrets-manager';
import { check, inform } from '../case';
import { INVALID, ok, refused, same } from '../expect';
import { type Subject, times, unique } from '../subject';

type More = Partial<CreateSecretCommandInput>;

const byName = (name: string): Filter[] => [{ Key: 'name', Values: [name] }];
const byTagKey = (key: string): Filter[] => [{ Key: 'tag-key', Values: [key] }];
const tagged = (Key: string, Value = '1'): More => ({ Tags: [{ Key, Value }] });

/** So many secrets, made at once. */
const fleet = (sm: Subject, tag: string, count: number, more: (index: number) => More) =>
  Promise.all(times(count, (i) => sm.create({ Name: sm.name(tag), SecretString: 'x', ...more(i) })));

const names = async (sm: Subject, Filters: Filter[]) => (await sm.listed({ Filters })).map(({ Name }) => Name).sort();

export const listFilters = [
  check('list.tag-filters', 'doc', 'tag-key and tag-value: prefix, case-sensitive', async (sm) => {
    const key = `${sm.run}Key`;
    const value = `${sm.run}Val`;
    await fleet(sm, 'tf', 3, (i) => tagged(i < 2 ? key : key.toUpperCase(), value + i));
    const expected: [FilterNameStringType, string, number][] = [
      ['tag-key', key, 2],
      ['tag-key', key.slice(0, -1), 2],
      ['tag-key', key.toUpperCase(), 1],
      ['tag-value', value, 3],
      ['tag-value', `${value}1`, 1],
      ['tag-value', `${value.toLowerCase()}1`, 0],
    ];
    await sm.settled(async () => {
      for (const [Key, prefix, count] of expected)
        same((await names(sm, [{ Key, Values: [prefix] }])).length, count, `count by ${Key} ${prefix}`);
    });
  }),
  check('list.and-or', 'doc', 'several filters are ANDed, several values of one filter ORed', async (sm) => {
    const key = `${sm.run}ao`;
    await fleet(sm, 'ao', 4, (i) => ({ ...tagged(key, `${key}v${i % 2}`), Description: 'd' }));
    const valued = (...Values: string[]): Filter => ({ Key: 'tag-value', Values });
    const expected: [Filter[], number][] = [
      [[], 4],
      [[valued(`${key}v0`)], 2],
      [[valued(`${key}v0`, `${key}v1`)], 4],
      [byName('no-such'), 0],
    ];
    await sm.settled(async () => {
      for (const [more, count] of expected)
        same((await names(sm, [...byTagKey(key), ...more])).length, count, `count with ${JSON.stringify(more)}`);
    });
  }),
  inform(
    'list.key-value-pairing',
    'tag-key A + tag-value y, when A=x and B=y: matched although no tag is A=y?',
    async (sm) => {
      const key = `${sm.run}kv`;
      const Tags = [
        { Key: `${key}A`, Value: `${key}x` },
        { Key: `${key}B`, Value: `${key}y` },
      ];
      const { name } = await sm.secret('v', { Tags });
      const found = await names(sm, [...byTagKey(`${key}A`), { Key: 'tag-value', Values: [`${key}y`] }]);
      return found.includes(name)
        ? 'matched: the two filters are independent, so check the pair client-side'
        : 'not matched';
    },
  ),
  check('list.name-and-negation', 'rec', 'name: prefix, case-sensitive; "!" negates', async (sm) => {
    const prefix = sm.name('ng').replace(/x$/, '');
    const a = sm.remember(`${prefix}A`);
    const b = sm.remember(`${prefix}B`);
    for (const Name of [a, b]) await sm.create({ Name, SecretString: 'x' });
    await sm.settled(async () => {
      same(await names(sm, byName(prefix)), [a, b], 'prefix');
      same(await names(sm, [...byName(prefix), ...byName(`!${a}`)]), [b], 'negation');
      same(await names(sm, byName(prefix.toUpperCase())), [], 'case');
    });
  }),
  check('list.bad-filter', 'doc', 'unknown filter key: ValidationException', async (sm) => {
    const Key: FilterNameStringType = JSON.parse('"nope"'); // no key of the SDK's type
    await refused(sm.list({ Filters: [{ Key, Values: ['x'] }] }), INVALID);
  }),
  check('list.filters-11', 'doc', '11 filters are refused (maximum 10)', async (sm) => {
    await refused(sm.list({ Filters: times(11, () => ({ Key: 'name', Values: ['x'] })) }), INVALID);
  }),
];

export const listPages = [
  check('list.pages', 'doc', 'MaxResults 2 with a filter: every secret once', async (sm) => {
    const key = `${sm.run}pg`;
    await fleet(sm, 'pg', 7, () => tagged(key));
    await sm.settled(async () => {
      const { found, pages } = await listAll(sm, byTagKey(key), 2);
      same([found.length, unique(found).length, pages], [7, 7, 4], 'entries, unique ones, pages');
    });
  }),
  check('list.max-100', 'doc', 'MaxResults 100 with 120 matches gives 100 + 20', async (sm) => {
    const key = `${sm.run}mx`;
    await fleet(sm, 'mx', 120, () => tagged(key));
    await sm.settled(async () => {
      const Filters = byTagKey(key);
      const one = await sm.list({ MaxResults: 100, Filters });
      ok(one.NextToken, 'no NextToken');
      const two = await sm.list({ MaxResults: 100, Filters, NextToken: one.NextToken });
      same([one.SecretList?.length, two.SecretList?.length, two.NextToken], [100, 20, undefined], 'pages');
    });
  }),
  check('list.max-101', 'doc', 'MaxResults 101 is refused', async (sm) => {
    await refused(sm.list({ MaxResults: 101 }), INVALID);
  }),
  check('list.bad-token', 'doc', 'invalid NextToken: InvalidNextTokenException', async (sm) => {
    await refused(sm.list({ NextToken: 'not-a-token' }), 'InvalidNextTokenException');
  }),
  check('list.sort', 'doc', 'SortBy name + SortOrder asc / desc', async (sm) => {
    const key = `${sm.run}so`;
    for (const letter of ['b', 'c', 'a'])
      await sm.create({ Name: sm.remember(`${sm.run}/so-${letter}`), SecretString: 'x', ...tagged(key) });
    const letters = async (SortOrder: 'asc' | 'desc') =>
      (await sm.listed({ Filters: byTagKey(key), SortBy: 'name', SortOrder })).map(({ Name }) => Name?.at(-1)).join('');
    await sm.settled(async () => same([await letters('asc'), await letters('desc')], ['abc', 'cba'], 'order'));
  }),
];

async function listAll(sm: Subject, Filters: Filter[], MaxResults: number) {
  const found: unknown[] = [];
  let pages = 0;
  let NextToken: string | undefined;
  do {
    const page = await sm.list({ Filters, MaxResults, NextToken });
    found.push(...(page.SecretList ?? []).map(({ Name }) => Name));
    NextToken = page.NextToken;
    pages += 1;
  } while (NextToken && pages < 500);
  return { found, pages };
}

export const listEntries = [
  check('list.entry', 'doc', 'an entry carries Tags and SecretVersionsToStages', async (sm) => {
    const { name, first } = await sm.secret('v', tagged('k', 'w'));
    await sm.settled(async () => {
      const entry = (await sm.listed({ Filters: byName(name) })).find(({ Name }) => Name === name);
      ok(entry, 'not listed');
      same(entry.Tags, [{ Key: 'k', Value: 'w' }], 'Tags');
      same(entry.SecretVersionsToStages, { [first]: ['AWSCURRENT'] }, 'SecretVersionsToStages');
    });
  }),
  check(
    'list.deleted',
    'doc',
    'a secret scheduled for deletion is listed only with IncludePlannedDeletion, with DeletedDate',
    async (sm) => {
      const { name } = await sm.secret();
      await sm.delete({ SecretId: name, RecoveryWindowInDays: 7 });
      await sm.settled(async () => {
        same(await names(sm, byName(name)), [], 'plain');
        const listed = await sm.listed({ Filters: byName(name), IncludePlannedDeletion: true });
        same(listed.length, 1, 'with IncludePlannedDeletion');
        ok(listed[0]?.DeletedDate, 'no DeletedDate');
      });
    },
  ),
  check('list.unlabelled-left-out', 'doc', 'SecretVersionsToStages leaves out versions without label', async (sm) => {
    const { name, first } = await sm.secret();
    await sm.putValue(name, 'v2');
    await sm.putValue(name, 'v3');
    await sm.settled(async () => {
      const [entry] = await sm.listed({ Filters: byName(name) });
      ok(entry?.SecretVersionsToStages, 'not listed, or without versions');
      ok(!(first in entry.SecretVersionsToStages), 'unlabelled version is listed');
    });
  }),
];
