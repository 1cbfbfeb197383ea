import { findings, plant } from './planted.js';

/** A library with types of its own: the rules must see through to them, as with `queue.add` and `job.updateData`. */
const LIBRARY = {
  'node_modules/some-queue/package.json': '{ "name": "some-queue", "version": "1.0.0", "types": "index.d.ts" }',
  'node_modules/some-queue/index.d.ts': 'export declare class Queue { add(name: string): Promise<number>; }\n',
};

test('a promise that nobody waits for is refused', async () => {
  const folder = plant({
    ...LIBRARY,
    'src/floating.ts': [
      "import type { Queue } from 'some-queue';",
      'async function work(): Promise<number> { return 1; }',
      'export function own(): void { work(); }',
      "export function library(queue: Queue): void { queue.add('x'); }",
      'export function chained(): void { work().then((result) => result + 1); }',
      'export async function awaited(): Promise<void> { await work(); void work(); }',
    ].join('\n'),
  });

  expect(await findings(folder, 'nursery/noFloatingPromises')).toEqual(
    [3, 4, 5].map((line) => `src/floating.ts:${line}`),
  );
});

test('a promise where a plain value or a synchronous function is expected is refused', async () => {
  const folder = plant({
    'src/misused.ts': [
      'async function work(): Promise<number> { return 1; }',
      "export function condition(): string { return work() ? 'always' : 'never'; }",
      'export function callback(): void { [1].forEach(async () => { await work(); }); }',
      'export async function right(): Promise<void> { if (await work()) await Promise.all([1].map(async () => work())); }',
    ].join('\n'),
  });

  expect(await findings(folder, 'nursery/noMisusedPromises')).toEqual([2, 3].map((line) => `src/misused.ts:${line}`));
});
