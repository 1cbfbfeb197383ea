import { type Findings, verdictOf } from './verdict';

const good: Findings = {
  audit: { credentials: 12, working: 12, inGrace: 0, dead: 28, suspects: 2, orphans: 1, listed: 0, violations: [] },
  deviations: [],
  leaks: [],
  searched: { values: 98, logLines: 464, redisKeys: 200 },
  exits: [0, 0],
  counts: { issued: 41, kills: 1 },
};

const text = (findings: Findings): string => verdictOf(findings).lines.join('\n');

test('the audit holds when every promise was kept', () => {
  const { holds, lines } = verdictOf(good);
  expect(holds).toBe(true);
  expect(lines.at(-1)).toBe('THE AUDIT HOLDS');
  expect(lines).toContainEqual(expect.stringContaining('issued 41, kills 1, suspects 2'));
});

test.each<[string, Partial<Findings>, string]>([
  ['a value does not work', { audit: { ...good.audit, working: 11 } }, 'FAIL every AWSCURRENT works: 11 of 12'],
  ['a grant is past its grace', { audit: { ...good.audit, inGrace: 1 } }, 'FAIL every superseded grant'],
  ['a grant was not revoked', { audit: { ...good.audit, listed: 1 } }, 'FAIL every superseded grant'],
  [
    "a grant is nobody's",
    { audit: { ...good.audit, violations: ['key-aaaa: 1 live grants'] } },
    'key-aaaa: 1 live grants',
  ],
  ['a request departs from the documents', { deviations: ['GET /x: a header is missing'] }, 'a header is missing'],
  ['a secret is seen', { leaks: ["line 7 of the worker's output"] }, 'line 7'],
  ['nothing was searched', { searched: { ...good.searched, logLines: 0 } }, 'FAIL no secret'],
  ['the worker did not end well', { exits: [0, 1] }, 'FAIL SIGTERM'],
  ['the worker was never asked to end', { exits: [] }, 'FAIL SIGTERM'],
])('it does not hold when %s, and says so', (_, wrong, says) => {
  const findings = { ...good, ...wrong };
  expect(verdictOf(findings).holds).toBe(false);
  expect(text(findings)).toContain(says);
  expect(text(findings)).toContain('THE AUDIT DOES NOT HOLD');
});
