import { ENDINGS } from '../support/endings';
import { interleaver, randomFrom } from '../support/interleaver';
import { judged } from '../support/judged';
import { momentsOf, tolerated } from '../support/moments';
import { count } from '../support/proof';
import { recover } from '../support/recovery';
import { type Start, started, VENDORS } from '../support/situations';

// Adopted, retired, put back to active, given up as unused, while two workers race, or the entry changes its mind. Crash
// points of each: every-point; faults: every-fault.test.ts.

const RACES = 15;

describe.each(VENDORS)('%s', (_name, vendor) => {
  test.each(Object.entries(ENDINGS))('%s: two workers race, one of which may die', async (_ending, ending) => {
    const from = await started(vendor, ending);
    for (let seed = 1; seed <= RACES; seed += 1) {
      const lab = from.fork();
      const random = randomFrom(seed);
      const { gate, run, trace } = interleaver();
      const worker = (name: string) => () => tolerated(recover(lab, gate(name)));
      let deaths = 0;
      await run({ A: worker('A'), B: worker('B') }, (waiting) => {
        const index = Math.floor(random() * waiting.length);
        if (deaths > 0 || random() > 0.03) return index;
        deaths += 1;
        return { die: index };
      });
      await judged(lab, `seed ${seed}: ${trace.join(' ')}`);
      count('interleavings');
    }
  });

  test.each(['retired', 'retired, to be deleted'])(
    '%s, and put back to active wherever that had come to: it is issued anew',
    async (name) => {
      const lab = await started(vendor, ENDINGS[name] as Start);
      for (const { where, lab: left } of await momentsOf(lab, recover)) {
        left.reactivate();
        await judged(left, `${where}, then active again`);
        count('crash points');
      }
    },
  );
});
