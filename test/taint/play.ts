import { readFileSync, writeFileSync } from 'node:fs';
import { Queue } from 'bullmq';
import type { Operation } from '../sandbox/vendor-facts/operations';
import type { CompanyCredential } from '../support/company';
import { type Place, placesOfProcess } from '../support/leaks';
import { SEARCHABLE } from '../support/leaks/redis';
import { startRedis } from '../support/redis-server';
import { openScene, type Scene } from '../support/scene';
import { asked } from '../support/sender';
import { temporaryFolder } from '../support/temporary-folder';
import { startWorkerProcess, type WorkerProcess } from '../support/worker-process';
import { adminPages } from './admin-pages';
import { BROKEN_ENVIRONMENT, runCommands } from './commands';
import { goWrong, refuseOwnCredential } from './failures';
import { byDesign, MISPLACED, ODD_ANSWER, OWN } from './planted';
import { makeWire, type Wire } from './wire';

/** A scene that is over, and everything that it has left behind. */
export interface Left {
  readonly scene: Scene;
  readonly wire: Wire;
  readonly workers: readonly WorkerProcess[];
  readonly redis: { readonly url: string; readonly folder: string };
  /** Where each worker runs, which is all that it may write to. */
  readonly folders: readonly string[];
  /** Pages, outputs of commands, and what was to be seen of processes while they ran. */
  readonly places: readonly Place[];
  /** One more worker in a folder of its own, with more in its environment. */
  start(more?: Readonly<Record<string, string>>): Promise<WorkerProcess>;
}

/** Of each kind: one that a person works with, one whose worker is killed, and enough for every wrong answer. */
const PER_KIND = 8;
const BY_HAND = 'partner-haaa';
const KILLED = ['recipient-gaaa', 'partner-gaaa'] as const;

export const ENVIRONMENT = {
  LOG_LEVEL: 'trace',
  METRICS_PER_CREDENTIAL: '1',
  ADMIN_TOKEN: OWN['the admin token'],
  AWS_SECRET_ACCESS_KEY: OWN['the AWS secret access key'],
  AWS_SESSION_TOKEN: OWN['the AWS session token'],
};

/** First values, rotations of every kind with every call that goes wrong, a crash, messages, commands, a bad manifest. */
export async function play(): Promise<Left> {
  const redis = await redisWithPassword();
  const wire = makeWire();
  const scene = await foundedScene(redis.url, wire);
  const { company, sandbox } = scene;
  const places: Place[] = [];
  const folders: string[] = [];
  const workers: WorkerProcess[] = [];
  const start: Left['start'] = async (more = {}) => {
    const cwd = temporaryFolder();
    folders.push(cwd);
    const worker = await scene.startWorker({ ...ENVIRONMENT, TMPDIR: cwd, ...more }, { cwd });
    workers.push(worker);
    return worker;
  };
  const look = async (worker: WorkerProcess): Promise<void> => {
    places.push(...placesOfProcess(worker.pid, byDesign({ ...company.env, ...ENVIRONMENT, REDIS_URL: redis.url })));
    places.push(...(await adminPages(worker)));
  };

  giveOddAnswer(scene);
  const doomed = await start();
  await scene.finished();
  sandbox.control.setSwitches({ flinksDataSharing: { secondGenerate: 'new' } });
  await look(doomed);
  await strangeJobs(scene, redis.url);
  const before = new Map([...scene.current()].filter(([id]) => id !== BY_HAND));
  holdAnswersOfKilled(scene);
  goWrong(scene);
  const commands = runCommands(scene, BY_HAND, ENVIRONMENT);
  commands.catch(() => undefined); // awaited below
  const [logins, others] = [[scene.credential('finicity-partner-secret')], company.credentials.filter(isOfAVendor)];
  await scene.rotate(others, { urgency: 'compromised' });
  const held = (): boolean =>
    sandbox.control.faults().some(({ kind, pathContains }) => kind === 'delay' && pathContains);
  await scene.until(() => !held(), 'calls of those that are to be interrupted are under way');
  await doomed.kill('SIGKILL');
  refuseOwnCredential(scene);
  const last = await start();
  // Not before: a login that is interrupted counts as one that failed, and is left to a person.
  await scene.rotate(logins, { urgency: 'compromised' });
  places.push(...(await commands));
  await refuseManifest(scene, last);
  await scene.finished(before);
  await look(last);
  await last.kill('SIGTERM');
  workers.push(await brokenWorker());
  return { scene, wire, workers, redis, folders, places, start };
}

const isOfAVendor = ({ id, kind }: CompanyCredential): boolean => id !== BY_HAND && kind !== 'finicity-partner-secret';

async function redisWithPassword(): Promise<Left['redis']> {
  const folder = temporaryFolder();
  const password = OWN['the password of Redis'];
  const settings = { ...SEARCHABLE, requirepass: password };
  const { port } = await startRedis({ dir: folder, appendonly: true, settings });
  return { url: `redis://:${encodeURIComponent(password)}@127.0.0.1:${port}`, folder };
}

const foundedScene = (redisUrl: string, { onWire }: Wire): Promise<Scene> =>
  openScene({
    ...{ perKind: PER_KIND, tokens: 1, partnerSecret: true, extended: 1 },
    ...{ pattern: '* * * * * *', timeout: '2s', defaults: { grace: '1s' } },
    redisUrl,
    sandbox: { onWire },
    own: {
      outboundClientSecret: OWN['the Outbound client secret'],
      apiSecret: OWN['the Flinks API secret'],
      authKey: OWN['the Flinks auth key'],
      appKey: OWN['the Finicity app key'],
      partnerSecret: OWN['the Finicity partner secret'],
    },
    // Where an account is paused one credential meets all that is still to go wrong; own-credential-refused pauses all the same.
    accounts: {
      outbound: { pauseAfter: 100 },
      sharing: { pauseAfter: 100, authKey: { secret: 'own/flinks_sharing', key: 'authKey' } },
      mastercard: { pauseAfter: 100 },
    },
  });

/** The id of a message of which Redis holds nothing any more. */
export const GONE = 'gone';

/** Messages and jobs that nobody can carry out: refused, failed, removed. */
async function strangeJobs({ sender, sandbox, until, redis: { prefix } }: Scene, url: string): Promise<void> {
  await sender.ask('rotate', { ...asked('nobody'), reason: 'no such credential' });
  await sender.ask('rotate', { bad: true });
  await sender.ask('rotate', asked('nobody'), { jobId: GONE, removeOnComplete: true });
  sandbox.secretsManager.faults.add({ kind: 'refuse', operation: 'TagResource', count: 1 });
  const failing = await sender.send('rotate', { ...asked('partner-aaaa'), urgency: 'compromised' });
  await until(async () => (await sender.ends(failing)) > 0, 'a message fails');
  const queue = new Queue('account-sharing', { prefix, connection: { url } });
  await queue.add('rotate', { credential: 'partner-aaaa', version: 7 });
  await queue.add('no such job', {});
  await queue.close();
}

/** The vendor has a grant for the one that a person works with, and answers with it: its first value. */
function giveOddAnswer({ sandbox: { control } }: Scene): void {
  const partner = BY_HAND.replace('-', ' ');
  control.seed({ flinksDataSharing: { authSecrets: [{ partner, authSecret: ODD_ANSWER }] } });
  control.setSwitches({ flinksDataSharing: { secondGenerate: 'same' } });
}

/** The first answers that they wait for do not come while their worker lives. */
function holdAnswersOfKilled({ company, sandbox }: Scene): void {
  const routes: Readonly<Record<(typeof KILLED)[number], Operation>> = {
    'recipient-gaaa': 'flinks-outbound.regenerate',
    'partner-gaaa': 'flinks-data-sharing.generate',
  };
  for (const id of KILLED) {
    const { subject = '' } = company.credentials.find((one) => one.id === id) ?? {};
    const pathContains = encodeURIComponent(subject);
    sandbox.control.addFaults({ kind: 'delay', route: routes[id], pathContains, ms: 60_000, hold: 'answer' });
  }
}

/** SIGHUP, with a manifest that holds a secret where its name is to stand; then the good one again. */
async function refuseManifest({ company, until }: Scene, worker: WorkerProcess): Promise<void> {
  const good = readFileSync(company.manifestPath, 'utf8');
  const bad = good.replace(/clientSecret:\n +env: .*/, `clientSecret: ${JSON.stringify(MISPLACED)}`);
  writeFileSync(company.manifestPath, bad);
  worker.signal('SIGHUP');
  await worker.logged({ alarm: 'manifest-refused' });
  writeFileSync(company.manifestPath, good);
  worker.signal('SIGHUP');
  await until(() => worker.lines({ msg: 'the new manifest is in force' }).length > 0, 'the good manifest is in force');
}

async function brokenWorker(): Promise<WorkerProcess> {
  const worker = startWorkerProcess(BROKEN_ENVIRONMENT);
  await worker.exited;
  return worker;
}
