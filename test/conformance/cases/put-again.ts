import { setTimeout as sleep } from 'node:timers/promises';
import { check } from '../case';
import { INVALID, refused, same } from '../expect';
import { holders, times } from '../subject';

export const putAgain = [
  check('put.retry', 'doc', 'same token + same value again: success, same VersionId, nothing changes', async (sm) => {
    const { name, first } = await sm.secret();
    const second = await sm.putValue(name, 'v2');
    const again = await sm.put({ SecretId: name, SecretString: 'v2', ClientRequestToken: second });
    same(again.VersionId, second, 'VersionId');
    same(await sm.labels(name), { [first]: ['AWSPREVIOUS'], [second]: ['AWSCURRENT'] }, 'labels');
  }),
  check(
    'put.retry-pending',
    'doc',
    'same token + same value while the version is AWSPENDING: success, nothing changes',
    async (sm) => {
      const { name, first, second } = await sm.staged();
      const before = await sm.get({ SecretId: name, VersionId: second });
      await sleep(1100);
      await sm.putValue(name, 'v2', ['AWSPENDING'], second);
      same(await sm.labels(name), { [first]: ['AWSCURRENT'], [second]: ['AWSPENDING'] }, 'labels');
      const after = await sm.get({ SecretId: name, VersionId: second });
      same(after.CreatedDate, before.CreatedDate, 'CreatedDate of the version');
    },
  ),
  check(
    'put.retry-late',
    'doc',
    'a late retry with [AWSPENDING] of an old token "does nothing": does not take the label back',
    async (sm) => {
      const { name, second } = await sm.staged();
      const third = await sm.putValue(name, 'v3', ['AWSPENDING']);
      await sm.putValue(name, 'v2', ['AWSPENDING'], second);
      same(holders(await sm.labels(name), 'AWSPENDING'), [third], 'holder of AWSPENDING');
    },
  ),
  check(
    'put.retry-after-promotion',
    'doc',
    'the [AWSPENDING] put repeated after its version became AWSCURRENT "does nothing": AWSCURRENT stays',
    async (sm) => {
      const { name, first, second } = await sm.staged();
      await sm.move(name, 'AWSCURRENT', first, second);
      await sm.putValue(name, 'v2', ['AWSPENDING'], second);
      same(await sm.labels(name), { [first]: ['AWSPREVIOUS'], [second]: ['AWSCURRENT', 'AWSPENDING'] }, 'labels');
    },
  ),
  check('put.conflict', 'doc', 'same token + other value: ResourceExistsException, value unchanged', async (sm) => {
    const { name } = await sm.secret();
    const second = await sm.putValue(name, 'v2');
    const call = sm.put({ SecretId: name, SecretString: 'other', ClientRequestToken: second });
    await refused(call, 'ResourceExistsException');
    same((await sm.get({ SecretId: name, VersionId: second })).SecretString, 'v2', 'value');
  }),
  check(
    'put.conflict-pending',
    'doc',
    'same token + other value while AWSPENDING: ResourceExistsException, value unchanged',
    async (sm) => {
      const { name, second } = await sm.staged();
      await refused(sm.putValue(name, 'other', ['AWSPENDING'], second), 'ResourceExistsException');
      same((await sm.get({ SecretId: name, VersionId: second })).SecretString, 'v2', 'value');
    },
  ),
  check('put.conflict-binary', 'doc', 'same token, string first then binary: ResourceExistsException', async (sm) => {
    const { name } = await sm.secret();
    const second = await sm.putValue(name, 'v2');
    const call = sm.put({ SecretId: name, SecretBinary: Buffer.from('v2'), ClientRequestToken: second });
    await refused(call, 'ResourceExistsException');
  }),
];

export const putBounds = [
  check('put.value-missing', 'doc', 'neither SecretString nor SecretBinary: refused', async (sm) => {
    const { name } = await sm.secret();
    await refused(sm.put({ SecretId: name }), [...INVALID, 'InvalidRequestException']);
  }),
  check('put.no-token', 'rec', 'no ClientRequestToken on the wire: InvalidRequestException', async (sm) => {
    const { name } = await sm.secret();
    await refused(sm.tokenless.put({ SecretId: name, SecretString: 'x' }), 'InvalidRequestException');
  }),
  check('put.size-over', 'doc', '65,537 characters are refused', async (sm) => {
    const { name } = await sm.secret();
    await refused(sm.putValue(name, 'a'.repeat(65_537)), INVALID);
  }),
  check('put.stages-21', 'doc', '21 labels in one call are refused (list maximum 20)', async (sm) => {
    const { name } = await sm.secret();
    const stages = times(21, (i) => `L${i}`);
    await refused(sm.putValue(name, 'x', stages), [...INVALID, 'LimitExceededException']);
  }),
  check('put.stages-empty', 'doc', 'empty VersionStages list is refused (minimum 1)', async (sm) => {
    const { name } = await sm.secret();
    await refused(sm.putValue(name, 'x', []), INVALID);
  }),
  check('put.stage-257', 'doc', 'label of 257 characters is refused', async (sm) => {
    const { name } = await sm.secret();
    await refused(sm.putValue(name, 'x', ['L'.repeat(257)]), INVALID);
  }),
  check(
    'put.labels-over-20',
    'doc',
    'a 21st label over all versions of the secret: LimitExceededException',
    async (sm) => {
      const { name } = await sm.secret();
      const stages = times(19, (i) => `L${i}`);
      await sm.putValue(name, 'v2', stages);
      const over = ['LimitExceededException', 'InvalidParameterException'];
      await refused(sm.putValue(name, 'x', ['one-more']), over);
    },
  ),
  check('put.versions-over-100', 'doc', 'more than ~100 versions inside 24 h: LimitExceededException', async (sm) => {
    const { name } = await sm.secret();
    const putMany = async () => {
      for (let i = 0; i < 130; i++) await sm.putValue(name, `v${i}`);
    };
    await refused(putMany(), 'LimitExceededException');
  }),
];
