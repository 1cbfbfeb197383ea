import { openScene } from '../support/scene';

jest.setTimeout(60_000);

test('a sweep that failed while Secrets Manager was away lists nothing any more when a later one has come', async () => {
  const scene = await openScene({ perKind: 1 });
  const worker = await scene.startWorker();
  await scene.finished();
  const { faults } = scene.sandbox.secretsManager;
  faults.add({ kind: 'throttle', operation: 'ListSecrets' });
  const triedAgain = () => worker.lines({ msg: 'The job is tried again', queue: 'sweeps' });
  await scene.until(() => triedAgain().length >= 8, 'two runs of each sweep have failed');
  faults.clear();

  const outcomes = async () => (await scene.sender.sweeps.getCompleted()).map(({ returnvalue }) => returnvalue.outcome);
  await scene.until(async () => (await outcomes()).includes('overtaken'), 'one is overtaken');
  await scene.until(async () => (await scene.sender.sweeps.getDelayedCount()) === 4, 'none waits but the next runs');
  expect(new Set(await outcomes())).toEqual(new Set(['swept', 'overtaken']));
});
