import { Redis } from 'ioredis';
import { loadManifest } from '../../src/manifest';
import { type Sandbox, startSandbox } from '../sandbox/start';
import type { Company } from '../support/company';
import { type Answer, openSender } from '../support/sender';
import { until } from '../support/until';
import { foundDemo } from './demo-company';
import { type Display, openDisplay } from './display';
import { fleetOf, type Row } from './fleet';
import { type Errand, makePerson, type Ran } from './person';
import { type DemoWorker, makeWorker } from './worker';
import { workerEnvironment } from './worker-environment';

export interface Message {
  readonly credential: string;
  readonly reason: string;
  readonly requestedBy: string;
  readonly urgency?: 'normal' | 'compromised';
}

/** Everything that the scenes play with. It ends with the process: nothing of it is to outlive a demo that failed. */
export interface Stage {
  readonly display: Display;
  readonly say: Display['say'];
  readonly endScene: Display['endScene'];
  readonly sandbox: Sandbox;
  readonly company: Company;
  readonly worker: DemoWorker;
  readonly redis: Redis;
  readonly redisUrl: string;
  readonly prefix: string;
  /** Starts the worker with this manifest, by whose policies the fleet is looked at from now on. */
  start(manifestPath: string): Promise<void>;
  /** Has the worker read its manifest anew, as it was edited. */
  reload(): Promise<void>;
  /** Runs one command as a person would, and says what it prints. */
  rotator(args: readonly string[], errand?: Errand): Promise<Ran>;
  readonly ran: readonly Ran[];
  /** Sends a message as a stranger would, by a bare BullMQ queue, and waits for its result. */
  ask(name: 'rotate' | 'revoke', message: Message): Promise<Answer>;
  readonly answers: readonly Answer[];
  fleet(): readonly Row[];
  row(id: string): Row;
  /** Waits for something that the worker is to do; fails at once when the worker dies unasked. */
  until(what: string, condition: () => boolean): Promise<void>;
}

const PATIENCE_MS = 60_000;

interface Given {
  readonly url: string;
  readonly prefix: string;
}

export async function openStage({ url, prefix }: Given): Promise<Stage> {
  const sandbox = await startSandbox();
  const company = foundDemo(sandbox);
  const env = workerEnvironment({ company, url, prefix });
  const worker = makeWorker(env);
  let manifestPath = company.manifestPath;
  const person = makePerson(() => ({ ...env, ROTATION_MANIFEST: manifestPath }));
  const sender = await openSender({ url, prefix });
  const answers: Answer[] = [];
  const redis = new Redis(url, { maxRetriesPerRequest: null, replyMapping: 'legacy' });
  redis.on('error', () => undefined); // the worker logs it, and the demo waits in vain
  const lookBy = async (path: string): Promise<void> => {
    manifestPath = path;
    look = fleetOf(sandbox.secretsManager.store, await loadManifest(path));
  };
  let look = (): readonly Row[] => [];
  await lookBy(manifestPath);
  const fleet = (): readonly Row[] => look();
  const display = openDisplay({ worker, fleet });
  const { say, endScene } = display;
  return {
    ...{ display, say, endScene, sandbox, company, worker, answers, redis, redisUrl: url, prefix, fleet },
    async start(path) {
      await lookBy(path);
      await worker.start(path);
    },
    async reload() {
      await lookBy(manifestPath);
      await worker.reload();
    },
    async rotator(args, errand) {
      say(`   $ rotator ${args.join(' ')}${errand?.input === undefined ? '' : ' < value.json'}`);
      const ran = await person.rotator(args, errand);
      for (const line of ran.lines) say(`     ${line}`.trimEnd());
      return ran;
    },
    ran: person.ran,
    async ask(name, message) {
      const answer = await sender.ask(name, message);
      answers.push(answer);
      return answer;
    },
    row: (id) => rowOf(fleet(), id),
    until: (what, condition) => untilOrDeath(worker, what, condition),
  };
}

function rowOf(rows: readonly Row[], id: string): Row {
  const row = rows.find(({ credential }) => credential.id === id);
  if (row === undefined) throw new Error(`the demo's manifest has no credential ${id}`);
  return row;
}

async function untilOrDeath(worker: DemoWorker, what: string, condition: () => boolean): Promise<void> {
  const isOver = (): boolean => worker.death() !== undefined || condition();
  await until(isOver, { withinMs: PATIENCE_MS, everyMs: 100, what: () => what });
  if (worker.death() !== undefined) throw new Error(`The worker ended ${worker.death()}`);
}
