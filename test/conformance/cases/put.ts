import { randomBytes } from 'node:crypto';
import { check, inform } from '../case';
import { ok, refused, same } from '../expect';
import { holders, token } from '../subject';

export const put = [
  check(
    'put.default',
    'rec',
    'no VersionStages: AWSCURRENT moves here, AWSPREVIOUS to the version it left',
    async (sm) => {
      const { name, first } = await sm.secret();
      const second = token();
      const answer = await sm.put({ SecretId: name, SecretString: 'v2', ClientRequestToken: second });
      same([answer.VersionId, answer.VersionStages], [second, ['AWSCURRENT']], 'answer');
      same(await sm.labels(name), { [first]: ['AWSPREVIOUS'], [second]: ['AWSCURRENT'] }, 'labels');
    },
  ),
  check(
    'put.previous-moves',
    'rec',
    'third value: AWSPREVIOUS moves on, the first version has no label',
    async (sm) => {
      const { name } = await sm.secret();
      const second = await sm.putValue(name, 'v2');
      const third = await sm.putValue(name, 'v3');
      same(await sm.labels(name), { [second]: ['AWSPREVIOUS'], [third]: ['AWSCURRENT'] }, 'labels');
    },
  ),
  check(
    'put.unlabelled-not-described',
    'doc',
    'DescribeSecret.VersionIdsToStages leaves out versions without label',
    async (sm) => {
      const { name, first } = await sm.secret();
      await sm.putValue(name, 'v2');
      await sm.putValue(name, 'v3');
      const { VersionIdsToStages = {} } = await sm.describe({ SecretId: name });
      ok(!(first in VersionIdsToStages), `unlabelled version is listed: ${JSON.stringify(VersionIdsToStages[first])}`);
    },
  ),
  check(
    'put.pending',
    'rec',
    '[AWSPENDING] leaves AWSCURRENT/AWSPREVIOUS alone; both values readable by stage',
    async (sm) => {
      const { name, first, second } = await sm.staged();
      same(await sm.labels(name), { [first]: ['AWSCURRENT'], [second]: ['AWSPENDING'] }, 'labels');
      same((await sm.get({ SecretId: name })).SecretString, 'v1', 'default read');
      same((await sm.get({ SecretId: name, VersionStage: 'AWSPENDING' })).SecretString, 'v2', 'AWSPENDING read');
    },
  ),
  check('put.pending-moves', 'rec', 'a second [AWSPENDING] takes the label from the first', async (sm) => {
    const { name, first } = await sm.staged();
    const third = await sm.putValue(name, 'v3', ['AWSPENDING']);
    same(await sm.labels(name), { [first]: ['AWSCURRENT'], [third]: ['AWSPENDING'] }, 'labels');
  }),
  check('put.current-explicit', 'rec', '[AWSCURRENT] behaves as no VersionStages', async (sm) => {
    const { name, first } = await sm.secret();
    const second = await sm.putValue(name, 'v2', ['AWSCURRENT']);
    same(await sm.labels(name), { [first]: ['AWSPREVIOUS'], [second]: ['AWSCURRENT'] }, 'labels');
  }),
  check('put.custom', 'rec', 'custom labels attach, and a second put moves exactly the named ones', async (sm) => {
    const { name, first } = await sm.secret();
    const second = await sm.putValue(name, 'v2', ['one', 'two', 'three']);
    const third = await sm.putValue(name, 'v3', ['one', 'two', 'four']);
    const want = { [first]: ['AWSCURRENT'], [second]: ['three'], [third]: ['four', 'one', 'two'] };
    same(await sm.labels(name), want, 'labels');
  }),
  check('put.current+custom', 'rec', '[AWSCURRENT, custom] attaches both', async (sm) => {
    const { name, first } = await sm.secret();
    const second = await sm.putValue(name, 'v2', ['AWSCURRENT', 'blue']);
    same(await sm.labels(name), { [first]: ['AWSPREVIOUS'], [second]: ['AWSCURRENT', 'blue'] }, 'labels');
  }),
  check(
    'put.current+custom-moves',
    'doc',
    '[AWSCURRENT, custom] takes the custom label from the version that had it',
    async (sm) => {
      const { name } = await sm.secret();
      await sm.putValue(name, 'v2', ['blue']);
      const third = await sm.putValue(name, 'v3', ['AWSCURRENT', 'blue']);
      same(holders(await sm.labels(name), 'blue'), [third], 'holders of blue');
    },
  ),
  check(
    'put.pending+custom-from-two-holders',
    'doc',
    'PutSecretValue [AWSPENDING, custom] takes each label from its own holder',
    async (sm) => {
      const { name, first } = await sm.staged();
      await sm.putValue(name, 'q', ['ROTATION_GIVEN_UP']);
      const last = await sm.putValue(name, 'r', ['AWSPENDING', 'ROTATION_GIVEN_UP']);
      same(await sm.labels(name), { [first]: ['AWSCURRENT'], [last]: ['AWSPENDING', 'ROTATION_GIVEN_UP'] }, 'labels');
    },
  ),
  check('put.stages-sorted', 'rec', 'labels come back in alphabetical order', async (sm) => {
    const { name } = await sm.secret();
    const answer = await sm.put({ SecretId: name, SecretString: 'x', VersionStages: ['two', 'one', 'three'] });
    same(answer.VersionStages, ['one', 'three', 'two'], 'order');
  }),
  check(
    'put.drops-pending-of-old-current',
    'rec',
    'PutSecretValue(AWSCURRENT) leaves the old current, which was also AWSPENDING, with AWSPREVIOUS only',
    async (sm) => {
      const { name, first, second } = await sm.staged();
      await sm.move(name, 'AWSCURRENT', first, second);
      const third = await sm.putValue(name, 'v3');
      same(await sm.labels(name), { [second]: ['AWSPREVIOUS'], [third]: ['AWSCURRENT'] }, 'labels');
    },
  ),
  inform(
    'put.custom-label-of-old-current',
    'does a custom label on the old AWSCURRENT survive PutSecretValue(AWSCURRENT)? (not documented)',
    async (sm) => {
      const { name } = await sm.secret();
      await sm.putValue(name, 'v2', ['AWSCURRENT', 'blue']);
      await sm.putValue(name, 'v3');
      return holders(await sm.labels(name), 'blue').length > 0 ? 'survives' : 'is dropped';
    },
  ),
  check('put.missing', 'doc', 'unknown secret: ResourceNotFoundException', async (sm) => {
    await refused(sm.put({ SecretId: sm.name('none'), SecretString: 'x' }), 'ResourceNotFoundException');
  }),
  check('put.by-arn', 'doc', 'SecretId may be the full ARN', async (sm) => {
    const { name } = await sm.secret();
    const { ARN = '' } = await sm.describe({ SecretId: name });
    const second = await sm.putValue(ARN, 'v2');
    same(holders(await sm.labels(name), 'AWSCURRENT'), [second], 'AWSCURRENT');
  }),
  check(
    'token.sixty-four-characters',
    'doc',
    'a token of 64 characters that is no UUID is a version id, readable without label',
    async (sm) => {
      const { name } = await sm.secret();
      const long = `${randomBytes(16).toString('hex')}-${randomBytes(15).toString('hex')}0`;
      same(long.length, 64, 'length');
      await sm.putValue(name, 'p', ['AWSPENDING'], long);
      await sm.putValue(name, 'q', ['AWSPENDING']);
      same((await sm.get({ SecretId: name, VersionId: long })).SecretString, 'p', 'value');
      ok(!(long in (await sm.labels(name))), 'it still has a label');
    },
  ),
];
