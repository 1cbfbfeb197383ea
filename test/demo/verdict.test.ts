import { KINDS } from '../../src/types';
import { type Findings, verdictOf } from './verdict';

const good: Findings = {
  audit: {
    ...{ credentials: 10, working: 10, kinds: [...KINDS], retired: 1, ended: 1 },
    ...{ inGrace: 0, dead: 28, suspects: 2, orphans: 1, listed: 0, violations: [] },
  },
  deviations: [],
  leaks: [],
  searched: { values: 98, logLines: 464, redisKeys: 200, commands: 6 },
  extension: { credential: 'key-caaa', revision: 3, values: 3, isSame: true, alive: true },
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
  ['a value does not work', { audit: { ...good.audit, working: 9 } }, 'FAIL every AWSCURRENT works: 9 of 10'],
  ['a kind is missing', { audit: { ...good.audit, kinds: KINDS.slice(1) } }, 'FAIL every AWSCURRENT works'],
  ['what was retired lives', { audit: { ...good.audit, ended: 0 } }, 'FAIL what was retired has no grant left: 0 of 1'],
  ['nothing was retired', { audit: { ...good.audit, retired: 0, ended: 0 } }, 'FAIL what was retired'],
  ['a receipt was replaced', { extension: { ...good.extension, isSame: false } }, 'FAIL the extended key-caaa'],
  ['an extended receipt is dead', { extension: { ...good.extension, alive: false } }, 'FAIL the extended key-caaa'],
  ['nothing was extended', { extension: { ...good.extension, values: 1 } }, 'FAIL the extended key-caaa'],
  ['a grant is past its grace', { audit: { ...good.audit, inGrace: 1 } }, 'FAIL every superseded grant'],
  ['a grant was not revoked', { audit: { ...good.audit, listed: 1 } }, 'FAIL every superseded grant'],
  [
    "a grant is nobody's",
    { audit: { ...good.audit, violations: ['key-aaaa: 1 live grants'] } },
    'key-aaaa: 1 live grants',
  ],
  ['a request departs from the documents', { deviations: ['GET /x: a header is missing'] }, 'a header is missing'],
  ['a secret is seen', { leaks: ["line 7 of the worker's output"] }, 'line 7'],
  ['no log was searched', { searched: { ...good.searched, logLines: 0 } }, 'FAIL no secret'],
  ['no command was searched', { searched: { ...good.searched, commands: 0 } }, 'FAIL no secret'],
  ['the worker did not end well', { exits: [0, 1] }, 'FAIL SIGTERM'],
  ['the worker was never asked to end', { exits: [] }, 'FAIL SIGTERM'],
])('it does not hold when %s, and says so', (_, wrong, says) => {
  const findings = { ...good, ...wrong };
  expect(verdictOf(findings).holds).toBe(false);
  expect(text(findings)).toContain(says);
  expect(text(findings)).toContain('THE AUDIT DOES NOT HOLD');
});
