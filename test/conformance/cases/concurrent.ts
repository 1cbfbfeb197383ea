import { check } from '../case';
import { failures, same } from '../expect';
import { holders, times, token } from '../subject';

/** The indexes of those that succeeded. */
const winners = (outcomes: readonly PromiseSettledResult<unknown>[]) =>
  outcomes.flatMap(({ status }, i) => (status === 'fulfilled' ? i : []));

export const concurrent = [
  check('concurrent.create', '-', '64 parallel CreateSecret of different names: all succeed', async (sm) => {
    const outcomes = await Promise.allSettled(times(64, () => sm.secret()));
    same(failures(outcomes), [], 'failures');
  }),
  check(
    'concurrent.create+list+describe',
    '-',
    'parallel creates, lists and describes: no server error',
    async (sm) => {
      const { name } = await sm.secret();
      const three = () => [sm.secret(), sm.list({ MaxResults: 100 }), sm.describe({ SecretId: name })];
      const outcomes = await Promise.allSettled<unknown>(times(80, three).flat());
      same(failures(outcomes), [], 'failures');
    },
  ),
  check(
    'concurrent.create-same-name',
    'doc',
    '16 parallel CreateSecret of one name with different tokens: exactly one succeeds',
    async (sm) => {
      const Name = sm.name();
      const outcomes = await Promise.allSettled(times(16, (i) => sm.create({ Name, SecretString: `v${i}` })));
      same(winners(outcomes).length, 1, 'successes');
    },
  ),
  check(
    'concurrent.same-token',
    'doc',
    '16 parallel PutSecretValue of one token and value: all succeed, one version',
    async (sm) => {
      const { name, first } = await sm.secret();
      const second = token();
      await Promise.all(times(16, () => sm.putValue(name, 'v2', ['AWSPENDING'], second)));
      same(await sm.labels(name), { [first]: ['AWSCURRENT'], [second]: ['AWSPENDING'] }, 'labels');
    },
  ),
  check(
    'concurrent.same-token-other-values',
    'doc',
    '16 parallel PutSecretValue of one token with different values: exactly one succeeds, and its value stays',
    async (sm) => {
      const { name } = await sm.secret();
      const second = token();
      const outcomes = await Promise.allSettled(times(16, (i) => sm.putValue(name, `w${i}`, ['AWSPENDING'], second)));
      const won = winners(outcomes);
      same(won.length, 1, 'successes');
      const errors = outcomes.flatMap((o) => (o.status === 'rejected' ? o.reason.name : []));
      same([...new Set(errors)], ['ResourceExistsException'], 'errors');
      same((await sm.get({ SecretId: name, VersionId: second })).SecretString, `w${won[0]}`, 'value');
    },
  ),
  check(
    'concurrent.promote',
    'doc',
    '16 parallel moves of AWSCURRENT from one holder to different versions: exactly one succeeds',
    async (sm) => {
      const { name, first } = await sm.secret();
      const targets = await Promise.all(times(16, (i) => sm.putValue(name, `w${i}`, [`L${i}`])));
      const outcomes = await Promise.allSettled(targets.map((to) => sm.move(name, 'AWSCURRENT', first, to)));
      const won = winners(outcomes).map((i) => targets[i]);
      same(won.length, 1, 'successes');
      const labels = await sm.labels(name);
      same([holders(labels, 'AWSCURRENT'), holders(labels, 'AWSPREVIOUS')], [won, [first]], 'holders');
    },
  ),
  check(
    'concurrent.one-current',
    'doc',
    '32 parallel PutSecretValue of different tokens: one AWSCURRENT, one AWSPREVIOUS',
    async (sm) => {
      const { name } = await sm.secret();
      await Promise.all(times(32, (i) => sm.putValue(name, `v${i}`)));
      const labels = await sm.labels(name);
      same([holders(labels, 'AWSCURRENT').length, holders(labels, 'AWSPREVIOUS').length], [1, 1], 'holders');
    },
  ),
];
