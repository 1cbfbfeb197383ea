import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { counted, type Place, type Searched, type Secret, searchEverything, secretsOf } from '../support/leaks';
import { describeWithOwnRedis } from '../support/redis-server';
import { rotator } from '../support/rotator';
import { asked } from '../support/sender';
import type { WorkerProcess } from '../support/worker-process';
import { MISPLACED, ODD_ANSWER, OWN, odd, ownSecrets } from './planted';
import { ENVIRONMENT, GONE, type Left, play } from './play';

jest.setTimeout(240_000);

/** What the workers said of what befell them. */
const FAILURES = [
  'suspected-orphan',
  'attempt-failed',
  'current-refused',
  'own-credential-refused',
  'manifest-refused',
];

/** What nobody may read: what was given to the worker, what vendors gave out, and what was written in a wrong place. */
function secretsIn({ scene: { sandbox } }: Left): readonly Secret[] {
  const { control, secretsManager } = sandbox;
  const own = new Set<string>(Object.values(OWN));
  const grants = control.grants().flatMap(({ grantId }) => grantId ?? []);
  // Those that the worker chose, and the vendor perhaps never heard of.
  const stored = JSON.stringify(secretsManager.store.secrets().map(({ versions }) => [...versions.values()]));
  const chosen = [...stored.matchAll(/partnerSecret\\":\\"([^"\\]+)/g)].map(([, value = '']) => value);
  const given = new Set([...control.secretValues(), ...chosen].filter((value) => !own.has(value)));
  return [
    ...ownSecrets,
    ...secretsOf('what a vendor gave out, or was given', given),
    ...secretsOf('the id of a grant', grants),
    { what: 'what was misplaced', value: MISPLACED },
  ];
}

const outputs = (workers: readonly WorkerProcess[]): Place[] =>
  workers.flatMap((worker) =>
    [...worker.stdout().split('\n'), ...worker.stderr().split('\n')].map((text, n) => ({
      where: `line ${n} of worker ${worker.pid}`,
      text,
    })),
  );

const search = ({ workers, places, redis, folders }: Left, secrets: readonly Secret[]): Promise<Searched> =>
  searchEverything(secrets, { texts: [...outputs(workers), ...places], redis, folders });

describeWithOwnRedis('whatever goes wrong', () => {
  let left: Left;

  beforeAll(async () => {
    left = await play();
  });

  test('what is looked for is unique, and was where it belongs: at the wire', async () => {
    const secrets = secretsIn(left);
    const values = secrets.map(({ value }) => value);
    const within = values.filter((value) => values.filter((other) => other.includes(value)).length > 1);
    expect(within).toEqual([]);

    const { wire, scene } = left;
    const { leaks } = await searchEverything(ownSecrets, { texts: wire.requests() });
    const there = ownSecrets
      .map(({ what }) => what)
      .filter((what) => leaks.some((leak) => leak.includes(`: ${what}, `)));
    // These never travel to the stand-ins: one signs (below), Redis asked for one, and the pages for the other (admin-pages.ts).
    const elsewhere = ['the AWS secret access key', 'the password of Redis', 'the admin token'];
    expect([...there, ...elsewhere].sort()).toEqual(Object.keys(OWN).sort());
    expect(wire.signedWith(OWN['the AWS secret access key'])).toBeGreaterThan(100);
    expect(wire.signedWith(`${OWN['the AWS secret access key']}!`)).toBe(0);

    const answered = await searchEverything(secretsOf('it', [ODD_ANSWER]), { texts: wire.places() });
    expect(answered.leaks.some((leak) => leak.startsWith('an answer 200: '))).toBe(true);
    expect(answered.leaks.some((leak) => leak.startsWith('POST /'))).toBe(true); // to Secrets Manager

    // Some answers were lost on their way, and nobody can have seen what stood in them.
    const given = scene.sandbox.control.secretValues().map((value, n) => ({ what: `secret ${n}`, value }));
    const passed = await searchEverything(given, { texts: wire.places() });
    const seen = given.filter(({ what }) => passed.leaks.some((leak) => leak.includes(`: ${what}, `)));
    expect(seen.length).toBeGreaterThan(100);
  });

  test('everything that was to go wrong did, and Redis remembers jobs that are gone', async () => {
    const { scene, redis } = left;
    expect(scene.sandbox.control.faults()).toEqual([]);
    expect(scene.sandbox.secretsManager.faults.list()).toEqual([]);
    expect(scene.alarms()).toEqual(expect.arrayContaining(FAILURES));

    const gone = `${scene.redis.prefix}:rotation-requests:${GONE}`;
    const folder = join(redis.folder, 'appendonlydir');
    const written = readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), 'latin1'))
      .join('\n');
    expect(await scene.sender.redis.exists(gone)).toBe(0);
    expect(written).toContain(gone);
    for (const field of ['failedReason', 'stacktrace', 'returnvalue']) expect(written).toContain(`\n${field}\r`);
  });

  test('no secret and no grant id reaches a log, Redis, its files, a page, a command, a process or a file', async () => {
    const found = await search(left, secretsIn(left));
    expect(counted(found)).toEqual([]);
    expect(found.places).toBeGreaterThan(1_000);
    expect(left.folders.flatMap((folder) => readdirSync(folder))).toEqual([]);
    expect(left.scene.audit()).toMatchObject({ violations: [] });
  });

  test('one that is put into each of these places is found there', async () => {
    const careless = { what: 'what somebody was careless with', value: odd('careless') };
    const { scene, redis, places, start } = left;
    const worker = await start({ NOTE: careless.value });
    const id = await scene.sender.send('rotate', { ...asked('nobody'), reason: `is it ${careless.value}?` });
    await scene.sender.answer(id);
    await worker.logged({ step: 'request', credential: 'nobody' });
    const { stdout, stderr } = await rotator(scene, ['status', careless.value], { env: ENVIRONMENT });
    writeFileSync(join(left.folders.at(-1) ?? '', 'core'), careless.value);

    const printed = { where: 'a command', text: stdout + stderr };
    const { leaks } = await searchEverything([careless], {
      texts: [...outputs(left.workers), ...places, printed],
      redis,
      folders: left.folders,
      processes: [{ pid: worker.pid }],
    });

    for (const place of [
      new RegExp(`^line \\d+ of worker ${worker.pid}: `),
      new RegExp(`^Redis key .*:rotation-requests:${id}: `),
      /^file \S+\.aof: /,
      /^file \S+dump\.rdb: /,
      /^a command: /,
      new RegExp(`^NOTE in the environment of process ${worker.pid}: `),
      /^file \S+core: /,
    ])
      expect(leaks).toContainEqual(expect.stringMatching(place));
  });
});
