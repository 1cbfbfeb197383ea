import { type GrantedToken, makeTokenCache } from '../../../src/providers/token-cache';
import { Sensitive } from '../../../src/sensitive';
import { makeTestClock } from '../../support/providers/clock';
import { failureOf } from '../../support/providers/no-secrets';

/** Gives out token 1, 2, 3 …, each good for so long (undefined: for one use). */
function counting(lifeMs: number | undefined) {
  const clock = makeTestClock();
  let asked = 0;
  const cache = makeTokenCache(clock, async (): Promise<GrantedToken> => {
    asked += 1;
    const token = new Sensitive(`token ${asked}`);
    await Promise.resolve();
    return { token, until: lifeMs === undefined ? undefined : clock.monotonic() + lifeMs };
  });
  const several = async (n: number) => (await Promise.all(Array.from({ length: n }, cache.get))).map((t) => t.reveal());
  return { cache, clock, several, asked: () => asked };
}

it('joins concurrent requests', async () => {
  const { several, asked } = counting(1_000);
  expect(await several(3)).toEqual(['token 1', 'token 1', 'token 1']);
  expect(asked()).toBe(1);
});

it('never gives a token for one use to two', async () => {
  const { several } = counting(undefined);
  expect((await several(4)).sort()).toEqual(['token 1', 'token 2', 'token 3', 'token 4']);
});

it('asks again after the end of a token', async () => {
  const { cache, clock } = counting(1_000);
  await cache.get();
  clock.advance(1_001);
  expect((await cache.get()).reveal()).toBe('token 2');
});

it('forgets a refused token, but not the one that took its place', async () => {
  const { cache, asked } = counting(1_000);
  const first = await cache.get();
  cache.drop(first);
  const second = await cache.get();
  cache.drop(first);
  expect(await cache.get()).toBe(second);
  expect(asked()).toBe(2);
});

it('shares a failure with all who wait, and asks again for those who come later', async () => {
  let asked = 0;
  const cache = makeTokenCache(makeTestClock(), async () => {
    asked += 1;
    await Promise.resolve();
    throw new Error(`refused ${asked}`);
  });
  const failures = await Promise.all([1, 2, 3].map(() => failureOf(cache.get())));
  expect(failures.map(({ message }) => message)).toEqual(['refused 1', 'refused 1', 'refused 1']);
  expect((await failureOf(cache.get())).message).toBe('refused 2');
});
