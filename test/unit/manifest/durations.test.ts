import fc from 'fast-check';
import { durationText, parseDuration } from '../../../src/manifest/durations';
import { didYouMean, show } from '../../../src/manifest/words';

describe('a duration', () => {
  it.each([
    ['90s', 90_000],
    ['5m', 300_000],
    ['36h', 129_600_000],
    ['30d', 2_592_000_000],
    ['2w', 1_209_600_000],
    ['0s', 0],
  ])('%s is %d ms', (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each(['', '5', 'm', '5 m', '1.5h', '-5m', '5ms', '5M', '1h30m', '9999999999s'])('%j is none', (text) =>
    expect(parseDuration(text)).toBeUndefined(),
  );

  it('is written so that it means the same', () => {
    expect([0, 90_000, 1_728_000, 2_592_000_000].map(durationText)).toEqual(['0s', '1m30s', '28m48s', '30d']);
    fc.assert(
      fc.property(fc.nat(100_000_000), (seconds) => {
        const parts = durationText(seconds * 1000).match(/\d+[dhms]/g) ?? [];
        expect(parts.reduce((sum, part) => sum + (parseDuration(part) ?? NaN), 0)).toBe(seconds * 1000);
      }),
    );
  });
});

describe('the words of a message', () => {
  it('guess what was meant only where it is near', () => {
    expect(didYouMean('rotateEvry', ['grace', 'rotateEvery'])).toBe('; did you mean "rotateEvery"?');
    expect(didYouMean('GRACE', ['grace'])).toBe('; did you mean "grace"?');
    expect(didYouMean('colour', ['grace', 'rotateEvery'])).toBe('');
  });

  it('show a value bounded, with its control characters escaped', () => {
    expect(show('a\u001b[2J\n')).toBe('"a\\u001b[2J\\n"');
    expect(show('x'.repeat(1000))).toHaveLength(61);
    expect([show([]), show({}), show(undefined)]).toEqual(['a list', 'a map', 'nothing']);
  });
});
