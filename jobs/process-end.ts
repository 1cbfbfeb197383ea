import { safeError } from '../src/log';
import { frames } from '../src/queue/retries';
import type { Log } from '../src/types';

const FAILED = 1;
const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * Until there is something to stop, a signal ends the process: as process 1 of a container it would not even notice one that it does
 * not listen to. @returns ends that
 */
export function endOnSignalsWhileStarting(): () => void {
  const end = (): never => process.exit(0);
  for (const signal of SIGNALS) process.on(signal, end);
  return () => {
    for (const signal of SIGNALS) process.off(signal, end);
  };
}

/** SIGTERM and SIGINT stop the worker; a second one ends the process at once, whatever is under way. */
export function endOnSignals(log: Log, stop: () => Promise<void>): void {
  let isStopping = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (isStopping) {
      log.warn({ signal }, 'a second signal: the process ends at once');
      process.exit(FAILED);
    }
    isStopping = true;
    log.info({ signal }, 'stopping: no new work');
    void stop().then(() => process.exit(0));
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
}

/** What nobody catches is a bug of ours. Its words may quote anything: only its name and where it came from are said. */
export function endOnBugs(log: Log): void {
  const end = (error: unknown): void => endByBug(log, error);
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
}

/** The labels say what was under way: another process goes on with it. */
export function endByBug(log: Log, error: unknown): never {
  log.alarm('invariant', { ...safeError(error), at: frames(error) }, 'an error that nobody caught: the process ends');
  process.exit(FAILED);
}
