import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { readPlainYaml } from '../../../src/manifest/plain-yaml';

/** What a whole YAML parser makes of it; undefined where it refuses. */
function whole(text: string): unknown {
  try {
    return parse(text, { logLevel: 'silent' });
  } catch {
    return undefined;
  }
}

// Pieces that sit where two readers could part ways: indicators, comments, quotes, words that are no texts.
const WORDS = [
  ...[
    'a',
    'b1',
    'a-b',
    'é',
    'true',
    'null',
    'No',
    '~',
    '30d',
    '007',
    '0',
    '12',
    '1e3',
    '0x1f',
    '.5',
    '-1',
    '12:30',
    'x y',
  ],
  ...[
    'a#b',
    'a #b',
    'a: b',
    'a:b',
    'a:',
    "'q'",
    '"q"',
    "'it''s'",
    '"a\\tb"',
    '"',
    '{a: 1}',
    '{ a: b, c: 2 }',
    '[a, "b"]',
    '{}',
  ],
  ...[
    '[]',
    '[a,]',
    '[a b, {c: d}]',
    '{a}',
    '{"a": 1}',
    '{a: [1, 2}',
    '{a: 1, a: 2}',
    '|',
    '>',
    '&x',
    '*x',
    '!t',
    '?',
    '-',
    '- a',
  ],
  ...[
    '---',
    '...',
    '%a',
    '@a',
    '`a',
    'a,b',
    'https://x/y?z=1',
    '2027-01-31T09:00:00Z',
    '<<',
    '__proto__',
    'a\tb',
    'Ctrl\u00a0x',
  ],
];
const KEYS = ['a', 'b', 'id', 'some-key', 'true', 'null', '12', '"q"', "'q'", 'a b', 'é', '<<', '__proto__', 'a:b'];

// Mostly harmless pieces, so that a good part of the texts is taken and compared.
const often = (harmless: readonly string[], others: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...harmless) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  );

const word = often(['a', 'b1', '12', '"q"', 'x y', '30d', '[a]', '{ a: b }'], WORDS);
const line = fc
  .record({
    indent: often(['', '', '  '], ['    ', '      ', ' ', '\t']),
    dash: often(['', '', '- '], ['-   ', '- - ', '-']),
    key: fc.option(often(['a', 'b', 'c', 'd', 'e', 'f', 'g'], KEYS), { freq: 12, nil: undefined }),
    colon: often([': '], [':  ', ':', ' : ']),
    value: fc.oneof({ weight: 4, arbitrary: word }, { weight: 1, arbitrary: fc.constant('') }),
    end: often([''], [' ', ' # c', '\r']),
  })
  .map(
    ({ indent, dash, key, colon, value, end }) =>
      `${indent}${dash}${key === undefined ? '' : key + colon}${value}${end}`,
  );

describe('the reader of plain YAML', () => {
  it('agrees with a whole parser on every text that it takes', () => {
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 6 }), (lines) => {
        const text = lines.join('\n');
        const plain = readPlainYaml(text);
        if (plain !== undefined) expect(plain).toEqual(whole(text));
      }),
      { numRuns: 20_000 },
    );
  });

  it('agrees with a whole parser on every line in braces that it takes', () => {
    const piece = fc.oneof(word, fc.constantFrom('{', '}', '[', ']', ',', ' ', ', ', ': ', 'k: '));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 10 }), fc.constantFrom('{', '[', ''), (pieces, open) => {
        const text = `key: ${open}${pieces.join('')}`;
        const plain = readPlainYaml(text);
        if (plain !== undefined) expect(plain).toEqual(whole(text));
      }),
      { numRuns: 20_000 },
    );
  });

  it('takes what programs write', () => {
    const data = {
      credentials: [
        {
          id: 'a/b',
          kind: 'x',
          rotateEvery: '30d',
          customerId: '1005000000',
          products: [{ product: 'p', maxCalls: 50 }],
        },
        { id: 'c', create: true, tags: { team: 'payments' }, window: { from: '22:00', days: ['mon', 'tue'] } },
      ],
    };
    const texts = [
      ...[stringify(data), stringify(data, { indentSeq: false }), stringify(data, { singleQuote: true })],
      ...[stringify(data, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: false })].map(
        (t) => `x: ${t}`,
      ),
    ];
    for (const text of texts) expect([text, readPlainYaml(text)]).toEqual([text, whole(text)]);
  });

  it.each([
    '',
    '# only a comment\n',
    '  a: 1\n',
    'a: |\n  b\n',
    'a: 1\na: 2\n',
    'a: &x 1\nb: *x\n',
    'a:\n',
    '\ufeffa: 1\n',
  ])('leaves %j to the parser', (text) => expect(readPlainYaml(text)).toBeUndefined());
});
