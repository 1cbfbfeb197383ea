import { parseRecord, type Tombstone } from '../../src/attempt-record';
import { type Decision, ownerLimitMs } from '../../src/decision';
import type { Manifest } from '../../src/manifest';
import { stateOf } from '../../src/policy';
import type { Observation } from '../../src/secret-store';
import { observation } from '../../src/secrets-manager/labels';
import { type Credential, KINDS } from '../../src/types';
import { AwsError } from '../sandbox/secrets-manager/errors';
import type { Store } from '../sandbox/secrets-manager/store';
import { TRAITS } from '../support/traits';

/** One credential: what its labels say, and what the product's own policy makes of that. */
export interface Row {
  readonly credential: Credential;
  readonly seen: Observation | undefined;
  readonly decision: Decision;
}

/** Looks at every credential through the door beside the wire, so that only the worker's calls are counted. */
export function fleetOf(store: Store, manifest: Manifest): () => readonly Row[] {
  const credentials = [...manifest.credentials].sort((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind));
  return () =>
    credentials.map((credential) => {
      const seen = observe(store, credential.secretName);
      const decision = stateOf({
        credential,
        seen,
        traits: TRAITS[credential.kind],
        now: store.now(),
        ownerLimitMs: ownerLimitMs(manifest.accounts.get(credential.account)?.timeoutMs ?? 0),
        lastAttempt: lastAttempt(store, seen),
      });
      return { credential, seen, decision };
    });
}

function observe(store: Store, SecretId: string): Observation | undefined {
  try {
    const described = store.DescribeSecret({ SecretId });
    return observation({ ...described, Name: SecretId }, described.VersionIdsToStages ?? {}, performance.now());
  } catch (error) {
    if (error instanceof AwsError && error.type === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}

/** The tombstone that AWSPENDING is on: why the last attempt was given up. */
function lastAttempt(store: Store, seen: Observation | undefined): Tombstone | undefined {
  if (seen?.pending === undefined || seen.pending.id !== seen.givenUp) return undefined;
  const { SecretString = '' } = store.GetSecretValue({ SecretId: seen.secretName, VersionId: seen.pending.id });
  const record = parseRecord(SecretString);
  return record?.is === 'tombstone' ? record : undefined;
}
