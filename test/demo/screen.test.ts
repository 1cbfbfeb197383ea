import { openScreen } from './screen';

function output(isTTY: boolean) {
  const written: string[] = [];
  return { written, out: { write: (text: string) => written.push(text), isTTY, rows: 24 } };
}

const TWO_LINES_UP = '\x1b[2A\r';

test('on a terminal a frame is written over the one before, and what is said stays above it', () => {
  const { written, out } = output(true);
  const screen = openScreen(out, {});
  screen.draw('one\ntwo');
  screen.say('a line');
  expect(written[1]).toContain(`${TWO_LINES_UP}a line`);
  expect(written[1]).toContain('two');
  screen.settle();
  screen.say('below');
  expect(written[2]).toMatch(/^below/);
});

test('on a terminal a frame never has more lines than there are rows', () => {
  const { written, out } = output(true);
  openScreen(out, {}).draw('line\n'.repeat(100));
  expect(written[0]?.split('\n').length).toBeLessThanOrEqual(24);
});

test('elsewhere a frame is printed where a scene ends, and else only every few seconds', () => {
  const { written, out } = output(false);
  const screen = openScreen(out, {});
  screen.draw('frame');
  expect(written).toEqual([]);
  screen.draw('frame', { endsScene: true });
  screen.say('a line');
  expect(written).toEqual(['\nframe\n\n', 'a line\n']);
});

test('colour is for terminals, and NO_COLOR switches it off', () => {
  expect(openScreen(output(true).out, {}).colour).toBe(true);
  expect(openScreen(output(true).out, { NO_COLOR: '1' }).colour).toBe(false);
  expect(openScreen(output(false).out, {}).colour).toBe(false);
});
