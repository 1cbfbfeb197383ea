import type { JobsOptions } from 'bullmq';
import type { CompanyCredential } from '../support/company';
import { isUnsettled } from '../support/holdings';
import { openScene, type Scene } from '../support/scene';
import { asked } from '../support/sender';
import type { WorkerProcess } from '../support/worker-process';

/** The sweep at start issues the first values; none comes after it. */
const NEVER = '0 0 0 29 2 *';
const CLEAN = { violations: [] as string[], suspects: 0, listed: 0 };

let scene: Scene;
let worker: WorkerProcess;

beforeAll(async () => {
  scene = await openScene({
    perKind: 12,
    pattern: NEVER,
    defaults: { grace: '1h', 'flinks-auth-secret': { rollbackByMessage: true } },
  });
  worker = await scene.startWorker();
  await scene.finished();
}, 60_000);

afterEach(() => {
  const { working, credentials, ...rest } = scene.audit();
  expect(rest).toMatchObject(CLEAN);
  expect(working).toBe(credentials);
});

const current = (credential: CompanyCredential): string => scene.holdings(credential).current ?? '';
const ask = (credential: CompanyCredential, more: object = {}, options?: JobsOptions) =>
  scene.sender.ask('rotate', { ...asked(credential.id), ...more }, options);
const replaced = (credential: CompanyCredential, version: string): Promise<void> =>
  scene.until(() => current(credential) !== version, `${version} is replaced`);

test.each(['flinks-outbound-recipient', 'flinks-auth-secret', 'finicity-access-key'] as const)(
  'a message from a bare queue of another process makes a new AWSCURRENT: %s',
  async (kind) => {
    const credential = scene.untouched(kind);
    const before = current(credential);

    expect(await ask(credential)).toEqual({ outcome: 'accepted', version: before, reason: 'enqueued' });

    await replaced(credential, before);
    expect(scene.holdings(credential)).toMatchObject({ previous: before });
    expect(scene.holdings(credential).answers).toHaveLength(2);
  },
);

test('a compromised version is replaced, and its grant revoked without grace; a tag says so before the answer', async () => {
  for (const kind of ['flinks-auth-secret', 'finicity-access-key'] as const) {
    const credential = scene.untouched(kind);
    const before = current(credential);
    const old = scene.holdings(credential).value(before);

    const answer = await ask(credential, { urgency: 'compromised' });
    const tags = Object.keys(scene.holdings(credential).tags);

    expect(answer).toMatchObject({ outcome: 'accepted', version: before });
    expect(tags).toContain(`rotation:compromised:${before}`);
    await scene.until(() => scene.holdings(credential).tags['rotation:revoked'] === before, 'it is settled');
    expect(current(credential)).not.toBe(before);
    expect(scene.sandbox.control.storedValueWorks(kind, old)).toBe(false);
  }
});

test('compromised also ends the grace of the version before it', async () => {
  const credential = scene.untouched();
  const first = current(credential);
  await ask(credential);
  await replaced(credential, first);
  const second = current(credential);
  const values = [first, second].map((version) => scene.holdings(credential).value(version));

  expect(await ask(credential, { urgency: 'compromised' })).toMatchObject({ outcome: 'accepted', version: second });

  await scene.until(() => scene.holdings(credential).tags['rotation:revoked'] === second, 'both are settled');
  expect(values.map((value) => scene.sandbox.control.storedValueWorks(credential.kind, value))).toEqual([false, false]);
});

test('while the version before is in grace, a normal message is refused with the date; revoke ends the grace', async () => {
  const credential = scene.untouched();
  const first = current(credential);
  await ask(credential);
  await replaced(credential, first);
  const second = current(credential);

  const refused = await ask(credential);
  expect(refused).toMatchObject({ outcome: 'refused', version: second });
  expect(refused.reason).toMatch(/in grace until \d{4}-\d\d-\d\dT[\d:.]+Z/);
  expect(isUnsettled(scene.holdings(credential))).toBe(true);

  expect(await scene.sender.ask('revoke', asked(credential.id))).toMatchObject({ outcome: 'accepted', version: first });
  await scene.until(() => !isUnsettled(scene.holdings(credential)), 'it is settled');
  expect(await ask(credential)).toMatchObject({ outcome: 'accepted', version: second });
  await replaced(credential, second);
});

describe('rollback', () => {
  const askBack = (credential: CompanyCredential) => scene.sender.ask('rollback', asked(credential.id));
  const valueNow = (credential: CompanyCredential): unknown => {
    const { value, current: version } = scene.holdings(credential);
    return value(version);
  };

  test('makes the value before current again, as a new version; what it undoes is in grace', async () => {
    const credential = scene.untouched();
    const [first, old] = [current(credential), valueNow(credential)];
    await ask(credential);
    await replaced(credential, first);
    const second = current(credential);

    expect(await askBack(credential)).toEqual({ outcome: 'accepted', version: second, reason: 'enqueued' });

    await replaced(credential, second);
    expect([first, second]).not.toContain(current(credential));
    expect(valueNow(credential)).toEqual(old);
    expect(scene.holdings(credential)).toMatchObject({ previous: second });
    await worker.logged({ step: 'rollback', credential: credential.id, outcome: 'promoted' });
  });

  test('enables a permission that was disabled', async () => {
    const credential = scene.untouched();
    const [first, old] = [current(credential), valueNow(credential)];
    await ask(credential);
    await replaced(credential, first);
    await scene.sender.ask('revoke', asked(credential.id));
    await scene.until(() => !isUnsettled(scene.holdings(credential)), 'it is settled');
    expect(scene.sandbox.control.storedValueWorks(credential.kind, old)).toBe(false);
    const second = current(credential);

    await askBack(credential);

    await replaced(credential, second);
    expect(valueNow(credential)).toEqual(old);
    expect(scene.sandbox.control.storedValueWorks(credential.kind, old)).toBe(true);
  });

  test.each([
    ['flinks-outbound-recipient', 'the-kind-cannot-roll-back'],
    ['finicity-access-key', 'the-kind-cannot-roll-back'],
    ['flinks-auth-secret', 'no-value-before-it'],
  ] as const)('is refused with the reason: %s', async (kind, reason) => {
    expect(await askBack(scene.untouched(kind))).toMatchObject({ outcome: 'refused', reason });
  });
});

test('a message that names a version, or is sent again with it, concerns that version only', async () => {
  const credential = scene.untouched();
  const first = current(credential);
  expect(await ask(credential, { version: first })).toMatchObject({ outcome: 'accepted' });
  await replaced(credential, first);
  const second = current(credential);

  expect(await ask(credential, { version: first })).toEqual({
    outcome: 'done',
    version: first,
    reason: 'another-version-is-current',
  });
  expect(current(credential)).toBe(second);
});

const OPTIONS: readonly [string, JobsOptions][] = [
  ['attempts and back-off', { attempts: 10, backoff: { type: 'exponential', delay: 1 } }],
  ['removeOnComplete', { removeOnComplete: true, removeOnFail: true }],
  ['keeping all', { removeOnComplete: false, removeOnFail: false }],
  ['priority', { priority: 2_000_000 }],
  ['delay', { delay: 300 }],
  ['a job id of its own', { jobId: 'mine-1' }],
  ['lifo', { lifo: true }],
  ['deduplication', { deduplication: { id: 'x' } }],
];

test.each(OPTIONS)("with any options of the sender's it rotates once: %s", async (_, options) => {
  const credential = scene.untouched('finicity-access-key');
  const before = current(credential);

  expect(await ask(credential, {}, options)).toMatchObject({ outcome: 'accepted', version: before });

  await replaced(credential, before);
  expect(scene.holdings(credential).answers).toHaveLength(2);
});

const GOOD = asked('partner-aaaa');
const BAD: readonly [string, string, unknown, string | RegExp][] = [
  ['an unknown credential', 'rotate', asked('nobody'), 'unknown-credential'],
  ['an unknown job', 'retire', GOOD, /"retire" is no job/],
  ['no reason', 'rotate', { credential: 'partner-aaaa', requestedBy: 'test' }, /"reason"/],
  ['an unknown field', 'rotate', { ...GOOD, force: true }, /"force" is unknown/],
  ['an unknown urgency', 'rotate', { ...GOOD, urgency: 'now' }, /"urgency"/],
  ['no object', 'rotate', ['partner-aaaa'], /one object/],
  ['nothing', 'rotate', null, /one object/],
  ['too much', 'rotate', { ...GOOD, reason: 'x'.repeat(5_000) }, /bytes; at most 4096/],
];

test.each(BAD)('refused once, with the reason in the result and in the log: %s', async (what, name, data, reason) => {
  const jobId = `bad-${what.replaceAll(' ', '-')}`;
  const { outcome, reason: said } = await scene.sender.ask(name, data, { jobId, attempts: 10, backoff: 1 });

  expect(outcome).toBe('refused');
  expect(said).toMatch(reason);
  await worker.logged({ step: 'request', outcome: 'refused', reason: said });
  expect(await scene.sender.ends(jobId)).toBe(1);
  expect(await (await scene.sender.queue.getJob(jobId))?.getState()).toBe('completed');
});

test('who asked and why stand in every line of it, bounded and without control characters', async () => {
  const credential = scene.untouched();
  await ask(credential, { requestedBy: 'ana\u001b[31m\n{"level":50}', reason: 'line\r\nbreak' });
  const asking = await worker.logged({ step: 'request', credential: credential.id });

  const { requestedBy, wanted } = asking;
  expect(requestedBy).toMatch(/^ana.*\{"level":50\}$/);
  expect(wanted).toMatch(/^line.*break$/);
  expect(`${requestedBy}${wanted}`).not.toMatch(/\p{Cc}/u);
  for (const step of ['intent', 'issue', 'stage', 'verify', 'promote', 'rotate']) {
    await worker.logged({ step, credential: credential.id, kind: credential.kind, requestedBy, wanted });
  }
});
