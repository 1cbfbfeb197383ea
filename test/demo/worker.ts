import { join } from 'node:path';
import type { OwnProcess } from '../support/processes';
import { until } from '../support/until';
import { startAlone } from './own-process';

/** The worker as a process of its own, started and ended several times. */
export interface DemoWorker {
  /** Starts it with this manifest, and waits until it runs. */
  start(manifestPath: string): Promise<void>;
  /** SIGHUP: waits until the manifest that it reads anew is in force. */
  reload(): Promise<void>;
  /** SIGKILL: it cannot finish anything. */
  crash(): Promise<void>;
  /** SIGTERM; its exit code goes into `exits`. */
  stop(): Promise<void>;
  /** The log of all runs so far, as JSON lines. */
  log(): string;
  /** All that every run has printed, its last words too. */
  output(): string;
  status(): string;
  /** What it said when it ended without being asked to. */
  death(): string | undefined;
  readonly exits: readonly (number | null)[];
  readonly crashes: number;
}

const SCRIPT = join(__dirname, '../../jobs/worker.js');
const STARTS_WITHIN_MS = 20_000;
const RELOADS_WITHIN_MS = 20_000;
const IN_FORCE = 'the new manifest is in force';
const LAST_WORDS = 1_500;

interface Run {
  readonly process: OwnProcess;
  ended?: string;
}

/** @param env all that it gets to know: nothing is inherited */
export function makeWorker(env: Readonly<Record<string, string>>): DemoWorker {
  const runs: Run[] = [];
  const exits: (number | null)[] = [];
  let crashes = 0;
  const last = (): Run => {
    const run = runs.at(-1);
    if (run === undefined) throw new Error('the worker has not been started');
    return run;
  };
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    const run = last();
    run.ended = signal;
    return (await run.process.kill(signal)).code;
  };
  return {
    async start(manifestPath) {
      const run: Run = { process: startAlone(SCRIPT, { env: { ...env, ROTATION_MANIFEST: manifestPath } }) };
      runs.push(run);
      await run.process.waitForLine('worker started', { withinMs: STARTS_WITHIN_MS });
      void run.process.exited.then(({ code, signal }) => {
        run.ended ??= `by itself (${signal ?? code}): ${tail(run)}`;
      });
    },
    async reload() {
      const { process } = last();
      const times = (): number => process.stdout().split(IN_FORCE).length;
      const before = times();
      process.signal('SIGHUP');
      const what = (): string => `the worker's word that ${IN_FORCE}`;
      await until(() => times() > before, { withinMs: RELOADS_WITHIN_MS, what });
    },
    async crash() {
      await end('SIGKILL');
      crashes += 1;
    },
    async stop() {
      exits.push(await end('SIGTERM'));
    },
    // A run that was killed may have left half a line.
    log: () => runs.map(({ process }) => process.stdout()).join('\n'),
    output: () => runs.map(({ process }) => process.stdout() + process.stderr()).join(''),
    status: () => statusOf(runs.at(-1)),
    death: () => runs.map(({ ended }) => ended).find((ended) => ended?.startsWith('by itself')),
    exits,
    get crashes() {
      return crashes;
    },
  };
}

function statusOf(run: Run | undefined): string {
  if (run === undefined) return 'worker not started yet';
  return run.ended === undefined ? `worker runs (pid ${run.process.pid})` : `worker DOWN (${run.ended})`;
}

const tail = ({ process }: Run): string => (process.stderr() || process.stdout()).slice(-LAST_WORDS);
