import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openScene } from '../support/scene';
import { asked } from '../support/sender';
import { temporaryFolder } from '../support/temporary-folder';
import { holdAnswers, issued } from '../support/vendor-calls';
import { startWorkerProcess } from '../support/worker-process';

jest.setTimeout(60_000);

/** The sweep at start issues the first values; none comes after it. */
const NEVER = '0 0 0 29 2 *';
const READ = 'flinks-outbound.recipients.get';
const ENDED = { code: 0, signal: null };

test.concurrent('SIGTERM awaits the answers of issue calls and stages them, begins nothing, and ends with 0', async () => {
  const scene = await openScene({ perKind: 1, pattern: NEVER, timeout: '10s', defaults: { grace: '1h' } });
  const worker = await scene.startWorker();
  await scene.finished();
  const before = scene.current();
  holdAnswers(scene.sandbox, 1_500);
  await scene.rotate();
  await scene.until(() => issued(scene.sandbox) === 6, 'every vendor has issued');

  worker.signal('SIGTERM');
  await worker.logged({ msg: 'stopping: no new work' });
  const [late] = scene.company.credentials;
  const message = await scene.sender.send('rotate', asked(late?.id ?? ''));
  expect(await worker.exited).toEqual(ENDED);

  expect(scene.company.credentials.map((one) => scene.holdings(one).answers.length)).toEqual([2, 2, 2]);
  expect(worker.lines({ step: 'intent' })).toHaveLength(6);
  expect(worker.lines({ msg: 'worker stopped', stillRunning: 0 })).toHaveLength(1);
  expect(await scene.sender.ends(message)).toBe(0);

  await scene.startWorker();
  await scene.until(
    () => [...scene.current()].every(([id, version]) => version !== before.get(id)),
    'all are promoted',
  );
  expect(scene.audit()).toMatchObject({ working: 3, suspects: 0, violations: [] });
});

test.concurrent('SIGTERM lets a job begin nothing that still reads beforehand; whoever comes next goes on with it', async () => {
  const scene = await openScene({ perKind: 1, pattern: NEVER, timeout: '10s', defaults: { grace: '1h' } });
  const worker = await scene.startWorker();
  await scene.finished();
  const recipient = scene.credential('flinks-outbound-recipient');
  const before = scene.holdings(recipient).current;
  const reads = (): number => scene.sandbox.control.counters().calls[READ];
  const earlier = reads();
  holdAnswers(scene.sandbox, 1_000, [READ]);
  await scene.rotate([recipient]);
  await scene.until(() => reads() > earlier, 'it reads the recipient');

  expect(await worker.kill('SIGTERM')).toEqual(ENDED);

  expect(worker.lines({ step: 'intent' })).toHaveLength(3);
  expect(scene.holdings(recipient)).toMatchObject({ current: before, pending: before });
  await scene.startWorker();
  await scene.until(() => scene.holdings(recipient).current !== before, 'it has rotated');
  expect(scene.audit()).toMatchObject({ working: 3, suspects: 0, violations: [] });
});

test.concurrent('SIGTERM ends a worker that has nothing to do with 0', async () => {
  const scene = await openScene({ perKind: 1, pattern: NEVER });
  const worker = await scene.startWorker();
  await scene.finished();

  expect(await worker.kill('SIGTERM')).toEqual(ENDED);

  expect(worker.lines({ msg: 'worker stopped', stillRunning: 0 })).toHaveLength(1);
  expect(worker.lines().filter(({ level }) => level > 30)).toEqual([]);
  expect(scene.audit()).toMatchObject({ working: 3, violations: [] });
});

test.concurrent('SIGTERM ends a worker that is still starting: process 1 of a container needs a listener for it', async () => {
  const scene = await openScene({ perKind: 1 });
  const file = join(temporaryFolder(), 'at-once.cjs');
  const signal = "setImmediate(() => process.kill(process.pid, 'SIGTERM'))";
  writeFileSync(file, `process.on('newListener', (name) => { if (name === 'SIGTERM') ${signal}; });`);
  const NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ''} --require ${file}`;
  const worker = startWorkerProcess({ ...scene.company.env, REDIS_URL: scene.redis.url, NODE_OPTIONS });

  expect(await worker.exited).toEqual(ENDED);
  expect(worker.lines()).toEqual([]);
});

test.concurrent('a second signal ends it at once', async () => {
  const scene = await openScene({ perKind: 1, timeout: '2s' });
  holdAnswers(scene.sandbox, 60_000);
  const worker = await scene.startWorker();
  await scene.until(() => issued(scene.sandbox) === 3, 'every vendor has issued');
  worker.signal('SIGTERM');
  await worker.logged({ msg: 'stopping: no new work' });

  expect(await worker.kill('SIGINT')).toEqual({ code: 1, signal: null });

  expect(worker.lines({ msg: 'worker stopped' })).toEqual([]);
  scene.sandbox.control.clearFaults();
  await scene.startWorker();
  await scene.finished();
  expect(scene.audit()).toMatchObject({ working: 3, suspects: 3, violations: [] });
});

test.concurrent('DRY_RUN says what it would do, and calls no vendor and writes nothing', async () => {
  const scene = await openScene({ perKind: 1 });
  const { sandbox, company } = scene;
  const worker = await scene.startWorker({ DRY_RUN: '1' });

  for (const { id, kind } of company.credentials) {
    const line = { credential: id, kind, does: 'rotate', reason: 'no-value-yet' };
    await worker.logged({ msg: 'dry run: this would be enqueued', ...line });
  }
  const answers = await scene.rotate();
  expect(await worker.kill('SIGTERM')).toEqual(ENDED);

  expect(answers).toEqual(company.credentials.map(() => ({ outcome: 'refused', reason: 'dry-run' })));
  expect(sandbox.control.requests()).toEqual([]);
  const operations = Object.keys(sandbox.secretsManager.calls.counts());
  expect(operations.filter((name) => !/^(Describe|List|Get)/.test(name))).toEqual([]);

  await scene.startWorker();
  await scene.finished();
  expect(scene.audit()).toMatchObject({ working: 3, violations: [] });
});

describe('what nobody catches', () => {
  const SECRET = 'hunter2-SYNTH-hunter2';
  /** Loaded before the worker: makes a bug happen when the test says so. */
  const bug = (how: string): string => {
    const file = join(temporaryFolder(), 'bug.cjs');
    writeFileSync(file, `process.on('SIGUSR2', function plantedBug() { ${how} });`);
    return `${process.env.NODE_OPTIONS ?? ''} --require ${file}`;
  };

  test.concurrent.each([
    ['an exception', `throw new TypeError('cannot read ${SECRET}')`],
    ['a rejection', `Promise.reject(new TypeError('cannot read ${SECRET}'))`],
    ['a rejection that is no error', `Promise.reject('${SECRET}')`],
  ])('ends the process with 1 and an alarm without its words: %s', async (_, how) => {
    const scene = await openScene({ perKind: 1 });
    const worker = await scene.startWorker({ NODE_OPTIONS: bug(how) });

    expect(await worker.kill('SIGUSR2')).toEqual({ code: 1, signal: null });

    expect(worker.lines({ alarm: 'invariant' })).toHaveLength(1);
    expect(worker.stdout() + worker.stderr()).not.toContain(SECRET);
    await scene.startWorker();
    await scene.finished();
    expect(scene.audit()).toMatchObject({ working: 3, violations: [] });
  });
});
