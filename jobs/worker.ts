import { readConfig } from '../src/config';
import { ConfigError } from '../src/errors';
import { loadManifest } from '../src/manifest';
import { startWorker } from './start-worker';

const BAD_CONFIGURATION = 2;

/** `npm start`: every error of the configuration at once, then runs until SIGTERM or SIGINT; a second signal ends it at once. */
async function main(): Promise<void> {
  const config = readConfig(process.env);
  const worker = startWorker(config, await loadManifest(config.manifestPath, process.env));
  let signals = 0;
  const onSignal = (): void => {
    signals += 1;
    if (signals > 1) process.exit(1);
    void worker.stop().then(() => process.exit(0));
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}

main().catch((error: unknown) => {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(BAD_CONFIGURATION);
});
