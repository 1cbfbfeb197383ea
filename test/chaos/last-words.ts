import type { Life } from './crew';

const MOST = 80;

/** What all workers said last about some credentials, in the order of time: for the words of a failure. */
export const lastWords = (lives: readonly Life[], about: readonly string[]): string =>
  lives
    .flatMap(({ worker }) => worker.lines())
    .filter(({ credential }) => typeof credential === 'string' && about.includes(credential))
    .sort((a, b) => String(a.time).localeCompare(String(b.time)))
    .slice(-MOST)
    .map((line) => JSON.stringify(line))
    .join('\n');
