import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FIGURES = ['crash points', 'interleavings', 'faulted answers', 'virtual years', 'bytes searched'];
const BROKEN = ['lost', 'leaked', 'seen', 'issued twice'];

/** One line of what the test files counted (test/support/proof.ts), each in a file of its own in this folder. */
export function summaryOf(folder) {
  const totals = new Map([...FIGURES, ...BROKEN].map((word) => [word, 0]));
  for (const file of readdirSync(folder)) {
    const counted = Object.entries(JSON.parse(readFileSync(join(folder, file), 'utf8')));
    for (const [word, times] of counted) totals.set(word, totals.get(word) + times);
  }
  const say = (words) => words.map((word) => `${totals.get(word)} ${word}`).join(', ');
  return `${say(FIGURES)}: ${say(BROKEN)}`;
}
