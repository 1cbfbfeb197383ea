import type { VendorAnswer } from '../../src/provider';
import { grantOf, numberOf } from './memory-vendor';
import { personAt } from './person';
import type { Lab } from './rotation-lab';
import { DAY, type Job, STARTS, type Start, type Starts } from './situations';

// A person imports a value that they have made at the vendor. What was never staged is theirs: they import it again, or another.

const MINUTE = 60_000;
const MOST_TRIES = 20;

/** A person with patience goes on until a value of theirs is current, whatever the import has come to. */
export async function importUntilCurrent(lab: Lab, first: VendorAnswer): Promise<void> {
  let answer = first;
  for (let n = 0; n < MOST_TRIES; n += 1) {
    if (isOutdone(lab, answer)) {
      lab.vendor.ends(grantOf(lab.credential.kind, answer));
      answer = lab.vendor.byHand();
    }
    if (lab.grantOn('AWSCURRENT') === grantOf(lab.credential.kind, answer)) return;
    const { outcome, retryAt } = await lab.import(answer);
    if (outcome === 'promoted') return;
    if (outcome === 'blocked') personAt(lab).removesTags('rotation:blocked');
    lab.world.clock.advance(Math.max(MINUTE, (retryAt ?? 0) - lab.world.clock.now()));
  }
  throw new Error('the import never ends');
}

/** Has the worker issued another since, or has that killed this one? Then a person makes a new one. */
function isOutdone({ credential, vendor, grantOn }: Lab, answer: VendorAnswer): boolean {
  const mine = grantOf(credential.kind, answer);
  return !vendor.live.has(mine) || numberOf(grantOn('AWSCURRENT') ?? 'grant-0') > numberOf(mine);
}

/** Whoever imports a value is there to see it fail: that is no failure of ours, and leaves no suspect. */
const quietly = ({ alarms }: Lab): readonly string[] =>
  alarms.filter((name) => name === 'attempt-failed' || name === 'suspected-orphan').map((name) => `an import: ${name}`);

export const importing = (answer: VendorAnswer): Job => ({
  run: (at, gate) => at.import(answer, gate),
  finish: (at) => importUntilCurrent(at, answer),
  holds: quietly,
});

const imported = ({ prepare }: Start): Start => ({ prepare, job: ({ vendor }) => importing(vendor.byHand()) });

export const IMPORTS: Starts = Object.fromEntries(
  Object.entries(STARTS)
    .filter(([name]) => name !== 'settling')
    .map(([name, start]) => [`imported: ${name}`, imported(start)]),
);

/** The tokens that people are asked to delete. */
const toDelete = (lab: Lab) => lab.tags().unrevoked.map(lab.grantOf);

const NOT_BOTH = (lab: Lab): readonly string[] =>
  toDelete(lab).includes(lab.grantOn('AWSCURRENT')) ? ['what is current is to be deleted'] : [];

/** What only a person can make. */
const brought = (times: number, also: (lab: Lab) => Promise<void> = async () => undefined): Start => ({
  async prepare(lab) {
    for (let n = 0; n < times; n += 1) {
      await lab.import(lab.vendor.byHand());
      lab.world.clock.advance(2 * DAY);
    }
    await also(lab);
  },
  job({ vendor }) {
    const job = importing(vendor.byHand());
    return { ...job, holds: (lab) => [...quietly(lab), ...NOT_BOTH(lab)] };
  },
});

export const BROUGHT: Starts = {
  'the first': brought(0),
  'the next': brought(1),
  'the third': brought(2),
  'the next, of one that is compromised': brought(2, async (lab) => {
    const verdict = await lab.request({ action: 'rotate', urgency: 'compromised' });
    if (verdict.outcome !== 'accepted') throw new Error(verdict.reason);
  }),
};
