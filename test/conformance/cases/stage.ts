import { check, inform } from '../case';
import { explain, refused, same } from '../expect';
import { holders, times, token } from '../subject';

export const stage = [
  check(
    'stage.move-current',
    'rec',
    'AWSCURRENT moves; AWSPREVIOUS follows to the version it left; AWSPENDING stays on the promoted version',
    async (sm) => {
      const { name, first, second } = await sm.staged();
      await sm.move(name, 'AWSCURRENT', first, second);
      same(await sm.labels(name), { [first]: ['AWSPREVIOUS'], [second]: ['AWSCURRENT', 'AWSPENDING'] }, 'labels');
    },
  ),
  check(
    'stage.default-read-follows',
    'rec',
    'GetSecretValue without stage returns the promoted version',
    async (sm) => {
      const { name, first, second } = await sm.staged();
      await sm.move(name, 'AWSCURRENT', first, second);
      const read = await sm.get({ SecretId: name });
      same([read.VersionId, read.SecretString], [second, 'v2'], 'default read');
    },
  ),
  check('stage.staged-read-follows', 'rec', 'GetSecretValue(AWSCURRENT) returns the promoted version', async (sm) => {
    const { name, first, second } = await sm.staged();
    await sm.move(name, 'AWSCURRENT', first, second);
    const read = await sm.get({ SecretId: name, VersionStage: 'AWSCURRENT' });
    same([read.VersionId, read.SecretString], [second, 'v2'], 'read');
  }),
  check(
    'stage.put-after-move',
    'rec',
    'PutSecretValue after a move leaves exactly one AWSCURRENT and one AWSPREVIOUS',
    async (sm) => {
      const { name, first, second } = await sm.staged();
      await sm.move(name, 'AWSCURRENT', first, second);
      const third = await sm.putValue(name, 'v3');
      const labels = await sm.labels(name);
      same([holders(labels, 'AWSCURRENT'), holders(labels, 'AWSPREVIOUS')], [[third], [second]], 'holders');
    },
  ),
  check('stage.old-previous-removed', 'rec', 'the earlier AWSPREVIOUS loses the label', async (sm) => {
    const { name } = await sm.secret();
    const second = await sm.putValue(name, 'v2');
    const third = await sm.putValue(name, 'v3', ['AWSPENDING']);
    await sm.move(name, 'AWSCURRENT', second, third);
    same(holders(await sm.labels(name), 'AWSPREVIOUS'), [second], 'AWSPREVIOUS');
  }),
  check('stage.attach-custom', 'doc', 'a free custom label attaches with MoveToVersionId alone', async (sm) => {
    const { name, first } = await sm.secret();
    await sm.move(name, 'blue', undefined, first);
    same((await sm.labels(name))[first], ['AWSCURRENT', 'blue'], 'labels');
  }),
  check('stage.move-custom', 'doc', 'a custom label moves with both ids', async (sm) => {
    const { name, first, second } = await sm.staged();
    await sm.move(name, 'blue', undefined, first);
    await sm.move(name, 'blue', first, second);
    same(holders(await sm.labels(name), 'blue'), [second], 'blue');
  }),
  check('stage.custom-keeps-previous', 'rec', 'moving a custom label leaves AWSPREVIOUS alone', async (sm) => {
    const { name, first } = await sm.secret();
    const second = await sm.putValue(name, 'v2');
    await sm.move(name, 'blue', undefined, first);
    await sm.move(name, 'blue', first, second);
    same(await sm.labels(name), { [first]: ['AWSPREVIOUS'], [second]: ['AWSCURRENT', 'blue'] }, 'labels');
  }),
  check('stage.detach-pending', 'rec', 'RemoveFromVersionId alone detaches', async (sm) => {
    const { name, first, second } = await sm.staged();
    await sm.move(name, 'AWSCURRENT', first, second);
    await sm.move(name, 'AWSPENDING', second, undefined);
    same(await sm.labels(name), { [first]: ['AWSPREVIOUS'], [second]: ['AWSCURRENT'] }, 'labels');
  }),
  check(
    'stage.custom-survives-move',
    'rec',
    'custom labels stay on the old current when AWSCURRENT is moved away',
    async (sm) => {
      const { name, first, second } = await sm.staged();
      await sm.move(name, 'blue', undefined, first);
      await sm.move(name, 'AWSCURRENT', first, second);
      same((await sm.labels(name))[first], ['AWSPREVIOUS', 'blue'], 'labels');
    },
  ),
  check('stage.rollback', 'doc', 'moving AWSCURRENT back swaps AWSCURRENT and AWSPREVIOUS', async (sm) => {
    const { name, first } = await sm.secret();
    const second = await sm.putValue(name, 'v2');
    await sm.move(name, 'AWSCURRENT', second, first);
    same(await sm.labels(name), { [first]: ['AWSCURRENT'], [second]: ['AWSPREVIOUS'] }, 'labels');
  }),
  check('stage.relabel-deprecated', 'doc', 'a version without labels can be labelled again', async (sm) => {
    const { name, first } = await sm.secret();
    await sm.putValue(name, 'v2');
    await sm.putValue(name, 'v3');
    await sm.move(name, 'keep', undefined, first);
    same((await sm.labels(name))[first], ['keep'], 'labels');
  }),
  inform(
    'stage.already-there',
    'MoveToVersionId already holds AWSCURRENT, without and with RemoveFromVersionId (documentation is silent)',
    async (sm) => {
      const { name, first } = await sm.secret();
      const without = await sm.move(name, 'AWSCURRENT', undefined, first).then(() => 'ok', explain);
      const both = await sm.move(name, 'AWSCURRENT', first, first).then(() => 'ok', explain);
      return `${without} / ${both}; labels now ${JSON.stringify((await sm.labels(name))[first])}`;
    },
  ),
  inform(
    'stage.custom-already-there',
    'MoveToVersionId already holds the custom label (documentation is silent)',
    async (sm) => {
      const { name, first } = await sm.secret();
      await sm.move(name, 'blue', undefined, first);
      const again = await sm.move(name, 'blue', undefined, first).then(() => 'ok', explain);
      return `${again}; labels now ${JSON.stringify((await sm.labels(name))[first])}`;
    },
  ),
];

export const stageRefusals = [
  check(
    'stage.current-needs-remove-from',
    'doc',
    'AWSCURRENT without RemoveFromVersionId: InvalidParameterException, nothing moves',
    async (sm) => {
      const { name, first, second } = await sm.staged();
      const call = sm.move(name, 'AWSCURRENT', undefined, second);
      await refused(call, 'InvalidParameterException', /RemoveFromVersionId/);
      same(holders(await sm.labels(name), 'AWSCURRENT'), [first], 'AWSCURRENT');
    },
  ),
  check(
    'stage.current-wrong-remove-from',
    'doc',
    'RemoveFromVersionId that does not hold AWSCURRENT: InvalidParameterException, nothing moves',
    async (sm) => {
      const { name, second } = await sm.staged();
      const before = await sm.labels(name);
      await refused(sm.move(name, 'AWSCURRENT', second, second), 'InvalidParameterException');
      same(await sm.labels(name), before, 'labels');
    },
  ),
  check(
    'stage.current-cannot-be-detached',
    'rep',
    'removing AWSCURRENT without MoveToVersionId: InvalidParameterException, nothing moves',
    async (sm) => {
      const { name, first } = await sm.secret();
      const [detached] = await Promise.allSettled([sm.move(name, 'AWSCURRENT', first, undefined)]);
      same(holders(await sm.labels(name), 'AWSCURRENT'), [first], 'AWSCURRENT afterwards');
      await refused(replay(detached), 'InvalidParameterException');
    },
  ),
  check(
    'stage.custom-needs-remove-from',
    'doc',
    'a custom label held elsewhere needs RemoveFromVersionId: InvalidParameterException',
    async (sm) => {
      const { name, first, second } = await sm.staged();
      await sm.move(name, 'blue', undefined, first);
      const [taken] = await Promise.allSettled([sm.move(name, 'blue', undefined, second)]);
      same(holders(await sm.labels(name), 'blue'), [first], 'holders of blue afterwards');
      await refused(replay(taken), 'InvalidParameterException');
    },
  ),
  check('stage.detach-absent', 'doc', 'detaching a label the version does not hold fails', async (sm) => {
    const { name, first } = await sm.secret();
    const absent = ['InvalidParameterException', 'ResourceNotFoundException'];
    await refused(sm.move(name, 'blue', first, undefined), absent);
  }),
  check(
    'stage.unknown-target',
    'doc',
    'unknown MoveToVersionId fails and leaves the labels as they were',
    async (sm) => {
      const { name, first } = await sm.secret();
      const unknown = ['ResourceNotFoundException', 'InvalidParameterException'];
      await refused(sm.move(name, 'AWSCURRENT', first, token()), unknown);
      same(await sm.labels(name), { [first]: ['AWSCURRENT'] }, 'labels after the refused call');
    },
  ),
  check(
    'stage.repeat-move',
    'doc',
    'the same finish call twice: the second fails (label no longer there), nothing moves',
    async (sm) => {
      const { name, first, second } = await sm.staged();
      await sm.move(name, 'AWSCURRENT', first, second);
      await refused(sm.move(name, 'AWSCURRENT', first, second), 'InvalidParameterException');
      same(holders(await sm.labels(name), 'AWSCURRENT'), [second], 'AWSCURRENT');
    },
  ),
  check('stage.missing-secret', 'doc', 'unknown secret: ResourceNotFoundException', async (sm) => {
    await refused(sm.move(sm.name('none'), 'x', undefined, token()), 'ResourceNotFoundException');
  }),
  check('stage.labels-over-20', 'doc', 'a 21st label over all versions: LimitExceededException', async (sm) => {
    const { name, first } = await sm.secret();
    for (const label of times(19, (i) => `L${i}`)) await sm.move(name, label, undefined, first);
    const over = ['LimitExceededException', 'InvalidParameterException'];
    await refused(sm.move(name, 'one-more', undefined, first), over);
  }),
];

/** An outcome as the promise it came from: the labels are looked at first, for they tell more than the error does. */
const replay = (outcome: PromiseSettledResult<unknown>) =>
  outcome.status === 'fulfilled' ? Promise.resolve(outcome.value) : Promise.reject(outcome.reason);
