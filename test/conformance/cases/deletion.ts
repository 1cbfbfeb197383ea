import { check, inform } from '../case';
import { explain, INVALID, ok, refused, same, Unmet } from '../expect';

const DAY_MS = 24 * 3600_000;
/** What two clocks may differ by. */
const TOLERANCE_MS = 120_000;

function inDays(date: Date | undefined, days: number): void {
  const off = Math.abs(Number(date) - Date.now() - days * DAY_MS);
  ok(off < TOLERANCE_MS, `DeletionDate ${date?.toISOString()} is not ${days} days off`);
}

export const deleteSecret = [
  check(
    'delete.window',
    'doc',
    'RecoveryWindowInDays 7: DeletionDate is 7 days off; DescribeSecret shows DeletedDate',
    async (sm) => {
      const { name } = await sm.secret();
      inDays((await sm.delete({ SecretId: name, RecoveryWindowInDays: 7 })).DeletionDate, 7);
      ok((await sm.describe({ SecretId: name })).DeletedDate, 'no DeletedDate');
    },
  ),
  check('delete.window-default', 'doc', 'no window: 30 days', async (sm) => {
    const { name } = await sm.secret();
    inDays((await sm.delete({ SecretId: name })).DeletionDate, 30);
  }),
  check('delete.window-bounds', 'doc', '6 and 31 days: InvalidParameterException', async (sm) => {
    for (const RecoveryWindowInDays of [6, 31]) {
      const { name } = await sm.secret();
      await refused(sm.delete({ SecretId: name, RecoveryWindowInDays }), INVALID);
    }
  }),
  check('delete.window+force', 'doc', 'window together with force: InvalidParameterException', async (sm) => {
    const { name } = await sm.secret();
    const input = { SecretId: name, RecoveryWindowInDays: 7, ForceDeleteWithoutRecovery: true };
    await refused(sm.delete(input), INVALID);
  }),
  check('delete.missing', 'doc', 'plain delete of an unknown secret: ResourceNotFoundException', async (sm) => {
    await refused(sm.delete({ SecretId: sm.name('none') }), 'ResourceNotFoundException');
  }),
  check('force.recreate', 'rec', 'after a forced delete the name is free again, under a new ARN', async (sm) => {
    const { name } = await sm.secret();
    const { ARN } = await sm.describe({ SecretId: name });
    await sm.delete({ SecretId: name, ForceDeleteWithoutRecovery: true });
    const recreate = () => sm.create({ Name: name, SecretString: 'y' });
    const remade = await sm.settled(() => recreate().catch((error) => Promise.reject(new Unmet(explain(error)))));
    ok(remade.ARN !== ARN, 'same ARN');
  }),
  check('force.missing', 'rec', 'forced delete of an unknown secret succeeds', async (sm) => {
    await sm.delete({ SecretId: sm.name('none'), ForceDeleteWithoutRecovery: true });
  }),
];

export const scheduledForDeletion = [
  check('deleted.get', 'doc', 'GetSecretValue on a secret marked for deletion: InvalidRequestException', async (sm) => {
    const { name } = await sm.scheduled();
    await refused(sm.get({ SecretId: name }), 'InvalidRequestException');
  }),
  check('deleted.put', 'doc', 'PutSecretValue on a secret marked for deletion: InvalidRequestException', async (sm) => {
    const { name } = await sm.scheduled();
    await refused(sm.putValue(name, 'x'), 'InvalidRequestException');
  }),
  check(
    'deleted.put-pending',
    'doc',
    'PutSecretValue [AWSPENDING] on a secret marked for deletion: InvalidRequestException',
    async (sm) => {
      const { name } = await sm.scheduled();
      await refused(sm.putValue(name, 'x', ['AWSPENDING']), 'InvalidRequestException');
    },
  ),
  check(
    'deleted.stage',
    'doc',
    'UpdateSecretVersionStage on a secret marked for deletion: InvalidRequestException',
    async (sm) => {
      const { name, first, second } = await sm.scheduled();
      await refused(sm.move(name, 'AWSCURRENT', first, second), 'InvalidRequestException');
    },
  ),
  check(
    'deleted.update',
    'doc',
    'UpdateSecret on a secret marked for deletion: InvalidRequestException',
    async (sm) => {
      const { name } = await sm.scheduled();
      await refused(sm.update({ SecretId: name, SecretString: 'x' }), 'InvalidRequestException');
    },
  ),
  check(
    'deleted.tag',
    'rec',
    'TagResource / UntagResource on a secret marked for deletion: InvalidRequestException',
    async (sm) => {
      const { name } = await sm.scheduled();
      const tagging = sm.tag({ SecretId: name, Tags: [{ Key: 'k', Value: 'v' }] });
      await refused(tagging, 'InvalidRequestException', /marked for deletion/);
      await refused(sm.untag({ SecretId: name, TagKeys: ['k'] }), 'InvalidRequestException');
    },
  ),
  check(
    'deleted.create',
    'rec',
    'CreateSecret with the same name: InvalidRequestException "…already scheduled for deletion."',
    async (sm) => {
      const { name } = await sm.scheduled();
      const call = sm.create({ Name: name, SecretString: 'x' });
      await refused(call, 'InvalidRequestException', /scheduled for deletion/);
    },
  ),
  check('deleted.describe', 'rec', 'DescribeSecret still answers, with labels and DeletedDate', async (sm) => {
    const { name, first, second } = await sm.scheduled();
    same(await sm.labels(name), { [first]: ['AWSCURRENT'], [second]: ['AWSPENDING'] }, 'labels');
    ok((await sm.describe({ SecretId: name })).DeletedDate, 'no DeletedDate');
  }),
  check('deleted.delete-again', 'doc', 'DeleteSecret again without force: InvalidRequestException', async (sm) => {
    const { name } = await sm.scheduled();
    await refused(sm.delete({ SecretId: name, RecoveryWindowInDays: 7 }), 'InvalidRequestException');
  }),
  check('deleted.force', 'rec', 'ForceDeleteWithoutRecovery on a scheduled one succeeds', async (sm) => {
    const { name } = await sm.scheduled();
    await sm.delete({ SecretId: name, ForceDeleteWithoutRecovery: true });
    await sm.settled(() => refused(sm.describe({ SecretId: name }), 'ResourceNotFoundException'));
  }),
  inform('deleted.versions', 'ListSecretVersionIds on a secret marked for deletion', async (sm) => {
    const { name } = await sm.scheduled();
    return sm.versions({ SecretId: name }).then(({ Versions = [] }) => `answers ${Versions.length} versions`, explain);
  }),
  check('restore.works', 'doc', 'RestoreSecret brings values and labels back', async (sm) => {
    const { name, first, second } = await sm.scheduled();
    await sm.restore({ SecretId: name });
    same(await sm.labels(name), { [first]: ['AWSCURRENT'], [second]: ['AWSPENDING'] }, 'labels');
    same((await sm.get({ SecretId: name })).SecretString, 'v1', 'value');
    same((await sm.describe({ SecretId: name })).DeletedDate, undefined, 'DeletedDate');
  }),
  check('restore.missing', 'doc', 'unknown secret: ResourceNotFoundException', async (sm) => {
    await refused(sm.restore({ SecretId: sm.name('none') }), 'ResourceNotFoundException');
  }),
];
