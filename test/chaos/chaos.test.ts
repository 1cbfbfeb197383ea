import { seedOr, sized } from '../support/proof';
import { describeWithOwnRedis } from '../support/redis-server';
import { leaksOf } from './leaks';
import { playChaos } from './play';
import { report, told } from './report';
import { timelineOf } from './timeline';
import { judgedChaos } from './verdict';

jest.setTimeout(sized({ short: 300_000, full: 1_200_000 }));

const SIZE = sized({
  short: { seconds: 12, credentials: 18, dense: 2, rotateEverySeconds: 4, killsInCalm: 0, quietSeconds: 120 },
  full: { seconds: 120, credentials: 60, dense: 1, rotateEverySeconds: 12, killsInCalm: 12, quietSeconds: 400 },
});

test('what happens when is a pure function of the seed', () => {
  expect(timelineOf(7, 60)).toEqual(timelineOf(7, 60));
  expect(timelineOf(8, 60)).not.toEqual(timelineOf(7, 60));
});

describeWithOwnRedis(
  'three workers, their Redis, the store and the vendors in all kinds of trouble, then quiet',
  () => {
    test('nothing is lost, leaked, seen or issued twice; what was due was rotated, or says why not', async () => {
      const seed = seedOr(1);
      process.stdout.write(
        `chaos: seed ${seed} (PROOF_SEED=${seed} plays the same troubles again; how processes interleave differs)\n`,
      );
      const chaos = await playChaos({ ...SIZE, seed, env: { LOG_LEVEL: 'trace' } });
      const verdict = await judgedChaos(chaos, SIZE.rotateEverySeconds * 1_000);
      if (process.env.CHAOS_DUMP) {
        const { writeFileSync } = require('node:fs');
        writeFileSync(
          process.env.CHAOS_DUMP,
          JSON.stringify({
            seed,
            happened: chaos.happened,
            resumptions: verdict.resumptions,
            findings: verdict.findings,
            lines: chaos.lives.flatMap((l) => l.worker.lines().map((x) => ({ ...x, killedAt: l.killedAt }))),
            moves: (await chaos.sandbox.seen()).moves,
          }),
        );
      }
      process.stdout.write(`${report(chaos, seed, verdict)}\n`);
      if (verdict.findings.length > 0) {
        throw new Error([...verdict.findings, `seed ${seed}:`, told(chaos.timeline)].join('\n'));
      }
      expect(await leaksOf(chaos)).toEqual([]);
      expect(chaos.lives.filter(({ killedAt }) => killedAt !== undefined).length).toBeGreaterThan(2);
      expect(verdict.promotions.reasons.due).toBeGreaterThan(0);
    });
  },
);
