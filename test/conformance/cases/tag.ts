import { check } from '../case';
import { INVALID, refused, same } from '../expect';
import { times } from '../subject';

const A1 = { Key: 'a', Value: '1' };

export const tag = [
  check('tag.append-overwrite', 'rec', 'TagResource appends and overwrites; keys are case-sensitive', async (sm) => {
    const { name } = await sm.secret('v', { Tags: [A1] });
    const Tags = [
      { Key: 'a', Value: '2' },
      { Key: 'A', Value: '3' },
    ];
    await sm.tag({ SecretId: name, Tags });
    same(await sm.tags(name), { a: '2', A: '3' }, 'tags');
  }),
  check('tag.untag-idempotent', 'doc', 'UntagResource removes; absent key is no error', async (sm) => {
    const { name } = await sm.secret('v', { Tags: [A1, { Key: 'b', Value: '2' }] });
    await sm.untag({ SecretId: name, TagKeys: ['a', 'zz'] });
    await sm.untag({ SecretId: name, TagKeys: ['a'] });
    same(await sm.tags(name), { b: '2' }, 'tags');
  }),
  check('tag.not-a-version', 'doc', 'tagging adds no version and moves no label', async (sm) => {
    const { name, first } = await sm.secret();
    await sm.tag({ SecretId: name, Tags: [A1] });
    same(await sm.labels(name), { [first]: ['AWSCURRENT'] }, 'labels');
  }),
  check(
    'tag.survive-put',
    'doc',
    'PutSecretValue and UpdateSecretVersionStage keep tags and description',
    async (sm) => {
      const { name, first } = await sm.secret('v', { Tags: [A1], Description: 'dd' });
      const second = await sm.putValue(name, 'v2', ['AWSPENDING']);
      await sm.move(name, 'AWSCURRENT', first, second);
      const { Tags, Description } = await sm.describe({ SecretId: name });
      same([Tags, Description], [[A1], 'dd'], 'kept');
    },
  ),
  check('tag.max-50', 'doc', '50 tags are accepted, a 51st is refused', async (sm) => {
    const { name } = await sm.secret();
    await sm.tag({ SecretId: name, Tags: times(50, (i) => ({ Key: `k${i}`, Value: 'v' })) });
    same(Object.keys(await sm.tags(name)).length, 50, 'count');
    const call = sm.tag({ SecretId: name, Tags: [{ Key: 'k50', Value: 'v' }] });
    await refused(call, [...INVALID, 'LimitExceededException', 'InvalidRequestException']);
  }),
  check('tag.length', 'doc', 'key of 129 or value of 257 characters is refused', async (sm) => {
    const { name } = await sm.secret();
    await refused(sm.tag({ SecretId: name, Tags: [{ Key: 'k'.repeat(129), Value: 'v' }] }), INVALID);
    await refused(sm.tag({ SecretId: name, Tags: [{ Key: 'k', Value: 'v'.repeat(257) }] }), INVALID);
  }),
  check('tag.aws-prefix', 'doc', 'key with the reserved prefix "aws:" is refused', async (sm) => {
    const { name } = await sm.secret();
    await refused(sm.tag({ SecretId: name, Tags: [{ Key: 'aws:x', Value: 'v' }] }), INVALID);
  }),
  check('tag.missing', 'doc', 'unknown secret: ResourceNotFoundException', async (sm) => {
    const SecretId = sm.name('none');
    await refused(sm.tag({ SecretId, Tags: [A1] }), 'ResourceNotFoundException');
    await refused(sm.untag({ SecretId, TagKeys: ['a'] }), 'ResourceNotFoundException');
  }),
];
