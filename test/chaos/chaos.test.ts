import { seedOr, sized } from '../support/proof';
import { describeWithOwnRedis } from '../support/redis-server';
import { lastWords } from './last-words';
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
  'three workers, their Redis, the store and the vendors in trouble of every kind, then quiet',
  () => {
    test('nothing is lost, leaked, seen or issued twice; what was due was rotated, or says why not', async () => {
      const seed = seedOr(1);
      const timeline = told(timelineOf(seed, SIZE.seconds, SIZE.dense));
      process.stdout.write(
        `chaos: seed ${seed}; PROOF_SEED=${seed} plays the same troubles, processes interleave anew\n`,
      );
      const chaos = await playChaos({ ...SIZE, seed, env: { LOG_LEVEL: 'trace' } }).catch((error: Error) => {
        throw new Error(`${error.message}\nseed ${seed}:\n${timeline}`);
      });
      const verdict = await judgedChaos(chaos, SIZE.rotateEverySeconds * 1_000);
      process.stdout.write(`${report(chaos, seed, verdict)}\n`);
      const { findings } = verdict;
      if (findings.length > 0) {
        const about = findings.map((finding) => finding.split(':')[0] ?? '');
        throw new Error([...findings, lastWords(chaos.lives, about), `seed ${seed}:`, timeline].join('\n'));
      }
      expect(await leaksOf(chaos)).toEqual([]);
      expect(chaos.lives.filter(({ killedAt }) => killedAt !== undefined).length).toBeGreaterThan(2);
      expect(verdict.promotions.reasons.due).toBeGreaterThan(0);
    });
  },
);
