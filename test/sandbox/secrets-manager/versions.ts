import { exists, limitExceeded } from './errors';
import { CURRENT, type Labels, labelNewVersion } from './labels';
import { type Secret, type SecretValue, sameValue, type Version } from './secret';

/** "Secrets Manager keeps 100 of the most recent versions, but it keeps all secret versions created in the last 24 hours" (PutSecretValue). */
const MAX_VERSIONS = 100;
const KEPT_FOR_MS = 24 * 3600_000;

export interface NewVersion {
  readonly id: string;
  readonly value: SecretValue;
  readonly stages?: readonly string[] | undefined;
}

/**
 * Whether the secret has this version already with this value: then the call succeeds and does nothing (API reference). With
 * another value it fails, whatever labels the version has.
 */
export function isRepeat(secret: Secret, { id, value }: NewVersion): boolean {
  const version = secret.versions.get(id);
  if (version === undefined) return false;
  if (sameValue(version.value, value)) return true;
  throw exists(`You can't modify version ${id} of the secret: it already exists with another value.`);
}

/** The versions and labels after the put. The first version of a secret gets AWSCURRENT whatever labels were asked for. */
export function addVersion(secret: Secret, added: NewVersion, now: number): Pick<Secret, 'versions' | 'labels'> {
  const asked = added.stages ?? [CURRENT];
  const stages = secret.versions.size === 0 ? [CURRENT, ...asked] : asked;
  const labels = labelNewVersion(secret.labels, stages, added.id);
  const version = { id: added.id, value: added.value, createdAt: now };
  return { labels, versions: new Map([...withRoom(secret, labels, now), [added.id, version]]) };
}

/**
 * The versions without the oldest ones that AWS would have removed by now: unlabelled, older than a day, beyond 100. Labels are those
 * after the put: a version that it leaves without label may go at once.
 */
function withRoom(secret: Secret, labels: Labels, now: number): ReadonlyMap<string, Version> {
  if (secret.versions.size < MAX_VERSIONS) return secret.versions;
  const kept = new Map(secret.versions);
  const labelled = new Set(labels.values());
  for (const { id, createdAt } of secret.versions.values()) {
    if (kept.size < MAX_VERSIONS) break;
    if (!labelled.has(id) && now - createdAt > KEPT_FOR_MS) kept.delete(id);
  }
  if (kept.size < MAX_VERSIONS) return kept;
  throw limitExceeded(`The secret already has ${kept.size} versions that are labelled or younger than 24 hours.`);
}
