import { seedOr, sized } from '../support/proof';
import { describeWithOwnRedis } from '../support/redis-server';
import { playChaos } from './play';

jest.setTimeout(sized({ short: 240_000, full: 900_000 }));

const SIZE = sized({
  short: { seconds: 12, credentials: 18, dense: 2, rotateEverySeconds: 6, killsInCalm: 0 },
  full: { seconds: 120, credentials: 60, dense: 1, rotateEverySeconds: 15, killsInCalm: 12 },
});

describeWithOwnRedis('chaos', () => {
  test('smoke', async () => {
    const chaos = await playChaos({ ...SIZE, seed: seedOr(1) });
    console.log(
      JSON.stringify(chaos.happened.map((h) => ({ ...h, from: h.from - chaos.quietAt, to: h.to - chaos.quietAt }))),
    );
    console.log(chaos.leftToAPerson, chaos.exits, await chaos.audit());
  });
});
