import { setTimeout as sleep } from 'node:timers/promises';
import { check } from '../case';
import { ok, refused, same } from '../expect';
import { times, token, unique } from '../subject';

const DAY_MS = 24 * 3600_000;

export const describeSecret = [
  check('describe.ids', 'doc', 'by name, full ARN and partial ARN', async (sm) => {
    const { name } = await sm.secret();
    const { ARN = '' } = await sm.describe({ SecretId: name });
    same((await sm.describe({ SecretId: ARN })).Name, name, 'by ARN');
    same((await sm.describe({ SecretId: ARN.replace(/-[A-Za-z0-9]{6}$/, '') })).Name, name, 'by partial ARN');
  }),
  check(
    'describe.missing',
    'rec',
    'unknown secret: ResourceNotFoundException "can\'t find the specified secret."',
    async (sm) => {
      const call = sm.describe({ SecretId: sm.name('none') });
      await refused(call, 'ResourceNotFoundException', /can't find the specified secret/);
    },
  ),
  check(
    'describe.changed-date',
    'rec',
    'LastChangedDate grows on every change (millisecond resolution)',
    async (sm) => {
      const { name } = await sm.secret();
      const before = await sm.describe({ SecretId: name });
      await sleep(20);
      await sm.update({ SecretId: name, SecretString: 'v2' });
      const after = await sm.describe({ SecretId: name });
      const dates = [Number(before.LastChangedDate), Number(after.LastChangedDate)];
      ok(Number(dates[1]) > Number(dates[0]), `no growth: ${dates.join(' -> ')}`);
    },
  ),
  check(
    'describe.accessed-date',
    'rec',
    'LastAccessedDate absent at first, a date without time after a read',
    async (sm) => {
      const { name } = await sm.secret();
      same((await sm.describe({ SecretId: name })).LastAccessedDate, undefined, 'before a read');
      await sm.get({ SecretId: name });
      const { LastAccessedDate } = await sm.describe({ SecretId: name });
      ok(LastAccessedDate, 'absent after a read');
      same(LastAccessedDate.getTime() % DAY_MS, 0, 'time of day');
    },
  ),
];

export const getSecretValue = [
  check('get.by-stage-and-id', 'doc', 'by stage, by id, by both; labels and VersionId in the answer', async (sm) => {
    const { name, first } = await sm.secret();
    const second = await sm.putValue(name, 'v2');
    const old = [first, ['AWSPREVIOUS'], 'v1'];
    const current = [second, ['AWSCURRENT'], 'v2'];
    const reads = [
      { by: { VersionStage: 'AWSPREVIOUS' }, want: old },
      { by: { VersionId: first }, want: old },
      { by: { VersionId: second }, want: current },
      { by: { VersionId: second, VersionStage: 'AWSCURRENT' }, want: current },
      { by: {}, want: current },
    ];
    for (const { by, want } of reads) {
      const { VersionId, VersionStages, SecretString } = await sm.get({ SecretId: name, ...by });
      same([VersionId, VersionStages, SecretString], want, JSON.stringify(by));
    }
  }),
  check('get.deprecated-by-id', 'doc', 'a version without labels is still readable by id', async (sm) => {
    const { name, first } = await sm.secret();
    await sm.putValue(name, 'v2');
    await sm.putValue(name, 'v3');
    same((await sm.get({ SecretId: name, VersionId: first })).SecretString, 'v1', 'value');
  }),
  check('get.mismatch', 'rec', 'id and stage of different versions: InvalidRequestException', async (sm) => {
    const { name, first } = await sm.secret();
    await sm.putValue(name, 'v2');
    const call = sm.get({ SecretId: name, VersionId: first, VersionStage: 'AWSCURRENT' });
    await refused(call, 'InvalidRequestException', /not associated to the provided VersionId/);
  }),
  check('get.no-stage', 'rec', 'label nobody holds: ResourceNotFoundException "…for staging label: X"', async (sm) => {
    const { name } = await sm.secret();
    const call = sm.get({ SecretId: name, VersionStage: 'AWSPENDING' });
    await refused(call, 'ResourceNotFoundException', /staging label: AWSPENDING/);
  }),
  check('get.no-version', 'rec', 'unknown VersionId: ResourceNotFoundException "…for VersionId: …"', async (sm) => {
    const { name } = await sm.secret();
    await refused(sm.get({ SecretId: name, VersionId: token() }), 'ResourceNotFoundException', /VersionId/);
  }),
  check('get.missing', 'rec', 'unknown secret: ResourceNotFoundException', async (sm) => {
    const call = sm.get({ SecretId: sm.name('none') });
    await refused(call, 'ResourceNotFoundException', /can't find the specified secret/);
  }),
  check(
    'get.read-after-write',
    '-',
    'PutSecretValue then GetSecretValue sees the new value at once (emulator property; AWS says eventually consistent)',
    async (sm) => {
      const { name } = await sm.secret();
      for (const value of times(5, (i) => `x${i}`)) {
        await sm.putValue(name, value);
        same((await sm.get({ SecretId: name })).SecretString, value, 'value');
      }
    },
  ),
];

export const listSecretVersionIds = [
  check('versions.default', 'rec', 'versions without label are left out', async (sm) => {
    const { name } = await sm.secret();
    const labelled = [await sm.putValue(name, 'v2'), await sm.putValue(name, 'v3')];
    const { Versions = [] } = await sm.versions({ SecretId: name });
    same(Versions.map(({ VersionId }) => VersionId).sort(), labelled.sort(), 'ids');
  }),
  check('versions.deprecated', 'rec', 'IncludeDeprecated lists them, without VersionStages', async (sm) => {
    const { name, first } = await sm.secret();
    await sm.putValue(name, 'v2');
    await sm.putValue(name, 'v3');
    const { Versions = [] } = await sm.versions({ SecretId: name, IncludeDeprecated: true });
    same(Versions.length, 3, 'count');
    const deprecated = Versions.find(({ VersionId }) => VersionId === first);
    ok(deprecated && !deprecated.VersionStages?.length, `stages on it: ${deprecated?.VersionStages}`);
  }),
  check('versions.pages', 'doc', 'MaxResults / NextToken page through', async (sm) => {
    const { name } = await sm.secret();
    for (const i of times(4, Number)) await sm.putValue(name, `v${i}`, [`L${i}`]);
    const ids: unknown[] = [];
    let NextToken: string | undefined;
    for (let pages = 0; pages === 0 || (NextToken && pages < 9); pages++) {
      const page = await sm.versions({ SecretId: name, MaxResults: 2, NextToken });
      const { Versions = [] } = page;
      ok(Versions.length <= 2, `page of ${Versions.length} with MaxResults 2`);
      ids.push(...Versions.map(({ VersionId }) => VersionId));
      NextToken = page.NextToken;
    }
    same([ids.length, unique(ids).length], [5, 5], 'ids');
  }),
  check('versions.dates', 'doc', "CreatedDate is the version's own and stable; ARN is the ARN", async (sm) => {
    const { name } = await sm.secret();
    const before = await sm.versions({ SecretId: name });
    await sleep(1100);
    const after = await sm.versions({ SecretId: name });
    ok(before.Versions?.[0]?.CreatedDate, 'no CreatedDate');
    same(after.Versions?.[0]?.CreatedDate, before.Versions[0].CreatedDate, 'CreatedDate');
    ok(before.ARN?.startsWith('arn:'), `ARN is ${before.ARN}`);
  }),
  check('versions.missing', 'rec', 'unknown secret: ResourceNotFoundException', async (sm) => {
    await refused(sm.versions({ SecretId: sm.name('none') }), 'ResourceNotFoundException');
  }),
];
