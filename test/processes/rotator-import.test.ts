import type { CompanyCredential } from '../support/company';
import { isIntent, isUnfinished } from '../support/holdings';
import { findLeaks, type Place, placesInRedis, placesOfProcess } from '../support/leaks';
import { startNode } from '../support/processes';
import { type Ended, environmentOf, jsonOf, ROTATOR, rotator } from '../support/rotator';
import { openScene, type Scene } from '../support/scene';
import { startOnTerminal, type TerminalProcess } from '../support/terminal';
import type { WorkerProcess } from '../support/worker-process';

jest.setTimeout(60_000);

const NEVER = '0 0 0 29 2 *';

let scene: Scene;
let worker: WorkerProcess;
/** All that any command has printed. */
const printed: string[] = [];
const planted: string[] = [];

beforeAll(async () => {
  scene = await openScene({ perKind: 8, pattern: NEVER, defaults: { grace: '1h' } });
  worker = await scene.startWorker({ LOG_LEVEL: 'trace' });
  await scene.finished();
}, 60_000);

let count = 0;
/** An answer of the vendor as a person has it; its secrets are looked for everywhere afterwards. */
function byHand(): { PermissionId: string; AuthSecret: string } {
  count += 1;
  const answer = { PermissionId: `permission-by-hand-${count}`, AuthSecret: `secret-by-hand-${count}-Zq9` };
  planted.push(...Object.values(answer));
  return answer;
}

async function imports(args: readonly string[], input?: string, env: Record<string, string> = {}): Promise<Ended> {
  const ended = await rotator(scene, ['import', ...args], { env, ...(input === undefined ? {} : { input }) });
  printed.push(ended.stdout, ended.stderr);
  return ended;
}

const onTerminal = ({ id }: CompanyCredential): TerminalProcess =>
  startOnTerminal(process.execPath, [ROTATOR, 'import', id], { ...environmentOf(scene), NO_COLOR: '1' });

const currentOf = (credential: CompanyCredential): unknown => {
  const { current, value } = scene.holdings(credential);
  return value(current);
};

test('a JSON object on standard input becomes AWSCURRENT, verbatim; its end stands in the version id', async () => {
  const credential = scene.untouched();
  const answer = { ...byHand(), RequestId: 'r-1' };

  const ended = await imports([credential.id, '--expires', '2031-05-01', '--json'], JSON.stringify(answer));

  const { current = '' } = scene.holdings(credential);
  expect(ended.code).toBe(0);
  expect(jsonOf(ended)).toEqual({
    credential: credential.id,
    outcome: 'promoted',
    reason: 'unverified',
    version: current,
    notBefore: null,
  });
  expect(currentOf(credential)).toEqual(answer);
  expect(Number.parseInt(current.slice(33, 41), 16) * 1_000).toBe(Date.UTC(2031, 4, 1));
});

test('on a terminal it asks field by field, and what is typed is not shown', async () => {
  const credential = scene.untouched();
  const answer = byHand();
  const terminal = onTerminal(credential);

  await terminal.shows(`${credential.id} PermissionId (not shown):`);
  terminal.type(`${answer.PermissionId}\r`);
  await terminal.shows(`${credential.id} AuthSecret (not shown):`);
  terminal.type(`${answer.AuthSecret}\r`);

  expect(await terminal.exited).toEqual({ code: 0, signal: null });
  printed.push(terminal.screen());
  expect(terminal.screen()).toContain('imported (unverified)');
  expect(findLeaks([{ where: 'the screen', text: terminal.screen() }], Object.values(answer))).toEqual([]);
  expect(currentOf(credential)).toEqual(answer);
});

test('the terminal of these tests does show what is typed where nobody hides it', async () => {
  const terminal = startOnTerminal(process.execPath, ['-e', 'process.stdin.resume()'], {});
  terminal.type('not-hidden');
  await terminal.shows('not-hidden');
  await terminal.kill('SIGKILL');
});

test.each([
  ['Ctrl-C', '\u0003'],
  ['Ctrl-D', '\u0004'],
])('%s cancels: nothing is changed', async (_name, typed) => {
  const credential = scene.untouched();
  const before = scene.holdings(credential);
  const terminal = onTerminal(credential);
  await terminal.shows('(not shown):');

  terminal.type(typed);

  expect(await terminal.exited).toEqual({ code: 1, signal: null });
  expect(terminal.screen()).toContain('Cancelled: nothing was changed.');
  expect(scene.holdings(credential).intents).toEqual(before.intents);
});

test('what the vendor refuses is given up and told so; AWSCURRENT stays', async () => {
  const recipient = scene.untouched('flinks-outbound-recipient');
  const before = scene.holdings(recipient).current;
  planted.push('no-such-secret-7f3a');

  const ended = await imports(
    [recipient.id],
    JSON.stringify({ client_id: recipient.subject, client_secret: 'no-such-secret-7f3a' }),
  );

  expect(ended.code).toBe(1);
  expect(ended.stdout).toMatch(/not imported \(value-refused\)\n {2}next: the vendor refuses the value/);
  expect(scene.holdings(recipient).current).toBe(before);
});

test('within the grace of the version before, it is refused with the date and the command that ends it', async () => {
  const credential = scene.untouched();
  expect((await imports([credential.id], JSON.stringify(byHand()))).code).toBe(0);

  const again = await imports([credential.id], JSON.stringify(byHand()));

  expect(again.code).toBe(1);
  expect(again.stdout).toMatch(/previous-in-grace, until \d{4}-\d\d-\d\dT/);
  expect(again.stdout).toContain(`rotator revoke ${credential.id}`);
});

test('while Redis is away it works all the same', async () => {
  const credential = scene.untouched();
  const answer = byHand();

  const ended = await imports([credential.id], JSON.stringify(answer), { REDIS_URL: 'redis://127.0.0.1:1' });

  expect(ended.code).toBe(0);
  expect(ended.stderr).toContain('Redis at 127.0.0.1:1 is away');
  expect(currentOf(credential)).toEqual(answer);
});

test('killed before the promotion, the worker goes on with what was staged', async () => {
  const credential = scene.untouched();
  const answer = byHand();
  const { secret } = credential;
  scene.sandbox.secretsManager.faults.add({ kind: 'hang', operation: 'UpdateSecretVersionStage', secret, count: 1 });
  const command = startNode(ROTATOR, {
    args: ['import', credential.id],
    env: { ...environmentOf(scene) },
    input: JSON.stringify(answer),
  });
  await scene.until(
    () => isUnfinished(scene.holdings(credential)) && !isIntent(scene.holdings(credential).pending),
    'it is staged',
  );
  await command.kill('SIGKILL');

  await scene.startWorker(); // its sweep at start finds it

  await scene.until(() => !isUnfinished(scene.holdings(credential)), 'it is promoted');
  expect(currentOf(credential)).toEqual(answer);
});

const SECRET = 'hunter2-in-the-wrong-place';
const BAD: readonly [string, readonly string[], string | undefined, RegExp][] = [
  ['a value in an argument', ['partner-aaaa', SECRET], undefined, /the id of a credential and nothing more/],
  ['a value in an option', ['partner-aaaa', `--value=${SECRET}`], undefined, /the id of a credential and nothing more/],
  ['a value in place of the id', [SECRET], '{}', /There is no credential of that id/],
  ['a value in place of the date', ['partner-aaaa', '--expires', SECRET], '{}', /--expires cannot be read/],
  ['a date that has passed', ['partner-aaaa', '--expires', '2020-01-01'], '{}', /lies in the past/],
  ['no such day', ['partner-aaaa', '--expires', '2031-02-30'], '{}', /--expires cannot be read/],
  ['nothing on standard input', ['partner-aaaa'], '', /Standard input is empty/],
  ['no JSON', ['partner-aaaa'], SECRET, /no JSON object/],
  ['no object', ['partner-aaaa'], `["${SECRET}"]`, /no JSON object/],
  ['a field that is missing', ['partner-aaaa'], `{"AuthSecret":"${SECRET}"}`, /lacks "PermissionId"/],
  ['a field that is empty', ['partner-aaaa'], `{"AuthSecret":"","PermissionId":"${SECRET}"}`, /lacks "AuthSecret"/],
  ['too much', ['partner-aaaa'], `{"x":"${SECRET.repeat(3_000)}"}`, /longer than/],
];

test.each(BAD)('%s is refused with exit code 2, and not repeated', async (_what, args, input, said) => {
  planted.push(SECRET);
  const calls = scene.sandbox.secretsManager.calls.all.length;

  const { code, stdout, stderr } = await imports(args, input);

  expect(code).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toMatch(said);
  expect(scene.sandbox.secretsManager.calls.all).toHaveLength(calls);
});

test('DRY_RUN=1 changes nothing', async () => {
  const { code, stderr } = await imports(['partner-aaaa'], JSON.stringify(byHand()), { DRY_RUN: '1' });
  expect(code).toBe(2);
  expect(stderr).toContain('DRY_RUN=1 is set');
});

test('no value reaches an output, a process list, Redis, a tag or the log of the worker', async () => {
  const credential = scene.untouched();
  const answer = byHand();
  const held = { kind: 'delay', delayMs: 1_500, operation: 'PutSecretValue', secret: credential.secret } as const;
  scene.sandbox.secretsManager.faults.add(held);
  const command = startNode(ROTATOR, {
    args: ['import', '--json', credential.id],
    env: { ...environmentOf(scene) },
    input: JSON.stringify(answer),
  });
  await scene.until(
    () => (scene.sandbox.secretsManager.calls.counts(credential.secret).PutSecretValue ?? 0) > 0,
    'it is under way',
  );
  const seen = placesOfProcess(command.pid);
  expect((await command.exited).code).toBe(0);
  printed.push(command.stdout(), command.stderr());

  const verbose = await rotator(scene, ['-v', 'status', credential.id]);
  const tags = scene.company.credentials.map((one) => ({
    where: one.id,
    text: JSON.stringify(scene.holdings(one).tags),
  }));
  const places: Place[] = [
    ...[...printed, verbose.stdout, verbose.stderr].map((text, i) => ({ where: `output ${i}`, text })),
    ...seen,
    ...(await placesInRedis(scene.sender.redis, scene.redis.prefix)),
    ...tags,
    { where: 'the worker', text: worker.stdout() + worker.stderr() },
  ];

  expect(seen.map(({ text }) => text)).toContain('import');
  expect(printed.length).toBeGreaterThan(20);
  expect(
    findLeaks(
      places,
      [...new Set(planted)].filter((value) => value !== SECRET),
    ),
  ).toEqual([]);
  expect(
    findLeaks(
      places.filter(({ where }) => where.startsWith('output')),
      [SECRET],
    ),
  ).toEqual([]);
});
