import type { AttemptRecord } from './attempt-record';
import type { RotationTags, Tags } from './rotation-tags';
import type { Credential, Instant, StoredValue } from './types';
import type { VersionId } from './version-ids';

/** What one DescribeSecret, or one entry of a ListSecrets page, tells of a credential's secret. */
export interface Observation {
  readonly secretName: string;
  readonly current: VersionId | undefined;
  readonly pending: VersionId | undefined;
  readonly previous: VersionId | undefined;
  /** Id of the version that holds ROTATION_GIVEN_UP. */
  readonly givenUp: string | undefined;
  /** Ids of all versions with any label. */
  readonly labelled: readonly string[];
  readonly tags: RotationTags;
  /** AWS's own rotation is switched on: not ours to touch. */
  readonly awsRotation: boolean;
  readonly scheduledForDeletion: boolean;
  /** Grows on every write, tags included. */
  readonly lastChangedAt: Instant;
  /** Midnight UTC of the day on which any version was last read, by whomever; undefined: never. */
  readonly lastAccessedOn: Instant | undefined;
  /** Monotonic ms, taken before the call was sent. */
  readonly seenAt: number;
}

export type Content = AttemptRecord | { readonly is: 'value'; readonly value: StoredValue };

export interface HistoricVersion {
  readonly version: VersionId;
  /** 0 where AWS does not say. */
  readonly createdAt: Instant;
}

export type LabelMove = { readonly from: string | undefined; readonly to: string };

/** A credential, or what is known of one that has no entry any more. */
type SecretOf = Pick<Credential, 'secretName'>;

/**
 * One secret of Secrets Manager as the algorithm sees it. Every method throws SecretStoreError where AWS refuses or
 * fails. What moves a label, and the puts of an intent and of a value, are sent once: whether one was left without an
 * answer must be known. The others are repeated, since that is harmless.
 */
export interface SecretStore {
  /** One DescribeSecret; undefined when the secret does not exist. */
  observe(credential: Credential): Promise<Observation | undefined>;
  /** Creates the secret without a value, with the entry's KMS key, description and tags and `rotation:credential`. @returns false when it exists */
  create(credential: Credential): Promise<boolean>;
  /** @returns false when a version with that id and another content exists */
  putIntent(credential: Credential, id: string, intent: AttemptRecord & { is: 'intent' }): Promise<boolean>;
  putValue(credential: Credential, id: string, value: StoredValue): Promise<boolean>;
  putTombstone(credential: Credential, id: string, tombstone: AttemptRecord & { is: 'tombstone' }): Promise<boolean>;
  /** Creates the n-th try of that version; false when another worker holds it. */
  takeTry(credential: Credential, version: string, n: number): Promise<boolean>;
  /** Nothing of this try reached the vendor: this process may take it again. */
  putTryBack(version: string, n: number): void;
  /** The content of a version; undefined when there is none with that id. */
  read(credential: Credential, id: string): Promise<Content | undefined>;
  /** Moves AWSCURRENT by compare-and-swap. @returns false when AWS refused the move: read the labels */
  promote(credential: Credential, move: LabelMove): Promise<boolean>;
  /** Moves AWSPENDING by compare-and-swap; @returns as promote */
  movePending(credential: Credential, move: LabelMove): Promise<boolean>;
  moveGivenUp(credential: Credential, move: LabelMove): Promise<boolean>;
  /** Every version there still is, oldest first, those without labels too. */
  history(credential: Credential): Promise<readonly HistoricVersion[]>;
  tag(secret: SecretOf, tags: Tags): Promise<void>;
  untag(secret: SecretOf, keys: readonly string[]): Promise<void>;
  /** Deletes the secret, with 30 days in which `restore` brings all of it back. One that is scheduled or gone stays so. */
  scheduleDeletion(credential: Credential): Promise<void>;
  restore(credential: Credential): Promise<void>;
}
