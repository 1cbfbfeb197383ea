import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { ConfigError } from '../src/errors';
import type { Manifest } from '../src/manifest';

const THREAD = join(__dirname, 'manifest-thread.js');

type Loaded = { readonly manifest: Manifest } | { readonly problems: readonly string[] };

/**
 * Loads a manifest in a thread of its own: 100,000 entries take seconds (measured: 3.5), in which jobs that run would lose
 * their locks, and answers of vendors would count as too late.
 * @throws ConfigError
 */
export async function loadApart(path: string): Promise<Manifest> {
  const loaded = await new Promise<Loaded>((resolve, reject) => {
    const thread = new Worker(THREAD, { workerData: path });
    thread.once('message', resolve);
    thread.once('error', reject);
  });
  if ('problems' in loaded) throw new ConfigError(loaded.problems);
  return loaded.manifest;
}
