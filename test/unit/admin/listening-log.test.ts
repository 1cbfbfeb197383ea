import { listeningLog } from '../../../src/admin/listening-log';
import { makeMeters } from '../../../src/admin/meters';
import { recordingLog } from '../../integration/queue/recording-log';
import { type Page, parseExposition } from '../../support/exposition';

const KIND = 'flinks-auth-secret';

/** A log of one credential's job, what it passes on, and what the metrics heard. */
function listened(bound: Readonly<Record<string, unknown>> = { kind: KIND, credential: 'partner' }) {
  const meters = makeMeters();
  const passed = recordingLog();
  const page = async (): Promise<Page> => parseExposition(await meters.registry.metrics());
  return { log: listeningLog(meters, passed, bound), passed, page };
}

test('passes every line on as it is', () => {
  const { log, passed } = listened();
  log.info({ step: 'stage', call: 'issue', storedMs: 7 }, 'value is staged');
  log.warn({ step: 'issue', reason: 'not-done' }, 'no value was obtained');
  log.alarm('blocked', { reason: 'five' }, 'five failures');
  expect(passed.lines).toEqual([
    { level: 'info', message: 'value is staged', fields: { step: 'stage', call: 'issue', storedMs: 7 } },
    { level: 'warn', message: 'no value was obtained', fields: { step: 'issue', reason: 'not-done' } },
    { level: 'alarm', message: 'five failures', fields: { alarm: 'blocked', reason: 'five' } },
  ]);
});

test('counts rotations by outcome, each promotion once, and times those that promoted', async () => {
  const { log, page } = listened();
  log.info({ step: 'rotate', outcome: 'promoted', durationMs: 1_500 }, 'job ended');
  log.info({ step: 'rotate', outcome: 'promoted', reason: 'by-another-worker', durationMs: 9_000 }, 'job ended');
  log.info({ step: 'rotate', outcome: 'waits', durationMs: 20 }, 'job ended');
  log.info({ step: 'rotate', outcome: 'error', error: 'secret-store', durationMs: 20 }, 'job broke off');
  log.info({ step: 'revoke', outcome: 'settled', durationMs: 20 }, 'job ended');
  const seen = await page();
  const counts = seen.samples.filter(({ name }) => name === 'rotation_rotations_total');
  expect(counts.map(({ labels, value }) => [labels.outcome, value])).toEqual([
    ['promoted', 1],
    ['done', 1],
    ['waits', 1],
    ['error', 1],
  ]);
  expect(seen.value('rotation_rotation_duration_seconds_count', { kind: KIND })).toBe(1);
  expect(seen.value('rotation_rotation_duration_seconds_sum', { kind: KIND })).toBe(1.5);
});

test('counts rollbacks by outcome, apart from rotations', async () => {
  const { log, page } = listened();
  for (const outcome of ['promoted', 'refused', 'refused', 'error']) {
    log.info({ step: 'rollback', outcome, durationMs: 20 }, 'job ended');
  }
  const seen = await page();
  const counts = seen.samples.filter(({ name }) => name.endsWith('_total') && name.startsWith('rotation_ro'));
  expect(counts.map(({ name, labels, value }) => [name, labels.outcome, value])).toEqual([
    ['rotation_rollbacks_total', 'promoted', 1],
    ['rotation_rollbacks_total', 'refused', 2],
    ['rotation_rollbacks_total', 'error', 1],
  ]);
});

test('times only what a vendor answered until it was stored', async () => {
  const { log, page } = listened();
  for (const call of ['issue', 'renew', 'copy', 'import', 'choose']) {
    log.info({ step: 'stage', call, storedMs: 250 }, 'value is staged');
  }
  log.warn({ step: 'stage', reason: 'given-up-by-another-worker' }, 'the value comes too late');
  expect((await page()).value('rotation_answer_to_stored_seconds_sum', { kind: KIND })).toBe(0.5);
});

test.each([
  ['revoked', 'proven-dead'],
  ['revoked-by-another-worker', 'proven-dead'],
  ['old-secret-is-dead', 'proven-dead'],
  ['provider-did-not-rotate', 'nothing-to-revoke'],
  ['grant-is-held-by-current', 'nothing-to-revoke'],
  ['unrevoked', 'not-proven'],
  ['old-secret-still-alive', 'not-proven'],
  ['old-secret-not-proven-dead', 'not-proven'],
  ['whatever is said one day', 'not-proven'],
])('a version settled as %s has a grant that is %s', async (reason, grant) => {
  const { log, page } = listened();
  log.info({ step: 'settle', reason }, 'settled');
  expect((await page()).value('rotation_settled_total', { kind: KIND, grant })).toBe(1);
});

test('tells a throttling vendor from our own limit', async () => {
  const { log, page } = listened();
  const code = 'provider-throttled';
  log.warn({ step: 'issue', code, route: 'flinks-data-sharing.generate' }, 'no value was obtained');
  log.info({ step: 'rotate', outcome: 'error', error: code, route: 'flinks-data-sharing.generate' }, 'job broke off');
  log.info({ step: 'rotate', outcome: 'error', error: code }, 'job broke off');
  const seen = await page();
  expect(seen.value('rotation_throttles_total', { by: 'flinks-data-sharing' })).toBe(2);
  expect(seen.value('rotation_throttles_total', { by: 'our-own-limit' })).toBe(1);
});

test('no label holds what stands in a line: only words of ours', async () => {
  const { log, page } = listened();
  const text = 'hunter2 "\n}';
  for (const step of ['rotate', 'settle', 'stage', 'issue', text]) {
    log.info({ step, outcome: text, reason: text, call: text, code: text, error: text, route: text }, text);
  }
  expect(JSON.stringify((await page()).samples)).not.toContain('hunter2');
});

test('lines that are about no credential are counted by their alarms alone', async () => {
  const { log, page } = listened({ kind: 'no kind of ours' });
  log.info({ step: 'rotate', outcome: 'promoted', durationMs: 1 }, 'job ended');
  log.alarm('scheduler-late', { sweep: 'x' }, 'late');
  const { samples } = await page();
  const own = samples.filter(({ name, value }) => /_total$/.test(name) && !/process|nodejs/.test(name) && value > 0);
  expect(own).toEqual([{ name: 'rotation_alarms_total', labels: { alarm: 'scheduler-late' }, value: 1 }]);
});
