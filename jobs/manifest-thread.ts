import { parentPort, workerData } from 'node:worker_threads';
import { ConfigError } from '../src/errors';
import { loadManifest } from '../src/manifest';

// The thread of load-apart.ts.
loadManifest(String(workerData), process.env).then(
  (manifest) => parentPort?.postMessage({ manifest }),
  (error: unknown) => {
    if (!(error instanceof ConfigError)) throw error;
    parentPort?.postMessage({ problems: error.problems });
  },
);
