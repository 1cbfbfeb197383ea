import { ENDINGS } from '../support/endings';
import { forAllInterleavings, interleave, type Work } from '../support/interleaver';
import { judged } from '../support/judged';
import { momentsOf } from '../support/moments';
import { count } from '../support/proof';
import { recover } from '../support/recovery';
import { type Start, started, VENDORS } from '../support/situations';

// Adopted, retired, put back to active, given up as unused, while two workers race, or the entry changes its mind. Crash
// points of each: every-point; faults: every-fault.test.ts.

const RACES = 15;

describe.each(VENDORS)('%s', (_name, vendor) => {
  test.each(Object.entries(ENDINGS))('%s: two workers race, pause and die', async (_ending, ending) => {
    const from = await started(vendor, ending);
    await forAllInterleavings({ runs: RACES, mortal: ['A', 'B'] }, async (course) => {
      const lab = from.fork();
      const worker: Work = (gate) => recover(lab, gate);
      await interleave(course, lab.world.clock, { A: worker, B: worker });
      await judged(lab, 'two workers');
    });
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
