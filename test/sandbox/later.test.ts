import { makeLater } from './later';
import { sleepUntil } from './support/sleep-until';

test('what is cancelled never happens, and nobody waits for it', async () => {
  const later = makeLater();
  const happened: string[] = [];
  later.run(10, () => happened.push('cancelled'));
  const waiting = later.wait(60_000);
  later.cancelAll();
  await waiting;
  later.run(20, () => happened.push('after'));
  await sleepUntil(() => happened.includes('after'));
  expect(happened).toEqual(['after']);
});

test('what is to come later comes when it is told to, once', async () => {
  const later = makeLater();
  const happened: string[] = [];
  later.run(60_000, () => happened.push('run'));
  const waiting = later.wait(60_000);
  later.runAll();
  later.runAll();
  await waiting;
  expect(happened).toEqual(['run']);
});
