import { makeLogLines } from './log-lines';

const line = (fields: object): string =>
  `${JSON.stringify({ level: 30, time: '2026-11-21T12:00:00Z', pid: 1, msg: 'said', ...fields })}\n`;

test('steps of interest are shown short, others only counted', () => {
  const log = makeLogLines(false);
  log.read(
    line({ step: 'intent', credential: 'one' }) + line({ step: 'promote', credential: 'one', reason: 'verified' }),
  );
  expect(log.last(5)).toEqual([expect.stringMatching(/INFO: one +promote verified$/)]);
  expect([log.count('intent'), log.count('promote'), log.count('settle')]).toEqual([1, 1, 0]);
});

test('an alarm is shown by its name, a message with who asked', () => {
  const log = makeLogLines(false);
  log.read(line({ level: 50, alarm: 'blocked', credential: 'one', reason: 'five failures' }));
  log.read('');
  expect(log.last(1)[0]).toMatch(/ERROR: one +ALARM blocked: five failures$/);
  const other = makeLogLines(false);
  other.read(line({ step: 'request', credential: 'one', outcome: 'refused', reason: 'too soon', requestedBy: 'ana' }));
  expect(other.last(1)[0]).toMatch(/request refused: too soon \(for ana\)$/);
});

test('output that grows is read once, whole lines only, and what is no log line is passed over', () => {
  const log = makeLogLines(false);
  const whole = `Node.js v20\n${line({ step: 'settle' })}`;
  log.read(`${whole}{"level":30,"ste`);
  log.read(whole + line({ step: 'settle' }));
  expect(log.count('settle')).toBe(2);
});
