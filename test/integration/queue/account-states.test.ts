import { type AccountState, afterFailure, afterSuccess } from '../../../src/account-pause';
import { createAccountStates } from '../../../src/queue/account-states';
import { describeWithOwnRedis, startRedis } from '../../support/redis-server';
import { connected, sharedRedis } from './support';

const RULES = { pauseAfter: 25, pauseForMs: 60_000 };
const fails = (run: string) => (state: AccountState) =>
  afterFailure(
    state,
    { run, reason: 'provider-unavailable', ownCredential: false, secretName: 's', now: 1_000, random: () => 1 },
    RULES,
  );

async function replicas(url: string, prefix: string, count: number) {
  const connections = await Promise.all(Array.from({ length: count }, () => connected(url)));
  return connections.map(({ failFast }) => createAccountStates({ failFast, prefix }));
}

test('failures are counted over all replicas, none lost, and the pause begins once', async () => {
  const { url, prefix } = await sharedRedis();
  const all = await replicas(url, prefix, 3);
  const changes = await Promise.all(
    all.flatMap((states, n) => Array.from({ length: 9 }, (_, i) => states.change('sharing', fails(`${n}-${i}`)))),
  );
  const began = changes.filter(({ before, after }) => before.pause === undefined && after.pause !== undefined);
  expect(began).toHaveLength(1);
  expect(await all[0]?.read('sharing')).toMatchObject({ failures: 25, pause: { nth: 1 } });
  expect(await all[1]?.read('other')).toEqual({ failures: 0 });
});

test('what is not ours in its place counts as nothing', async () => {
  const { url, prefix } = await sharedRedis();
  const { failFast } = await connected(url);
  await failFast.set(`${prefix}:pause:sharing`, '{"pause":"for ever"}');
  const states = createAccountStates({ failFast, prefix });
  expect(await states.read('sharing')).toEqual({ failures: 0 });
  await states.change('sharing', fails('a'));
  expect(await states.read('sharing')).toEqual({ failures: 1 });
});

describeWithOwnRedis('when Redis', () => {
  const paused: AccountState = {
    failures: 5,
    pause: { since: 1, until: 2, nth: 1, reason: 'own-credential-refused', secretName: 's', tried: ['s'] },
  };

  test('is emptied, a replica that knew of the pause puts it back, and one that did not takes it away from nobody', async () => {
    const { url } = await startRedis();
    const [knew, knewNot] = await replicas(url, '{p}', 2);
    await knew?.change('sharing', () => paused);
    const { failFast } = await connected(url);
    await failFast.flushall();
    expect(await knewNot?.read('sharing')).toEqual({ failures: 0 });
    expect(await knew?.read('sharing')).toEqual(paused);
    expect(await knewNot?.read('sharing')).toEqual(paused);
  });

  test('is away, a process counts alone', async () => {
    const { url, stop } = await startRedis();
    const [states] = await replicas(url, '{p}', 1);
    await stop();
    for (let n = 0; n < 25; n += 1) await states?.change('sharing', fails(String(n)));
    expect((await states?.read('sharing'))?.pause).toMatchObject({ nth: 1 });
    expect((await states?.change('other', afterSuccess))?.after).toEqual({ failures: 0 });
  });
});
