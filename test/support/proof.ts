import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterFile } from './after-file';

/** What the tests of the promises go through. */
export type Figure = 'crash points' | 'interleavings' | 'faulted answers' | 'virtual years' | 'bytes searched';

/** The promises of nothing lost, leaked, seen, issued twice: how each is called where it was broken. */
export type Broken = 'lost' | 'leaked' | 'seen' | 'issued twice';

const counts = new Map<Figure | Broken, number>();

/**
 * Counts towards the summary at the end of `npm test` (scripts/lib/proof.mjs adds up what each test file leaves behind in the
 * folder PROOF_FOLDER). Count when a check has been made, not when it is begun; of a check that fails count what is broken.
 */
export function count(word: Figure | Broken, times = 1): void {
  if (counts.size === 0) afterFile(leave);
  counts.set(word, (counts.get(word) ?? 0) + times);
}

function leave(): void {
  const folder = process.env.PROOF_FOLDER;
  if (folder === undefined) return;
  writeFileSync(join(folder, `${randomUUID()}.json`), JSON.stringify(Object.fromEntries(counts)));
}

/** `PROOF_SIZE=full`, as the scripts for long runs set it: the same checks at their full size. */
export const sized = <T>({ short, full }: { readonly short: T; readonly full: T }): T =>
  process.env.PROOF_SIZE === 'full' ? full : short;

/** The seed of a random test: PROOF_SEED, else the fixed one. Whoever uses it prints it. */
export function seedOr(fixed: number): number {
  const given = process.env.PROOF_SEED;
  if (given === undefined) return fixed;
  const seed = Number(given);
  if (!Number.isSafeInteger(seed)) throw new Error(`PROOF_SEED is ${JSON.stringify(given)}: give a whole number`);
  return seed;
}
