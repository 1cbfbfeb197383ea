import { ConfigError, SecretStoreError } from '../src/errors';
import type { FleetWatch } from '../src/fleet-watch';
import { lostProblem, lostTooMany } from '../src/lost-entries';
import type { Manifest } from '../src/manifest';
import type { Observation } from '../src/secret-store';
import type { Log } from '../src/types';

export interface CheckDeps {
  readonly manifestPath: string;
  readonly fleet: () => AsyncIterable<Observation>;
  readonly watch: FleetWatch;
}

/**
 * Holds a manifest against the store, before it is followed.
 * @throws ConfigError it has lost too many of its entries
 * @throws SecretStoreError Secrets Manager could not be listed
 */
export async function checkManifest({ manifestPath, fleet, watch }: CheckDeps, manifest: Manifest): Promise<void> {
  const seen: Observation[] = [];
  for await (const observation of fleet()) seen.push(observation);
  const lost = await watch.look(seen, manifest);
  const { lostShare } = manifest.limits;
  if (lostTooMany(lost, lostShare)) throw new ConfigError([`${manifestPath}: ${lostProblem(lost, lostShare)}`]);
}

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/**
 * The same at start: nothing runs before it was done, so that it is tried until Secrets Manager answers.
 * @param stopped the process stops: no further try
 * @throws ConfigError
 */
export async function checkUntilAnswered(
  check: () => Promise<void>,
  { log, sleep, stopped }: { log: Log; sleep: (ms: number) => Promise<void>; stopped: () => boolean },
): Promise<void> {
  for (let pause = FIRST_PAUSE_MS; !stopped(); pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      return await check();
    } catch (error) {
      if (!(error instanceof SecretStoreError)) throw error;
      const message = 'the secrets cannot be listed: nothing is begun until they can';
      if (error.retryable) log.warn({ ...error.fields, pauseMs: pause }, message);
      else log.alarm('secret-store-refused', { ...error.fields, pauseMs: pause }, message);
    }
    await sleep(pause);
  }
}
