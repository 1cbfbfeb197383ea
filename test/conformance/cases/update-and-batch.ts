import { check } from '../case';
import { INVALID, refused, same } from '../expect';
import { times } from '../subject';

export const updateSecret = [
  check('update.value', 'rec', 'a new value becomes AWSCURRENT, the old one AWSPREVIOUS', async (sm) => {
    const { name, first } = await sm.secret();
    const { VersionId = '' } = await sm.update({ SecretId: name, SecretString: 'v2' });
    same(await sm.labels(name), { [first]: ['AWSPREVIOUS'], [VersionId]: ['AWSCURRENT'] }, 'labels');
  }),
  check('update.description', 'rec', 'description only: no VersionId, no new version', async (sm) => {
    const { name, first } = await sm.secret();
    same((await sm.update({ SecretId: name, Description: 'd' })).VersionId, undefined, 'VersionId');
    same(await sm.labels(name), { [first]: ['AWSCURRENT'] }, 'labels');
  }),
  check('update.same-token', 'doc', 'ClientRequestToken of an existing version is an error', async (sm) => {
    const { name, first } = await sm.secret();
    const call = sm.update({ SecretId: name, SecretString: 'v1', ClientRequestToken: first });
    await refused(call, ['ResourceExistsException', 'InvalidRequestException']);
  }),
];

export const batchGetSecretValue = [
  check('batch.20', 'doc', '20 ids: values, and one unknown id in Errors', async (sm) => {
    const made = await Promise.all(times(19, (i) => sm.secret(`b${i}`)));
    const SecretIdList = [...made.map(({ name }) => name), sm.name('none')];
    const { SecretValues = [], Errors = [] } = await sm.batch({ SecretIdList });
    same([SecretValues.length, Errors.length], [19, 1], 'counts');
    same(Errors[0]?.ErrorCode, 'ResourceNotFoundException', 'ErrorCode');
  }),
  check('batch.21', 'doc', '21 ids are refused', async (sm) => {
    const { name } = await sm.secret();
    await refused(sm.batch({ SecretIdList: times(21, (i) => name + i) }), INVALID);
  }),
  check('batch.filters', 'doc', 'by tag filter', async (sm) => {
    const key = `${sm.run}bf`;
    const { name } = await sm.secret('q', { Tags: [{ Key: key, Value: '1' }] });
    await sm.settled(async () => {
      const { SecretValues = [] } = await sm.batch({ Filters: [{ Key: 'tag-key', Values: [key] }] });
      const found = SecretValues.map(({ Name }) => Name);
      same(found, [name], 'names');
    });
  }),
  check(
    'batch.max-needs-filters',
    'doc',
    'MaxResults without Filters, and Filters with SecretIdList, are refused',
    async (sm) => {
      const { name } = await sm.secret();
      const wrong = [...INVALID, 'InvalidRequestException'];
      await refused(sm.batch({ SecretIdList: [name], MaxResults: 5 }), wrong);
      await refused(sm.batch({ SecretIdList: [name], Filters: [{ Key: 'name', Values: [name] }] }), wrong);
    },
  ),
];
