import { check } from '../case';
import { same } from '../expect';
import { holders, type Subject, times, token } from '../subject';

/** What to promote, and whether to read it back with `VersionStage: AWSCURRENT` or without a stage. */
interface Step {
  readonly value: string;
  readonly version: string;
  readonly read?: { VersionStage?: string };
}

/** A rotation as AWS's own template does it: looks at the labels first, so that it may be repeated after a crash. */
async function rotate(sm: Subject, name: string, step: Step): Promise<void> {
  const { value, version, read = { VersionStage: 'AWSCURRENT' } } = step;
  const [current] = holders(await sm.labels(name), 'AWSCURRENT');
  if (current === version) return;
  await sm.putValue(name, value, ['AWSPENDING'], version);
  const pending = await sm.get({ SecretId: name, VersionId: version, VersionStage: 'AWSPENDING' });
  same(pending.SecretString, value, 'read-back of AWSPENDING');
  await sm.move(name, 'AWSCURRENT', current, version);
  const promoted = await sm.get({ SecretId: name, ...read });
  same([promoted.VersionId, promoted.SecretString], [version, value], `read-back by ${JSON.stringify(read)}`);
}

export const rotation = [
  check(
    'rotation.explicit-stage',
    'rec',
    'five rotations (put AWSPENDING, move AWSCURRENT), reads with VersionStage AWSCURRENT',
    async (sm) => {
      const { name, first } = await sm.secret();
      let previous = first;
      for (const value of times(5, (i) => `r${i}`)) {
        const version = token();
        await rotate(sm, name, { value, version });
        const want = { [previous]: ['AWSPREVIOUS'], [version]: ['AWSCURRENT', 'AWSPENDING'] };
        same(await sm.labels(name), want, `labels after ${value}`);
        previous = version;
      }
    },
  ),
  check('rotation.default-read', 'rec', 'the same, reads without stage', async (sm) => {
    const { name } = await sm.secret();
    for (const value of times(5, (i) => `r${i}`)) await rotate(sm, name, { value, version: token(), read: {} });
  }),
  check(
    'rotation.resume-every-step',
    'doc',
    'a crash after any step, then the whole rotation again with the same token and value, ends in the same state',
    async (sm) => {
      for (const done of [0, 1, 2]) {
        const { name, first } = await sm.secret();
        const version = token();
        if (done >= 1) await sm.putValue(name, 'new', ['AWSPENDING'], version);
        if (done >= 2) await sm.move(name, 'AWSCURRENT', first, version);
        await rotate(sm, name, { value: 'new', version });
        await rotate(sm, name, { value: 'new', version });
        const want = { [first]: ['AWSPREVIOUS'], [version]: ['AWSCURRENT', 'AWSPENDING'] };
        same(await sm.labels(name), want, `crash after step ${done}`);
      }
    },
  ),
  check(
    'rotation.rollback-then-rotate',
    'doc',
    'rotate, roll back to AWSPREVIOUS, rotate again: labels stay single',
    async (sm) => {
      const { name, first } = await sm.secret();
      const bad = token();
      await rotate(sm, name, { value: 'bad', version: bad });
      await sm.move(name, 'AWSCURRENT', bad, first);
      const good = token();
      await rotate(sm, name, { value: 'good', version: good });
      const labels = await sm.labels(name);
      const found = ['AWSCURRENT', 'AWSPREVIOUS', 'AWSPENDING'].map((label) => holders(labels, label));
      same(found, [[good], [first], [good]], 'holders');
    },
  ),
];
