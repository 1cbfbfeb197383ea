import { newRotationId, valueId } from '../../src/version-ids';
import type { Move } from '../sandbox/secrets-manager/shelf';
import type { CompanyCredential } from '../support/company';
import type { LogLine } from '../support/worker-process';
import { promotionsOf } from './promotions';
import type { Seen } from './seen';
import type { Sent } from './sending';

const CREDENTIAL: CompanyCredential = { id: 'key', kind: 'finicity-access-key', secret: 'a/key', subject: 'a/b' };
const MINUTE = 60_000;
const FROM = 1_800_000_000_000;
const FIRST = 'intent-'.padEnd(64, '0');

const value = (minutes: number, base: string): string =>
  valueId(newRotationId(FROM + minutes * MINUTE), undefined, base);
const ONE = value(0, FIRST);
const SOON = value(1, ONE);
const LATER = value(10, ONE);

interface Given {
  readonly current: readonly string[];
  readonly lines?: readonly LogLine[];
  readonly sent?: readonly Sent[];
}

/** AWSCURRENT went from each to the next. */
function judged({ current, lines = [], sent = [] }: Given) {
  const moves = current.map(
    (to, n): Move => ({ at: FROM, secret: CREDENTIAL.secret, label: 'AWSCURRENT', from: current[n - 1], to }),
  );
  const seen: Seen = {
    moves,
    control: { grants: () => [], storedValueWorks: () => true, deviations: () => [] },
    secretsManager: { store: { secrets: () => [] } },
  };
  return promotionsOf({ seen, credentials: [CREDENTIAL], rotateEveryMs: 10 * MINUTE, lines, sent });
}

test('the first value, and one that was due, have a reason', () => {
  expect(judged({ current: [FIRST, ONE, LATER] })).toMatchObject({ reasons: { first: 1, due: 1 }, findings: [] });
});

test('one that was not due is a finding', () => {
  expect(judged({ current: [FIRST, ONE, SOON] }).findings).toEqual([`key: ${SOON} replaced ${ONE}, which was not due`]);
});

test('one that was not due is not, where a worker accepted a message about that version', () => {
  const line = { level: 30, msg: '', step: 'request', outcome: 'accepted', credential: 'key', version: ONE };
  expect(judged({ current: [FIRST, ONE, SOON], lines: [line] })).toMatchObject({
    reasons: { message: 1 },
    findings: [],
  });
  const another = { ...line, version: LATER };
  expect(judged({ current: [FIRST, ONE, SOON], lines: [another] }).findings).toHaveLength(1);
});

test('nor where a message was sent of which no worker lived to say anything; each answers for one', () => {
  const sent: Sent = { requestedBy: 'chaos-1', credential: 'key', what: 'rotate', at: FROM };
  expect(judged({ current: [FIRST, ONE, SOON], sent: [sent] }).findings).toEqual([]);
  const next = value(2, SOON);
  expect(judged({ current: [FIRST, ONE, SOON, next], sent: [sent] }).findings).toHaveLength(1);
  const heard = { level: 30, msg: '', step: 'request', outcome: 'refused', requestedBy: 'chaos-1' };
  expect(judged({ current: [FIRST, ONE, SOON], sent: [sent], lines: [heard] }).findings).toHaveLength(1);
});

test('nor where the vendor was seen to refuse the version that it replaced', () => {
  const line = { level: 50, msg: '', alarm: 'current-refused', version: ONE };
  expect(judged({ current: [FIRST, ONE, SOON], lines: [line] })).toMatchObject({ reasons: { 'current-refused': 1 } });
});

test('one that became current twice, or replaced another than its base, is a finding', () => {
  expect(judged({ current: [FIRST, ONE, LATER, ONE] }).findings).toContain(`key: ${ONE} became current twice`);
  expect(judged({ current: [FIRST, LATER] }).findings).toEqual([
    `key: ${LATER} replaced ${FIRST}, which is not its base`,
  ]);
});
