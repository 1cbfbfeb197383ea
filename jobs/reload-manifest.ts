import { ConfigError, SecretStoreError } from '../src/errors';
import type { Manifest } from '../src/manifest';
import type { Log } from '../src/types';

export interface ReloadDeps {
  /** @throws ConfigError */
  readonly load: () => Promise<Manifest>;
  /** Holds it against the store. @throws ConfigError, SecretStoreError */
  readonly check: (manifest: Manifest) => Promise<void>;
  /** Puts it in force. */
  readonly follow: (manifest: Manifest) => Promise<void>;
  readonly stopped: () => boolean;
  readonly log: Log;
}

/** Reads the manifest anew. One that is refused changes nothing: the one before stays in force. */
export async function reloadManifest({ load, check, follow, stopped, log }: ReloadDeps): Promise<void> {
  if (stopped()) return;
  log.info({}, 'the manifest is read anew');
  try {
    const manifest = await load();
    await check(manifest);
    if (stopped()) return;
    await follow(manifest);
    const { credentials, accounts } = manifest;
    log.info({ credentials: credentials.length, accounts: accounts.size }, 'the new manifest is in force');
  } catch (error) {
    log.alarm('manifest-refused', { problems: problemsOf(error) }, 'refused: the manifest before stays in force');
  }
}

function problemsOf(error: unknown): readonly string[] {
  if (error instanceof ConfigError) return error.problems;
  if (error instanceof SecretStoreError) return [`the secrets cannot be listed (${error.message}): reload again later`];
  throw error;
}
