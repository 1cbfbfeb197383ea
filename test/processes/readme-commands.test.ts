import { SWEEPS } from '../../src/types';
import type { CompanyCredential } from '../support/company';
import { isUnsettled } from '../support/holdings';
import { awsPrograms, type ReadmeCommand, readmeCommands, runCommand } from '../support/readme-commands';
import { openScene, type Scene } from '../support/scene';
import { holdAnswers } from '../support/vendor-calls';
import type { WorkerProcess } from '../support/worker-process';

jest.setTimeout(60_000);

const PARTNER_SECRET = 'own/finicity_partner';
const BY_SWEEP = { msg: 'nothing is done with it until a person acts' };
const GENERATE = 'flinks-data-sharing.generate';
const programs = awsPrograms();
const run: ReadmeCommand[] = [];

let scene: Scene;
let worker: WorkerProcess;

beforeAll(async () => {
  const defaults = { grace: '1s', 'flinks-auth-secret': { reissueAfterUnknown: false } };
  scene = await openScene({ perKind: 2, pattern: '* * * * * *', defaults });
  worker = await scene.startWorker();
  await scene.finished();
}, 60_000);

function commandAbout(what: string): ReadmeCommand {
  const [command, ...others] = readmeCommands().filter((one) => one.what.includes(what));
  if (command === undefined || others.length > 0) throw new Error(`the README has not one command about ${what}`);
  return command;
}

/** Runs it as the README has it, by the AWS command line where there is one. */
async function person(what: string, variables: Readonly<Record<string, string>>): Promise<void> {
  const command = commandAbout(what);
  const program = programs.at(-1);
  if (program === undefined) throw new Error('not even the stand-in for aws is there');
  await runCommand(command, program, scene.sandbox.urls.secretsManager, variables);
  run.push(command);
}

function find(id: string): CompanyCredential & { current: () => string; tags: () => Readonly<Record<string, string>> } {
  const credential = scene.company.credentials.find((one) => one.id === id);
  if (credential === undefined) throw new Error(`no credential ${id}`);
  return {
    ...credential,
    current: () => scene.holdings(credential).current ?? '',
    tags: () => scene.holdings(credential).tags,
  };
}

/** Each of the four sweeps has begun anew and ended at least twice. */
function moreSweeps(): Promise<void> {
  const counts = () => SWEEPS.map((sweep) => worker.lines({ step: 'sweep', sweep }).length);
  const earlier = counts();
  return scene.until(() => counts().every((count, i) => count > (earlier[i] ?? 0) + 1), 'more sweeps');
}

const nameAfter = (tags: Readonly<Record<string, string>>, prefix: string): string =>
  Object.keys(tags)
    .find((key) => key.startsWith(prefix))
    ?.slice(prefix.length) ?? '';

test('a block is said once while it lasts, and cleared: the credential rotates again', async () => {
  const partner = find('partner-aaaa');
  const before = partner.current();
  scene.sandbox.control.addFaults({ kind: 'answer', route: GENERATE, status: 400, body: '{}', count: 5 });
  await scene.rotate([partner], { urgency: 'compromised' });
  const reported = { ...BY_SWEEP, alarm: 'blocked', credential: partner.id };
  await worker.logged(reported);
  await moreSweeps();
  expect(worker.lines(reported)).toHaveLength(1);
  expect(partner.current()).toBe(before);

  await person('a block', { SECRET: partner.secret });

  await scene.until(() => partner.current() !== before, 'it has rotated');
  await scene.until(() => !isUnsettled(scene.holdings(partner)), 'it is settled');
});

test('a suspected orphan is resolved: another is issued, and the worker removes the tag', async () => {
  const partner = find('partner-baaa');
  const before = partner.current();
  scene.sandbox.control.addFaults({ kind: 'reset', route: GENERATE, effect: 'done' });
  await scene.rotate([partner], { urgency: 'compromised' });
  await worker.logged({ alarm: 'suspected-orphan', credential: partner.id });
  const rotation = nameAfter(partner.tags(), 'rotation:suspected-orphan:');
  await moreSweeps();
  expect(partner.current()).toBe(before);

  await person('a suspected orphan', { SECRET: partner.secret, ROTATION: rotation });

  await scene.until(() => partner.current() !== before, 'it has rotated');
  await scene.until(() => nameAfter(partner.tags(), 'rotation:suspected-orphan:') === '', 'the tag is gone');
});

test('a grant that was revoked by hand is cleared, and stays so', async () => {
  const key = find('key-aaaa');
  const before = key.current();
  scene.sandbox.control.addFaults({ kind: 'answer', route: 'finicity.access-key.revoke', status: 400, body: '{}' });
  await scene.rotate([key]);
  await worker.logged({ alarm: 'grant-unrevoked', credential: key.id });
  await scene.until(() => nameAfter(key.tags(), 'rotation:unrevoked:') === before, 'it is listed');

  await person('revoked by hand', { SECRET: key.secret, VERSION: before });
  const next = key.current();
  await scene.rotate([key]);
  await scene.until(() => key.current() !== next && !isUnsettled(scene.holdings(key)), 'the next rotation is settled');

  expect(nameAfter(key.tags(), 'rotation:unrevoked:')).toBe('');
});

test('the tag that says whose the secret is comes back by what the alarm says: the credential rotates again', async () => {
  const recipient = find('recipient-aaaa');
  const before = recipient.current();
  scene.sandbox.secretsManager.store.UntagResource({ SecretId: recipient.secret, TagKeys: ['rotation:credential'] });
  const { owner } = await worker.logged({ alarm: 'blocked', credential: recipient.id, reason: 'tag-removed' });
  const [CREDENTIAL = '', FINGERPRINT = ''] = String(owner).split(' ');
  const [refused] = await scene.rotate([recipient]);
  expect(refused).toMatchObject({ outcome: 'refused', reason: 'tag-removed' });

  await person('whose the secret is', { SECRET: recipient.secret, CREDENTIAL, FINGERPRINT });

  await scene.rotate([recipient]);
  await scene.until(() => recipient.current() !== before, 'it has rotated');
});

test('compromised by hand: replaced by the next sweep, and its grant revoked', async () => {
  const key = find('key-baaa');
  const before = key.current();

  await person('compromised', { SECRET: key.secret, VERSION: before });

  await scene.until(() => key.tags()['rotation:revoked'] === before, 'it is replaced and settled');
  expect(scene.sandbox.control.storedValueWorks(key.kind, scene.holdings(key).value(before))).toBe(false);
});

test('a login that was interrupted, and the block that followed, are cleared: access keys rotate again', async () => {
  await worker.kill('SIGTERM');
  const second = await scene.startWorker();
  const key = find('key-aaaa');
  const before = key.current();
  holdAnswers(scene.sandbox, 60_000, ['finicity.authenticate']);
  await scene.rotate([key], { urgency: 'compromised' });
  await scene.until(
    () => scene.sandbox.control.counters().effects['finicity.authenticate'] === 2,
    'a login is under way',
  );
  await second.kill('SIGKILL');
  // The mark of a login counts as a refusal once it is old; the lock of the dead worker lives on in Redis for a minute.
  scene.sandbox.secretsManager.setOptions({ clockOffsetMs: 120_000 });
  scene.sandbox.control.advanceClock(120_000);
  const third = await scene.startWorker({ BULLMQ_PREFIX: `${scene.redis.prefix}2` });
  await third.logged({ alarm: 'login-refused' });
  const blocked = () => scene.tagsOf(PARTNER_SECRET)['rotation:blocked'];
  await scene.until(() => blocked()?.includes('never ended'), 'the partner secret is blocked');

  await person('a login', { SECRET: PARTNER_SECRET });
  await person('a block', { SECRET: PARTNER_SECRET });

  await scene.until(() => key.current() !== before, 'it has rotated');
  expect(scene.tagsOf(PARTNER_SECRET)).not.toHaveProperty('rotation:login-open');
  await scene.until(() => !isUnsettled(scene.holdings(key)), 'it is settled');
  // The person of these tests has cleared two grants and not revoked them at the vendors: nothing else is wrong.
  const { working, violations } = scene.audit();
  expect(working).toBe(6);
  expect(violations).toEqual(
    ['key-aaaa', 'partner-baaa'].map((id) => expect.stringMatching(`^${id}: 1 live grants that nobody holds`)),
  );
});

test('no command of the README was left out', () => {
  expect(new Set(run.map(({ line }) => line))).toEqual(new Set(readmeCommands().map(({ line }) => line)));
});

test.each(programs)('$name does with tags what each command says', async (program) => {
  const secret = `scratch/${program.name.replaceAll(' ', '-')}`;
  const { store } = scene.sandbox.secretsManager;
  const keys = ['rotation:blocked', 'rotation:login-open', 'rotation:unrevoked:v', 'mine'];
  store.CreateSecret({
    Name: secret,
    ClientRequestToken: 'c'.repeat(32),
    Tags: keys.map((Key) => ({ Key, Value: 'x' })),
  });

  for (const command of readmeCommands()) {
    const variables = { SECRET: secret, ROTATION: 'r', VERSION: 'v', CREDENTIAL: 'c', FINGERPRINT: 'f' };
    await runCommand(command, program, scene.sandbox.urls.secretsManager, variables);
  }

  expect(scene.tagsOf(secret)).toEqual({
    mine: 'x',
    'rotation:suspected-orphan:r': 'resolved',
    'rotation:credential': 'c f',
    'rotation:compromised:v': 'by-hand',
  });
});
