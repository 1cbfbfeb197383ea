import './ignore-hangup';
import { readConfig } from '../src/config';
import { ConfigError } from '../src/errors';
import { logOn, rootLogger } from '../src/log';
import { loadManifest } from '../src/manifest';
import { listenForHangups } from './hangups';
import { endByBug, endOnBugs, endOnSignals, endOnSignalsWhileStarting } from './process-end';
import { startWorker } from './start-worker';

const BAD_CONFIGURATION = 2;

/** `npm start`: every error of the configuration at once; then it runs until it is told to stop. */
async function main(): Promise<void> {
  const stoppable = endOnSignalsWhileStarting();
  const hangups = listenForHangups();
  const config = readConfig(process.env);
  const manifest = await loadManifest(config.manifestPath, process.env);
  const logger = rootLogger(config.logLevel);
  const log = logOn(logger);
  endOnBugs(log);
  const worker = await startWorker(config, manifest, logger);
  endOnSignals(log, worker.stop);
  stoppable();
  await worker.takesWork;
  hangups.follow(worker.reload);
}

main().catch((error: unknown) => {
  if (!(error instanceof ConfigError)) endByBug(logOn(rootLogger('info')), error);
  process.stderr.write(`${error.message}\n`);
  process.exit(BAD_CONFIGURATION);
});
